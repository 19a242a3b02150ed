"""What each format can be told. No heavy import, so that `--help` can list it."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..contract.pixels import InputForm


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatOptions:
    """What one format can be told; its defaults are what is written if nobody says anything."""

    def recorded(self) -> dict[str, Any]:
        """Return what the lock says of them: JSON values of those that are not the default."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value != getattr(type(self)(), name)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TfliteOptions(FormatOptions):
    """Of a .tflite.

    Attributes:
        allow_flex: also allow operators that need the Flex delegate, which few runtimes have.
    """

    allow_flex: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxOptions(FormatOptions):
    """Of an .onnx file.

    Attributes:
        opset: of ONNX' own operators.
    """

    #: From opset 18 on ReduceMean takes its axes as an input, and tf2onnx 1.17's optimizer then leaves the Transpose
    #: before the last pooling: MobileNetV3Large has 2 Transposes at opset 18 and 1 at 17.
    opset: int = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenGraphOptions(FormatOptions):
    """Of a .pb.

    Attributes:
        like: an old graph, whose names, data types and shapes the new one has.
        like_labels: the old graph's labels, a line each, in the order that the new one answers in.
        aliases: old label to the label of the model that means the same.
        family: "inception": bytes in; "mobilenet": pixels in -1..1 in; None: both, pixels as the contract says.
        input_name, output_name: names of its tensors in the place of the family's.
    """

    like: Path | None = None
    like_labels: Path | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    family: str | None = None
    input_name: str | None = None
    output_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TfjsOptions(FormatOptions):
    """Of a TF.js model.

    Attributes:
        quantize_weights: "float16" or "uint8": how weights are stored; None: float32.
    """

    quantize_weights: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How `modelport convert` writes.

    Attributes:
        form: in which the artifacts take their images. A layout counts for ONNX alone.
        tflite, onnx, frozen_graph, tfjs: of one format each.
    """

    form: InputForm = field(default_factory=InputForm)
    tflite: TfliteOptions = field(default_factory=TfliteOptions)
    onnx: OnnxOptions = field(default_factory=OnnxOptions)
    frozen_graph: FrozenGraphOptions = field(default_factory=FrozenGraphOptions)
    tfjs: TfjsOptions = field(default_factory=TfjsOptions)

    def of(self, format: str) -> FormatOptions:
        """Return the options of one format; of one that can be told nothing, empty ones."""
        options: FormatOptions = getattr(self, format, FormatOptions())
        return options

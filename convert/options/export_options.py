"""What each format can be told. No heavy import, so that `--help` can list it."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ...contract.errors import InputError, UsageError
from ...contract.files.hashing import sha256_of_file
from ...contract.image.pixels import InputForm
from ...contract.labels.labels_file import read_labels
from ...contract.model_contract.tflite_release import release_key
from .graph_families import FAMILIES


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatOptions:
    """What one format can be told; its defaults are what is written if nobody says anything."""

    @property
    def recipe(self) -> str:
        """The recipe of what is written: one of contract.run.artifacts.RECIPES."""
        return "float32"

    def recorded(self) -> dict[str, Any]:
        """Return what the lock says of them: JSON values of those that are not the default."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value != getattr(type(self)(), name)}

    def form_of(self, form: InputForm) -> InputForm:
        """Return the form in which this format's artifact takes images, where `form` is what was asked for."""
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class TfliteOptions(FormatOptions):
    """Of a .tflite.

    Attributes:
        allow_flex: also allow operators that need the Flex delegate, which few runtimes have.
        description, author, license: what the file's metadata says of the model; None: the description says what it
            takes and answers, and nobody is named.
        min_tflite: the oldest TensorFlow Lite that must run the file; None: as the contract says.
    """

    allow_flex: bool = False
    description: str | None = None
    author: str | None = None
    license: str | None = None
    min_tflite: str | None = None

    def __post_init__(self) -> None:
        if self.min_tflite is not None:
            release_key(self.min_tflite)
        for name in ("description", "author", "license"):
            if any("\ud800" <= letter <= "\udfff" for letter in getattr(self, name) or ""):  # bytes of another encoding
                received = ascii(getattr(self, name))
                raise UsageError("text is not UTF-8", where=f"--{name}", received=received, fix="write it in UTF-8")


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
        family: one of FAMILIES, where there is no old graph; None: as "inception", at the names of the contract.
        input_name, output_name: names of its tensors in the place of the family's; of the old graph's, which are meant.
    """

    like: Path | None = None
    like_labels: Path | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    family: str | None = None
    input_name: str | None = None
    output_name: str | None = None

    def __post_init__(self) -> None:
        if self.family is not None and self.family not in FAMILIES:
            raise UsageError("no such family", where="--family", expected=", ".join(FAMILIES), received=self.family)
        if self.like and self.family:
            fix = "drop --family: the old graph says what it takes"
            raise UsageError("--like and --family exclude each other", fix=fix)
        if self.like and not self.like_labels:
            fix = "add --like-labels OLD.txt, the labels file that the old client reads"
            raise UsageError("--like needs --like-labels: a graph does not say the order of its labels", fix=fix)
        if self.aliases and not self.like_labels:
            raise UsageError("--alias needs --like-labels", fix="drop --alias, or add --like-labels OLD.txt")
        if self.input_name is not None and not (self.like or self.family):
            fix = f"add --family {' or --family '.join(FAMILIES)}"
            raise UsageError("--input-name does not say whether files or pixels are fed", fix=fix)

    def form_of(self, form: InputForm) -> InputForm:
        """Return the form in the family's value range, if nobody asked for another."""
        wanted = FAMILIES[self.family].value_range if self.family else None
        if wanted is None or form.value_range is not None or form.preprocessing != "none":
            return form
        return replace(form, value_range=wanted)

    def recorded(self) -> dict[str, Any]:
        """Return what decides about the bytes: of the old files their content, not their places.

        Raises:
            InputError: an old file cannot be read.
        """
        found: dict[str, Any] = {"aliases": dict(sorted(self.aliases.items()))} if self.aliases else {}
        if self.like is not None:
            if not self.like.is_file():
                what = "old graph is no file" if self.like.exists() else "old graph does not exist"
                raise InputError(what, where=self.like, expected="a frozen graph, .pb")
            found["like_sha256"] = sha256_of_file(self.like)
        if self.like_labels is not None:
            found["like_labels"] = list(read_labels(self.like_labels))
        given = {name: getattr(self, name) for name in ("family", "input_name", "output_name")}
        return found | {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class TfjsOptions(FormatOptions):
    """Of a TF.js model.

    Attributes:
        quantize_weights: "float16" or "uint8": how weights are stored; None: float32.
    """

    quantize_weights: str | None = None

    def __post_init__(self) -> None:
        if self.quantize_weights not in (None, "float16", "uint8"):
            raise UsageError(
                "weights cannot be stored so",
                where="--quantize-weights",
                expected="float16 or uint8",
                received=self.quantize_weights,
            )

    @property
    def recipe(self) -> str:
        """Weights alone are quantized; everything is computed in float32."""
        return {"float16": "float16", "uint8": "weight_int8"}.get(self.quantize_weights or "", "float32")


@dataclass(frozen=True, slots=True, kw_only=True)
class H5Options(FormatOptions):
    """Of an .h5 file."""

    def form_of(self, form: InputForm) -> InputForm:
        """Return the form; raises UsageError for images of any size, which Keras 2 has no layer for."""
        if form.preprocessing != "none":
            fix = "drop --preprocessing in-graph, or h5 from --to"
            raise UsageError("an .h5 file takes pixels of one size", received="--preprocessing in-graph", fix=fix)
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How `modelport convert` writes.

    Attributes:
        form: in which the artifacts take their images. A layout counts for ONNX alone.
        tflite, onnx, frozen_graph, tfjs, h5: of one format each.
    """

    form: InputForm = field(default_factory=InputForm)
    tflite: TfliteOptions = field(default_factory=TfliteOptions)
    onnx: OnnxOptions = field(default_factory=OnnxOptions)
    frozen_graph: FrozenGraphOptions = field(default_factory=FrozenGraphOptions)
    tfjs: TfjsOptions = field(default_factory=TfjsOptions)
    h5: H5Options = field(default_factory=H5Options)

    def of(self, format: str) -> FormatOptions:
        """Return the options of one format; of one that can be told nothing, empty ones."""
        options: FormatOptions = getattr(self, format, FormatOptions())
        return options

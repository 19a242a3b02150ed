"""What `modelport inspect` says about one model, in a form that travels as JSON."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .description import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedTensor:
    """One input or output.

    Attributes:
        name: in the file; of a signature where the format has signatures.
        dtype: such as "float32"; "bytes" for a tensor of strings.
        shape: a dimension of any size is None; () is a scalar, None a shape that the file does not say.
        scale, zero_point: value = scale * (stored - zero_point), of the first channel; None: not quantized.
        channels: number of scales; 1 is per-tensor, 0 not quantized.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None
    scale: float | None = None
    zero_point: int | None = None
    channels: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that will go wrong.

    Attributes:
        where: where it bites: a product ("Flutter app", "Python backend", "web page"), "CI", or a command of modelport.
        sentence: in plain language, without a full stop.
    """

    where: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateShare:
    """What the CPU delegate (XNNPACK) takes of a .tflite file.

    Attributes:
        source: the runtime that was asked, such as "ai-edge-litert 2.3.0", or the table that the answer was read from.
        taken, total: number of operators.
        partitions: pieces that the delegate runs; None where only a table was asked.
        outside: operator to how many of them stay outside.
    """

    source: str
    taken: int
    total: int
    partitions: int | None
    outside: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One model or weights file.

    Attributes:
        path: as it was asked for.
        format: one of detect_format.KINDS.
        variant: the format with its version, such as "ONNX opset 13, IR 8".
        size_bytes: of the file, or of all files of the folder.
        parameters: number of weights; None where the file does not say.
        inputs, outputs: what the model takes and answers.
        operators: kinds of operators (layers, for Keras), sorted by name; version 0: the format has none.
        operator_kinds: "int8", "int16", "hybrid" (float values, int8 weights), "float", "conversion", "other": count.
        weight_bytes: dtype to bytes of constant tensors.
        custom_operators, flex_operators: what stock runtimes do not run.
        code_operators: what runs foreign code or touches files when the model is run or loaded.
        min_tflite: oldest TensorFlow Lite that serves the file; None for other formats, or where unknown.
        min_tflite_because: the operators that ask for it.
        understated_operators: TFLite operators that state an older version than their content needs.
        unknown_operators: TFLite operators whose version is in no table.
        delegate: the CPU delegate's share; None for other formats.
        runs: what the runtime of the base install said when it opened and ran the file; None: it was not asked.
        metadata: what the file says of itself, as text.
        labels: in output order; empty: none inside.
        contract: modelport's contract, as it is embedded or lies beside; None: there is none.
        contract_from: where it was found.
        missing: parts of a contract that nothing says.
        problems: what will go wrong, most important first.
    """

    path: str
    format: str
    variant: str
    size_bytes: int
    parameters: int | None = None
    inputs: tuple[InspectedTensor, ...] = ()
    outputs: tuple[InspectedTensor, ...] = ()
    operators: tuple[Operator, ...] = ()
    operator_kinds: dict[str, int] = field(default_factory=dict)
    weight_bytes: dict[str, int] = field(default_factory=dict)
    custom_operators: tuple[str, ...] = ()
    flex_operators: tuple[str, ...] = ()
    code_operators: tuple[str, ...] = ()
    min_tflite: str | None = None
    min_tflite_because: tuple[str, ...] = ()
    understated_operators: tuple[str, ...] = ()
    unknown_operators: tuple[str, ...] = ()
    delegate: DelegateShare | None = None
    runs: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    contract: dict[str, Any] | None = None
    contract_from: str | None = None
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def with_problems(self, *problems: Problem) -> "Inspection":
        """Return the inspection with these problems added at the end."""
        return replace(self, problems=(*self.problems, *problems))

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values; its keys are the attributes."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Inspection":
        """Read what `to_json` wrote."""
        texts = [name for name, kind in cls.__annotations__.items() if kind == tuple[str, ...]]
        problems = tuple(Problem(where=tuple(item["where"]), sentence=item["sentence"]) for item in value["problems"])
        return cls(
            **value
            | {key: tuple(_tensor(item) for item in value[key]) for key in ("inputs", "outputs")}
            | {key: tuple(value[key]) for key in texts}
            | {
                "operators": tuple(Operator(**item) for item in value["operators"]),
                "delegate": DelegateShare(**value["delegate"]) if value["delegate"] else None,
                "problems": problems,
            }
        )


def _tensor(item: dict[str, Any]) -> InspectedTensor:
    shape = None if item["shape"] is None else tuple(item["shape"])
    return InspectedTensor(**item | {"shape": shape})

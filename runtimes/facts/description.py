"""What a runtime says about an artifact once it has opened it."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorInfo:
    """One input or output. A dimension of any size is None."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One kind of operator in the file, and how often it occurs. Version 0: the format has none."""

    name: str
    version: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One artifact as its runtime sees it.

    Attributes:
        runtime: name and version, such as "ai-edge-litert 2.3.0".
        inputs, outputs: of the door that takes pixels.
        doors: "pixels", and "encoded" where file bytes are taken as well.
        operators: kinds of operators, sorted by name.
        tensor_dtypes: dtype to number of tensors, activations and weights alike.
        stored_bytes: dtype to bytes of the values that the file stores: its weights.
        float_operators: in a TFLite file that computes in int8: name to number of the operators that compute in float.
        custom_operators: names of operators that no stock runtime has.
        flex_operators: names of TensorFlow operators that need the Flex delegate.
        min_tflite: the oldest TensorFlow Lite that serves the file: the versions that its operators state, and those
            that their content needs; None for other formats.
        min_tflite_because: what asks for that release, such as "FULLY_CONNECTED version 12".
        understated_operators: TFLite operators that state an older version than their content needs, a sentence each.
            A runtime too old for them does not refuse the file, and answers wrong.
        unknown_operators: TFLite operators whose version is in no table; then `min_tflite` is a lower bound.
        delegate_partitions: in how many pieces the runtime's delegates compute a TFLite file; None: nothing tells.
        files_beside: names of files in which weights lie that this file does not hold.
        labels: of the first classification output, as the file itself has them; empty: none inside.
        promise: the contract inside, see ModelContract.promise; None: there is none.
        odd_zero_points: zero points in a TFLite file that the specification does not allow, a sentence each.
        input_quantization: scale, zero point and dtype of the 8 bits that the input of a TFLite file becomes.
    """

    runtime: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    doors: tuple[str, ...] = ("pixels",)
    operators: tuple[Operator, ...] = ()
    tensor_dtypes: dict[str, int] = field(default_factory=dict)
    stored_bytes: dict[str, int] = field(default_factory=dict)
    float_operators: dict[str, int] = field(default_factory=dict)
    custom_operators: tuple[str, ...] = ()
    flex_operators: tuple[str, ...] = ()
    min_tflite: str | None = None
    min_tflite_because: tuple[str, ...] = ()
    understated_operators: tuple[str, ...] = ()
    unknown_operators: tuple[str, ...] = ()
    delegate_partitions: int | None = None
    files_beside: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    promise: dict[str, Any] | None = None
    odd_zero_points: tuple[str, ...] = ()
    input_quantization: tuple[float, int, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Description":
        """Read what `to_json` wrote."""
        tensors = {
            key: tuple(TensorInfo(**item | {"shape": tuple(item["shape"])}) for item in value[key])
            for key in ("inputs", "outputs")
        }
        operators = tuple(Operator(**item) for item in value["operators"])
        texts = {name: tuple(value.get(name, ())) for name in _TEXTS}
        given = value.get("input_quantization")
        quantization = None if given is None else (float(given[0]), int(given[1]), str(given[2]))
        own = {"operators": operators, "input_quantization": quantization}
        return cls(**value | tensors | texts | own)


_TEXTS = (
    *("doors", "custom_operators", "flex_operators"),
    *("min_tflite_because", "understated_operators", "unknown_operators", "files_beside"),
    *("labels", "odd_zero_points"),
)


def shape_text(shape: tuple[int | None, ...] | None) -> str:
    """Return a shape for people.

    Example:
        >>> shape_text((None, 224, 224, 3)), shape_text(()), shape_text(None)
        ('(any, 224, 224, 3)', 'scalar', 'unknown shape')
    """
    if shape is None:
        return "unknown shape"
    return f"({', '.join('any' if size is None else str(size) for size in shape)})" if shape else "scalar"

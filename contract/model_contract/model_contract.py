"""contract.json: what a model promises, and which run it comes from."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files.atomic_write import write_json
from ..files.field_types import check_field_types
from ..files.json_file import read_json
from ..image.drawing import Drawing
from ..image.pixels import PixelContract
from ..labels.heads import ClassificationHead, Head, head_from_json, head_to_json
from .tflite_release import DEFAULT_MIN_TFLITE, release_key

CONTRACT_VERSION = 1

#: Names in trained_model_graph.pb, as the retrain scripts of TensorFlow 1 had them; backends feed and read these.
FROZEN_GRAPH_NAMES = {"encoded": "DecodeJpeg/contents:0", "pixels": "input:0", "output": "final_result:0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a model comes from.

    Attributes:
        run_id: one training run (or adoption); every file of the run folder carries it.
        model_sha256: of model.keras.
        dataset: the data set's folder as it was given to training; None if it is not known.
        created: UTC, ISO 8601.
        tools: package name to version.
    """

    run_id: str
    model_sha256: str
    dataset: str | None = None
    created: str = ""
    tools: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_field_types(self, "contract, provenance", run_id=str, model_sha256=str, created=str, tools=dict)
        if self.dataset is not None:
            check_field_types(self, "contract, provenance", dataset=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelContract:
    """What a model promises.

    Attributes:
        pixels: what goes in.
        heads: what comes out, in output order.
        parameters: number of weights, trainable and not; the unit of the size budgets.
        tensor_names: role to name in the frozen graph: "encoded", "pixels", "output". A graph that takes no files, as
            one made for an old client of pixels, has no "encoded".
        min_tflite: the oldest TensorFlow Lite that must run the .tflite files, "major.minor.patch".
        provenance: the run; not part of what is embedded in artifacts, which hold no date, path or hash.
        drawing: how a drawing on a canvas becomes an image for the model; None: a model of photos.
    """

    pixels: PixelContract
    heads: tuple[Head, ...]
    parameters: int
    provenance: Provenance
    tensor_names: dict[str, str] = field(default_factory=lambda: dict(FROZEN_GRAPH_NAMES))
    min_tflite: str = DEFAULT_MIN_TFLITE
    drawing: Drawing | None = None

    def __post_init__(self) -> None:
        check_field_types(self, "contract", parameters=int, tensor_names=dict, min_tflite=str)
        roles = {role for role, name in self.tensor_names.items() if isinstance(name, str)}
        if roles | {"encoded"} != set(FROZEN_GRAPH_NAMES) or roles != set(self.tensor_names):
            expected = f"a name for each of {', '.join(FROZEN_GRAPH_NAMES)}"
            raise InputError("contract: tensor names differ", expected=expected, received=self.tensor_names)
        names = [head.name for head in self.heads]
        if not names or len(set(names)) < len(names):
            raise InputError("contract: heads need names of their own", received=names)
        release_key(self.min_tflite)

    @property
    def first_classification(self) -> ClassificationHead:
        """The head whose labels are in training_set_labels.txt; raises InputError if every head is a regression."""
        for head in self.heads:
            if isinstance(head, ClassificationHead):
                return head
        raise InputError("the model has no classification head", received=[head.name for head in self.heads])

    def promise(self) -> dict[str, Any]:
        """Return the part that goes into artifacts: the same for the same model, whoever exports it and when."""
        drawing = {} if self.drawing is None else {"drawing": self.drawing.to_json()}
        return {
            "modelport_contract": CONTRACT_VERSION,
            "input": self.pixels.to_json(),
            "heads": [head_to_json(head) for head in self.heads],
            "parameters": self.parameters,
            "tensor_names": self.tensor_names,
            "min_tflite": self.min_tflite,
            **drawing,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the content of contract.json."""
        return self.promise() | {"provenance": asdict(self.provenance)}

    @classmethod
    def from_json(cls, value: dict[str, Any], where: object = "contract") -> "ModelContract":
        """Read what `to_json` wrote; raises InputError on a version or keys that are not understood."""
        if not isinstance(value, dict) or value.get("modelport_contract") != CONTRACT_VERSION:
            raise InputError("not a contract of this version", where=where, expected=CONTRACT_VERSION)
        try:
            return cls(
                pixels=PixelContract.from_json(value["input"]),
                heads=tuple(head_from_json(head) for head in value["heads"]),
                parameters=value["parameters"],
                tensor_names=value["tensor_names"],
                min_tflite=value["min_tflite"],
                provenance=Provenance(**value["provenance"]),
                drawing=Drawing.from_json(value["drawing"]) if "drawing" in value else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("contract is incomplete", where=where, received=repr(error)) from error


def write_contract(path: str | Path, contract: ModelContract) -> None:
    """Write contract.json atomically."""
    write_json(path, contract.to_json())


def read_contract(path: str | Path) -> ModelContract:
    """Read contract.json.

    Raises:
        InputError: missing, not JSON, of another version, or incomplete.
    """
    return ModelContract.from_json(read_json(path), where=path)

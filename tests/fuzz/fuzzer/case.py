"""One case: files made from a seed by a few mutations, again and again the same."""

from dataclasses import dataclass, field

from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance

LABELS = ("blue", "green", "red")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A sound file that cases are made from.

    Attributes:
        name: for people.
        files: relative path to bytes; the first is the one that is opened.
        contract: what a model promises; of an image, what takes it.
    """

    name: str
    files: dict[str, bytes]
    contract: ModelContract


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file that may be broken.

    Attributes:
        id: "format:seed:number", from which it can be made again.
        seed: what it was made from.
        files: relative path to bytes; the first is the one that is opened.
        contract: as of the seed.
        done: the mutations, for people.
    """

    id: str
    seed: str
    files: dict[str, bytes]
    contract: ModelContract
    done: list[str] = field(default_factory=list)


def promise(size: int = 8, labels: tuple[str, ...] = LABELS, names: dict[str, str] | None = None) -> ModelContract:
    """Return the contract of a tiny model: `size` x `size` RGB in, a probability for each label out."""
    return ModelContract(
        pixels=PixelContract(height=size, width=size),
        heads=(ClassificationHead(name="label", labels=labels),),
        parameters=100,
        tensor_names=names or {"pixels": "input:0", "output": "final_result:0"},
        provenance=Provenance(run_id="fuzz", model_sha256="0" * 64),
    )

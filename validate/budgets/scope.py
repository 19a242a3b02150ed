"""What a budget can be held against: most against any artifact, some against one format or some recipes. Numpy-free."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...contract.errors import UsageError
from ...contract.run.lock import Artifact
from .head_budgets import split_key


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """Artifacts that a key is about.

    Attributes:
        words: for sentences.
        formats: of which it must be one; empty: any.
        recipes: likewise.
        without: a recipe that it must not have.

    """

    words: str
    formats: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    without: str = ""

    def holds(self, format: str, recipe: str) -> bool:
        """Whether an artifact of this format and recipe is one of them; what is "" could be any."""
        return (
            (not format or not self.formats or format in self.formats)
            and (not recipe or not self.recipes or recipe in self.recipes)
            and (not recipe or recipe != self.without)
        )


#: Recipes after which every operator is meant to compute in integers.
IN_INTEGERS = ("full_int8", "mixed_int8", "qat_int8")

_TFLITE = _Scope(words="TFLite files", formats=("tflite",))

#: Key to its scope; a key that is not here is about every artifact.
_NARROW = {
    "min_tflite": _TFLITE,
    "max_delegate_partitions": _TFLITE,
    "max_float_operators": _Scope(
        words=f"TFLite files of the recipes {', '.join(IN_INTEGERS)}", formats=("tflite",), recipes=IN_INTEGERS
    ),
    "max_latency_ratio": _Scope(words="artifacts of other recipes than float32, which is its 1", without="float32"),
}


def concerns(key: str, artifact: Artifact) -> bool:
    """Whether a key can be held against this artifact."""
    return _could_concern(key, artifact.format, artifact.recipe)


def scope_words(key: str) -> str:
    """Return what a key is about."""
    limited = split_key(key)[1]
    return _NARROW[limited].words if limited in _NARROW else "every artifact"


def check_scope(keys: Iterable[str], where: str, *, format: str = "", recipe: str = "") -> None:
    """Raise UsageError for a key that no artifact of this format and recipe can be held against; "" could be any."""
    for key in keys:
        if not _could_concern(key, format, recipe):
            raise UsageError(
                f"{split_key(key)[1]} cannot be held against what its section names",
                where=f"{where} {key}",
                expected=f"a section of {scope_words(key)}",
                received=" ".join(filter(None, (format, recipe))),
                fix="move it to a section that it is about, or drop it",
            )


def _could_concern(key: str, format: str, recipe: str) -> bool:
    limited = split_key(key)[1]
    return limited not in _NARROW or _NARROW[limited].holds(format, recipe)

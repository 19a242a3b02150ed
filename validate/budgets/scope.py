"""What a budget can be held against: most against any artifact, some against one format or some recipes. Numpy-free."""

from collections.abc import Iterable

from ...contract.errors import UsageError
from ...contract.run.artifacts import Artifact
from .head_budgets import split_key
from .keys import BUDGET_KEYS


def concerns(key: str, artifact: Artifact) -> bool:
    """Whether a key can be held against this artifact."""
    return _could_concern(key, artifact.format, artifact.recipe)


def scope_words(key: str) -> str:
    """Return what a key is about."""
    return BUDGET_KEYS[split_key(key)[1]].scope.words


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
    return BUDGET_KEYS[split_key(key)[1]].scope.holds(format, recipe)

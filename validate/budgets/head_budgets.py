"""Budgets of one head among several: `heads.gender.min_top1`. Numpy-free."""

from collections.abc import Iterable

from ...contract.errors import UsageError
from ...contract.labels.heads import Head
from ...contract.model_contract.model_contract import ModelContract
from .keys import CLASSIFICATION_KEYS, HEADS, REGRESSION_KEYS, check_known


def split_key(key: str) -> tuple[str | None, str]:
    """Return the head that a budget is about, None for all of them, and what it limits.

    Example:
        >>> split_key("heads.gender.min_top1"), split_key("min_top1")
        (('gender', 'min_top1'), (None, 'min_top1'))

    """
    if not key.startswith(HEADS):
        return None, key
    head, _, limited = key.removeprefix(HEADS).rpartition(".")
    return head, limited


def join_key(head: str, key: str) -> str:
    """Return what `split_key` takes apart."""
    return f"{HEADS}{head}.{key}"


def keys_of(head: Head) -> tuple[str, ...]:
    """Return the keys that can be judged on a head of its kind."""
    return CLASSIFICATION_KEYS if head.kind == "classification" else REGRESSION_KEYS


def check_heads(keys: Iterable[str], contract: ModelContract, where: str) -> None:
    """Raise UsageError for a budget of a head that the model does not have, or that is of the other kind."""
    heads = {head.name: head for head in contract.heads}
    for key in keys:
        name, limited = split_key(key)
        if name is None:
            continue
        check_known(name, tuple(heads), f"{where} {key}", "head")
        if limited not in keys_of(heads[name]):
            raise UsageError(
                f"{limited} is not about a {heads[name].kind}",
                where=f"{where} {key}",
                expected="one of " + ", ".join(keys_of(heads[name])),
            )


def is_superseded(key: str, keys: Iterable[str], contract: ModelContract) -> bool:
    """Whether a budget for all heads is left without any: each head that it could be about has one of its own."""
    if split_key(key)[0] is not None:
        return False
    about = [head.name for head in contract.heads if key in keys_of(head)]
    return bool(about) and {join_key(name, key) for name in about} <= set(keys)

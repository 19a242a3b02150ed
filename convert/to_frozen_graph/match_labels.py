"""Bring a model's labels into the order of an old labels file: alike up to case, and up to aliases that are stated."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from ...contract.errors import InputError, UsageError


def match_labels(
    old: Sequence[str], own: Sequence[str], aliases: Mapping[str, str] | None = None, *, where: object = None
) -> tuple[str, ...]:
    """Return the model's labels in the old order.

    Args:
        old: of the labels file that stays as it is.
        own: of the model.
        aliases: pairs of labels that mean the same, one of them the old file's, the other the model's.
        where: the labels file, for errors.

    Raises:
        InputError: a label that only one side has, or one that could be several of the other side. Both lists are shown
            side by side.
        UsageError: an alias of which neither side has anything.

    Example:
        >>> match_labels(["b", "DEL", "a"], ["A", "B", "delete"], {"del": "delete"})
        ('B', 'delete', 'A')
    """
    pairs = [(_folded(one), _folded(other)) for one, other in (aliases or {}).items()]
    _check_aliases(pairs, old, own)
    found = _candidates(old, own, pairs)
    chosen = {label: matches[0] for label, matches in found.items() if matches}
    taken = Counter(chosen.values())
    unclear = [label for label in chosen if len(found[label]) > 1 or taken[chosen[label]] > 1]
    if unclear:
        raise InputError(
            "labels cannot be told apart",
            where=where,
            expected="one label of the model for each old label",
            received="\n".join(f"{label!r} could be {' or '.join(map(repr, found[label]))}" for label in unclear),
            fix="rename the class, or drop the alias that joins two",
        )
    missing = [label for label in old if label not in chosen]
    extra = [label for label in own if label not in taken]
    if missing or extra:
        raise InputError(
            "the model's classes are not the old ones",
            where=where,
            expected=f"the same {len(old)} classes in any order, up to case and aliases",
            received=_side_by_side(old, own, chosen, extra),
            fix="train on these classes; or state that two labels mean the same: --alias OLD=NEW",
        )
    return tuple(chosen[label] for label in old)


def _folded(label: str) -> str:
    return unicodedata.normalize("NFC", label).casefold()


def _candidates(old: Sequence[str], own: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Return for each old label the model's that mean the same: one of the same spelling if there is one, else all."""
    exact, alike, joined = set(own), defaultdict[str, list[str]](list), defaultdict[str, set[str]](set)
    for label in own:
        alike[_folded(label)].append(label)
    for one, other in pairs:
        joined[one].add(other)
        joined[other].add(one)
    return {
        label: [label]
        if label in exact
        else [same for name in _meanings(label, joined) for same in alike.get(name, ())]
        for label in old
    }


def _meanings(label: str, joined: Mapping[str, set[str]]) -> list[str]:
    folded = _folded(label)
    return sorted({folded, *joined.get(folded, ())})


def _check_aliases(pairs: Sequence[tuple[str, str]], old: Sequence[str], own: Sequence[str]) -> None:
    olds, owns = set(map(_folded, old)), set(map(_folded, own))
    for one, other in pairs:
        if not (one in olds and other in owns) and not (other in olds and one in owns):
            raise UsageError(
                "alias joins nothing",
                where="--alias",
                expected="a label of the old file = a label of the model",
                received=f"{one}={other}",
                fix="correct its spelling, or drop it",
            )


def _side_by_side(old: Sequence[str], own: Sequence[str], chosen: Mapping[str, str], extra: Sequence[str]) -> str:
    """Return two columns in the old order: what is alike in one line, then what only one side has."""
    wide = max(map(len, [*old, "old labels"]))
    alike = [(label, chosen[label]) for label in old if label in chosen]
    alone = list(zip_longest((label for label in old if label not in chosen), extra, fillvalue=""))
    rows = [(label, own_label, "") for label, own_label in alike]
    rows += [(label, "", "the model has none") for label, _ in alone if label]
    rows += [("", label, "not among the old") for _, label in alone if label]
    second = max(map(len, [*own, "model's"]))
    lines = [f"{left:<{wide}}  {right:<{second}}  {note}".rstrip() for left, right, note in rows]
    return "\n".join([f"{'old labels':<{wide}}  model's", *lines])

"""Labels against others that are known: which are of another class, and which stand in another line."""

import unicodedata
from collections.abc import Sequence

from ....contract.errors import InputError


def check_classes(labels: Sequence[str], known: Sequence[str]) -> None:
    """Make sure that at least half of the labels are the contract's: up to case, and "delete" is "del".

    A labels file may have a word of its own here and there. One of which most words are no class of the model is
    another model's, and of its order nothing can be told.

    Raises:
        InputError: most are of other classes.
    """
    strange = [label for label in labels if not _lines_of(label, known)]
    if 2 * len(strange) > len(labels):
        raise InputError(
            "labels are other words than the model's contract says",
            expected=f"the words of {', '.join(known[:8])}, at least half of them",
            received=f"{len(strange)} of {len(labels)} are none of them: {', '.join(strange[:8])}",
            fix="put the labels file of this model beside it",
        )


def check_order(labels: Sequence[str], known: Sequence[str], *, what: str, owner: str, fix: str) -> None:
    """Make sure that no label stands in another line than it is known to.

    Args:
        labels: in output order.
        known: the labels to hold them against, in output order.
        what: of the error.
        owner: whose labels `known` are, for the error, such as "the contract".
        fix: of the error.

    Raises:
        InputError: one does.
    """
    moved = [
        f"line {line}: {label!r}, which {owner} has in line {lines[0]}"
        for line, label in enumerate(labels, 1)
        if (lines := _lines_of(label, known)) and line not in lines
    ]
    if moved:
        raise InputError(what, expected=", ".join(known[:8]), received="\n".join(moved[:3]), fix=fix)


def _lines_of(label: str, known: Sequence[str]) -> list[int]:
    """Return where a label is, from 1: that very one, else all that are alike."""
    same = [line for line, other in enumerate(known, 1) if other == label]
    return same or [line for line, other in enumerate(known, 1) if _meaning(other) == _meaning(label)]


def _meaning(label: str) -> str:
    folded = unicodedata.normalize("NFC", label).casefold()
    return "del" if folded == "delete" else folded

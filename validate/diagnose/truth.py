"""Why an artifact that is equal to its reference is wrong: the mistake was made before, and the reference shares it."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...contract.labels.label_suspicion import ORDERS, Suspect, suspect_order, suspected_labels
from ...contract.model_contract.model_contract import ModelContract
from ...contract.statistics.scores import confusion_matrix
from ..answers.bench import Answers
from ..answers.evidence import Evidence
from ..answers.image_stream import Rows
from .inputs import feed, input_mistakes, kinds_of
from .sample import Asked, choose_rows

Truth = NDArray[np.int64]

#: The runner-up must leave this many times more of the wrong answers; or, beside an exchange of two labels, which can
#: be the reason of few, make no more than half as many right.
_CLEARLY, _LESS = 1.5, 2

_SHARED = "the reference shares it: the run was made with it"


def diagnose_truth(asked: Asked) -> str:
    """Return the mistake that makes the answers to labelled images right; "" for none, or where too few are wrong."""
    head = asked.bench.contract.first_classification
    evidence = asked.bench.evidence.heads[head.name]
    rows = choose_rows(asked, for_labels=True)
    rows = rows[evidence.known[rows]]
    truth = evidence.truth[rows]
    if not rows.size or not set(np.unique(truth)) - {-1}:
        return ""
    tried = sorted(_tried(asked, head.name, rows, truth), key=lambda one: one.left)
    if not tried or not tried[0].is_enough(head.width, len(tried) + ORDERS):
        return ""
    best, *others = tried
    return f"{best}; {_SHARED}" if all(_is_behind(one, best) for one in others) else ""


def _is_behind(one: Suspect, best: Suspect) -> bool:
    if best.blamed < best.wrong and best.righted >= _LESS * one.righted:
        return True
    return one.left >= max(_CLEARLY * best.left, best.left + 2)


def label_notes(contract: ModelContract, evidence: Evidence) -> tuple[str, ...]:
    """Return a note where labelled images say that the labels of the run itself are wrong: parity cannot show it."""
    head = contract.first_classification
    own = evidence.heads[head.name]
    rows = np.flatnonzero(evidence.matched & own.known)
    if not rows.size:
        return ()
    said = suspected_labels(_counts(own.reference[rows], own.truth[rows]), head)
    return (f"In the run itself, {said}. Parity with it cannot show that.",) if said else ()


def _tried(asked: Asked, head_name: str, rows: Rows, truth: Truth) -> Iterator[Suspect]:
    """Yield each mistake that was tried. Another order of labels counts once."""
    head = asked.bench.contract.first_classification
    answers, n = asked.answers(rows), len(rows)
    asked.note_tried("labels")
    counts = _counts(answers[head_name], truth)
    order = suspect_order(counts, head, several_heads=len(asked.heads) > 1)
    if order is not None:
        yield order
    wrong = n - int(np.diag(counts).sum())
    if asked.door != "pixels":
        return
    asked.note_tried(*kinds_of(asked.pixels))
    for mistake in input_mistakes(asked.pixels):
        made: Answers = asked.fed(rows, partial(feed, mistake=mistake, taken=asked.pixels))
        if np.isfinite(made[head_name]).all():
            left = int((made[head_name].argmax(axis=1) != truth).sum())
            yield Suspect(words=mistake.words, wrong=wrong, left=left, blamed=wrong, n=n)


def _counts(answers: NDArray[np.float32], truth: Truth) -> NDArray[np.int64]:
    return confusion_matrix(answers.argmax(axis=1), truth, answers.shape[1])

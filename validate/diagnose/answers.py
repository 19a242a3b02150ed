"""The usual mistakes with answers: a softmax that is missing, or one too many. Undone in the answers."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ...contract.labels.heads import ClassificationHead
from ..answers.bench import Answers
from ..answers.image_stream import Rows
from .difference import Difference, difference
from .sample import Asked, Candidate

#: Smallest probability of which a logarithm is taken.
_LEAST = 1e-30


def answer_candidates(asked: Asked, rows: Rows, before: Difference) -> Iterator[Candidate]:
    """Yield the mistakes in the last step, of all classification heads at once."""
    heads = {head.name for head in asked.heads if isinstance(head, ClassificationHead)}
    if not heads:
        return
    asked.note_tried("softmax")
    answers, expected = asked.answers(rows), asked.expected(rows)
    for words, undo in _UNDONE.items():
        made: Answers = {name: undo(values) if name in heads else values for name, values in answers.items()}
        after = difference(made, expected, asked.heads)
        if after is not None:
            yield Candidate(words=words, before=before, after=after, proof="undone in the answers")


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return (n, width) probabilities."""
    powers = np.exp((logits - logits.max(axis=1, keepdims=True)).astype(np.float64))
    made: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return made


def _before_softmax(answers: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the probabilities that a softmax was taken of: logarithms, moved so that each row sums to one."""
    logits = np.log(np.maximum(answers.astype(np.float64), _LEAST))
    moved: NDArray[np.float32] = (logits + (1 - logits.sum(axis=1, keepdims=True)) / answers.shape[1]).astype(
        np.float32
    )
    return moved


_UNDONE: dict[str, Callable[[NDArray[np.floating]], NDArray[np.float32]]] = {
    "the softmax is missing: it answers logits": softmax,
    "the softmax is there twice: it is taken of probabilities": _before_softmax,
}

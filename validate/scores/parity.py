"""The numbers of one artifact on one head: how good it is, and how near to the reference. Nothing is judged here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.labels.heads import ClassificationHead, Head, RegressionHead
from ...contract.statistics import scores
from ...contract.statistics.intervals import paired_drop_interval, wilson_interval
from ...contract.statistics.mcnemar import mcnemar_p
from ...contract.statistics.student import paired_mean_interval
from ..answers.evidence import HeadEvidence
from .flips import confusion_changes_of, flips_of
from .head_scores import (
    Accuracy,
    ClassificationScores,
    ClassRecall,
    Drop,
    HeadScores,
    Parity,
    RegressionScores,
    Span,
)

Floats = NDArray[np.float32]


def score_head(
    head: Head, answered: Floats, evidence: HeadEvidence, matched: NDArray[np.bool_], names: tuple[str, ...]
) -> HeadScores:
    """Return the scores of one head.

    Args:
        head: says what the values are.
        answered: (n, width) by the artifact; a NaN or an infinity is counted, never repaired.
        evidence: of the same n images.
        matched: (n,) whether the reference holds the image.
        names: (n,) of the images.

    """
    unfit = tuple(names[row] for row in np.flatnonzero(~np.isfinite(answered).all(axis=1)))
    with np.errstate(invalid="ignore"):  # infinity minus infinity: the NaN is the right answer
        if isinstance(head, ClassificationHead):
            return ClassificationScores(
                head=head.name,
                n=len(answered),
                not_finite=unfit,
                accuracy=accuracy_of(answered[evidence.known], evidence.truth[evidence.known]),
                parity=_parity(head, answered, evidence, matched, names),
                class_recalls=_class_recalls(head.labels, answered[evidence.known], evidence.truth[evidence.known]),
                labels=len(head.labels),
                span=_span(answered),
            )
        return _score_regression(head, answered, evidence, matched, unfit)


def _score_regression(
    head: RegressionHead, answered: Floats, evidence: HeadEvidence, matched: NDArray[np.bool_], unfit: tuple[str, ...]
) -> RegressionScores:
    known, both = evidence.known, evidence.known & matched
    difference = np.abs(answered[matched].astype(np.float64) - evidence.reference[matched])
    errors = [np.abs(values[both, 0] - evidence.truth[both]) for values in (answered, evidence.reference)]
    increase = errors[0] - errors[1]
    return RegressionScores(
        head=head.name,
        unit=head.unit,
        n=len(answered),
        not_finite=unfit,
        mae=_mae(answered[known], evidence.truth[known]),
        reference_mae=_mae(evidence.reference[both], evidence.truth[both]),
        max_value_difference=float(difference.max()) if difference.size else None,
        mae_increase=float(increase.mean()) if increase.size else None,
        mae_increase_interval=paired_mean_interval(increase),
        paired_n=len(increase),
    )


def _parity(
    head: ClassificationHead,
    answered: Floats,
    evidence: HeadEvidence,
    matched: NDArray[np.bool_],
    names: tuple[str, ...],
) -> Parity | None:
    if not matched.any():
        return None
    ours, reference = answered[matched], evidence.reference[matched]
    difference = np.abs(ours.astype(np.float64) - reference).max(axis=1)
    both = evidence.known & matched
    truth = evidence.truth[both]
    kept, held = scores.hits(answered[both], truth), scores.hits(evidence.reference[both], truth)
    agreement = scores.agreement(ours, reference)
    drop = _drop("", held, kept)
    return Parity(
        n=len(ours),
        reference=accuracy_of(evidence.reference[both], truth),
        drop=drop,
        mcnemar_p=mcnemar_p(drop.lost, drop.won) if drop else None,
        class_drops=_class_drops(head.labels, held, kept, truth),
        agreement_fraction=agreement,
        changed=round((1 - agreement) * len(ours)),
        max_probability_difference=float(difference.max()),
        max_difference_image=names[np.flatnonzero(matched)[difference.argmax()]],
        kl_nats=scores.kl_divergence(reference, ours),
        flips=flips_of(
            head.labels,
            ours,
            reference,
            evidence.truth[matched],
            evidence.known[matched],
            tuple(names[row] for row in np.flatnonzero(matched)),
        ),
        confusion_changes=confusion_changes_of(head.labels, answered[both], evidence.reference[both], truth),
    )


def _span(answered: Floats) -> Span | None:
    rows = answered[np.isfinite(answered).all(axis=1)].astype(np.float64)
    if not len(rows):
        return None
    sums = rows.sum(axis=1)
    return Span(low=float(rows.min()), high=float(rows.max()), sum_low=float(sums.min()), sum_high=float(sums.max()))


def accuracy_of(probabilities: Floats, truth: NDArray[Any]) -> Accuracy | None:
    """Return top-1 and top-3 of (n, classes) probabilities; None where n is 0."""
    if not len(truth):
        return None
    right = int(scores.hits(probabilities, truth).sum())
    return Accuracy(
        n=len(truth),
        top1_fraction=right / len(truth),
        top1_interval=wilson_interval(right, len(truth)),
        top3_fraction=scores.top_k_accuracy(probabilities, truth, 3),
    )


def _class_recalls(labels: tuple[str, ...], answered: Floats, truth: NDArray[Any]) -> tuple[ClassRecall, ...]:
    if not len(truth):
        return ()
    right = scores.hits(answered, truth)
    counts, rights = (np.bincount(found, minlength=len(labels)) for found in (truth, truth[right]))
    return tuple(
        ClassRecall(label=label, n=int(n), right=int(hit)) for label, n, hit in zip(labels, counts, rights, strict=True)
    )


def _class_drops(
    labels: tuple[str, ...], held: NDArray[np.bool_], kept: NDArray[np.bool_], truth: NDArray[Any]
) -> tuple[Drop, ...]:
    drops = (_drop(label, held[truth == index], kept[truth == index]) for index, label in enumerate(labels))
    return tuple(drop for drop in drops if drop is not None)


def _drop(label: str, held: NDArray[np.bool_], kept: NDArray[np.bool_]) -> Drop | None:
    """Compare whether the reference (`held`) and the artifact (`kept`) are right on the same images, (n,) each."""
    n = len(held)
    if not n:
        return None
    lost, won = int((held & ~kept).sum()), int((kept & ~held).sum())
    low, high = paired_drop_interval(lost, won, n)
    return Drop(
        label=label,
        n=n,
        lost=lost,
        won=won,
        points=100 * (lost - won) / n,
        interval_points=(100 * low, 100 * high),
    )


def _mae(values: Floats, truth: NDArray[Any]) -> float | None:
    return scores.mean_absolute_error(values, truth) if len(truth) else None

"""How far answers are from those that are expected, in the few numbers that an explanation is judged by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...contract.labels.heads import Head
from ..answers.bench import Answers
from ..budgets.budgets import Budget

#: An explanation takes away at least three quarters of the mean difference, and all that the budgets do not allow ...
LEAST_FACTOR = 4.0

#: ... or, where rounding or quantization stay behind, so much of it that nothing else can have made it.
LARGE_FACTOR = 10.0

#: Share of images with the same most probable label, with the explanation: the default of the int8 recipes.
LEAST_AGREEMENT = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Of n images, over all heads.

    Attributes:
        mean: over the images, of the largest probability difference (a value's difference in its reference's spread).
        largest: of all images.
        agreement: share of images with the same most probable label in every classification head, in [0, 1].
        images: n.

    """

    mean: float
    largest: float
    agreement: float
    images: int

    @property
    def flips(self) -> int:
        """Number of images with another most probable label."""
        return round((1 - self.agreement) * self.images)


def difference(answers: Answers, expected: Answers, heads: Sequence[Head]) -> Difference | None:
    """Compare (n, width) answers of each head; None where one is NaN or infinite, which no explanation repairs."""
    worst, same = np.zeros(len(answers[heads[0].name])), np.ones(len(answers[heads[0].name]), dtype=bool)
    for head in heads:
        ours, theirs = answers[head.name].astype(np.float64), expected[head.name].astype(np.float64)
        if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
            return None
        spread = 1.0 if head.kind == "classification" else max(float(theirs.std()), 1e-6)
        worst = np.maximum(worst, np.abs(ours - theirs).max(axis=1) / spread)
        if head.kind == "classification":
            same &= ours.argmax(axis=1) == theirs.argmax(axis=1)
    return Difference(
        mean=float(worst.mean()), largest=float(worst.max()), agreement=float(same.mean()), images=len(worst)
    )


def explains(before: Difference, after: Difference, budgets: dict[str, Budget]) -> bool:
    """Whether what changed `before` to `after` is the reason for the difference.

    Example:
        >>> far = Difference(mean=0.6, largest=1.0, agreement=0.2, images=64)
        >>> near = Difference(mean=0.001, largest=0.01, agreement=1.0, images=64)
        >>> explains(far, near, {}), explains(near, near, {})
        (True, False)
    """
    if after.agreement < max(before.agreement, LEAST_AGREEMENT) or after.mean > before.mean / LEAST_FACTOR:
        return False
    return within(after, budgets) or after.mean <= before.mean / LARGE_FACTOR


def within(found: Difference, budgets: dict[str, Budget]) -> bool:
    """Whether the parity budgets that a sample can be held against allow it; False where there is none."""
    checks = []
    if "max_probability_difference" in budgets:
        checks.append(found.largest <= budgets["max_probability_difference"].limit)
    if "min_agreement" in budgets:
        checks.append(found.agreement >= budgets["min_agreement"].limit)
    return bool(checks) and all(checks)

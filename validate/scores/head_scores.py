"""The numbers of one artifact on one head, as types. `parity.py` computes them, `score_rules.py` judges them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Top-1 and top-3 as fractions in [0, 1], with top-1's 95 % score interval (Wilson)."""

    n: int
    top1_fraction: float
    top1_interval: tuple[float, float]
    top3_fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """How much worse than the reference, on the same images.

    Attributes:
        label: the class it is about; empty for all classes.
        n: images.
        lost, won: images that only the reference, or only the artifact, gets right.
        points: (lost - won) / n in percentage points; positive is worse.
        interval_points: its 95 % paired score interval (Tango).

    """

    label: str
    n: int
    lost: int
    won: int
    points: float
    interval_points: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRecall:
    """How many images of one class there are, and how many of them the artifact gets right. A class may have none."""

    label: str
    n: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One image for which the artifact's most probable label is not the reference's.

    Attributes:
        image: its name.
        truth: its label; None where it is not known.
        reference, artifact: the labels that were answered; None for an artifact that answered NaN or infinity.
        reference_probability, artifact_probability: of the label that each answered.

    """

    image: str
    truth: str | None
    reference: str
    reference_probability: float
    artifact: str | None
    artifact_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionChange:
    """One cell of the confusion matrix: how many images of `truth` each answered as `answer`."""

    truth: str
    answer: str
    reference: int
    artifact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """How near the artifact is to the reference, on the images that the reference holds.

    Attributes:
        n: images.
        reference: accuracy of the reference on them; None where no truth is known.
        drop: of top-1; None where no truth is known.
        class_drops: of recall, for every class that has images.
        agreement_fraction: share of images with the same most probable label, in [0, 1].
        changed: number of images with another most probable label.
        max_probability_difference: NaN if the artifact answered one.
        max_difference_image: where it is.
        kl_nats: mean KL(reference || artifact).
        flips: images with another most probable label, the worst first; at most flips.MOST_FLIPS of each kind, where
            `changed` counts all.
        confusion_changes: cells of the confusion matrix that differ, the largest change first.
        mcnemar_p: two-sided p-value of "as many images are lost as are won" (contract/statistics/mcnemar.py);
            None where no truth is known. Shown, not judged: on many images a drop may be significant and yet within
            its budget.

    """

    n: int
    reference: Accuracy | None
    drop: Drop | None
    class_drops: tuple[Drop, ...]
    agreement_fraction: float
    changed: int
    max_probability_difference: float
    max_difference_image: str
    kl_nats: float
    flips: tuple[Flip, ...] = ()
    confusion_changes: tuple[ConfusionChange, ...] = ()
    mcnemar_p: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Between what the finite answers of a classification head lie, and between what each image's values sum to."""

    low: float
    high: float
    sum_low: float
    sum_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationScores:
    """Scores of one classification head.

    Attributes:
        head: its name.
        n: images that were answered.
        not_finite: names of the images with a NaN or an infinity in the answer.
        accuracy: None where no truth is known.
        parity: None where the reference holds none of the images.
        class_recalls: of every class, in the order of the labels; empty where no truth is known.
        labels: how many the head has.
        span: of its values; None where no answer is finite.

    """

    head: str
    n: int
    not_finite: tuple[str, ...]
    accuracy: Accuracy | None
    parity: Parity | None
    class_recalls: tuple[ClassRecall, ...] = ()
    labels: int = 0
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionScores:
    """Scores of one regression head, in its unit. None where no truth is known, or no reference.

    Attributes:
        head: its name.
        unit: of all that follows, but for `n`.
        n: images that were answered.
        not_finite: names of the images with a NaN or an infinity in the answer.
        mae: mean absolute error of the artifact.
        reference_mae: of the reference, on the images that it holds.
        max_value_difference: the largest between the two; NaN if the artifact answered one.
        mae_increase: mean over the same images of how much larger the artifact's absolute error is.
        mae_increase_interval: its 95 % interval (Student's, paired); None for fewer than two images.
        paired_n: images that `mae_increase` is about.

    """

    head: str
    unit: str
    n: int
    not_finite: tuple[str, ...]
    mae: float | None
    reference_mae: float | None
    max_value_difference: float | None
    mae_increase: float | None = None
    mae_increase_interval: tuple[float, float] | None = None
    paired_n: int = 0


HeadScores = ClassificationScores | RegressionScores

"""What a judgement is compared with: the last accepted report, how much worse counts, and what changed. Numpy-free."""

from dataclasses import dataclass, field

from ..findings.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineLimits:
    """How much worse than the last accepted report an artifact may be.

    The defaults: the same network exported twice differs in some bytes of metadata, while the next larger
    MobileNetV3-Large (0.75 to 1.0) has 37 % more parameters: 5 % tells them apart. One point is what an int8 recipe may
    drop, see budgets.py. A ratchet on point values needs no interval: the same images are judged each time.

    Attributes:
        max_growth_percent: of the bytes.
        max_drop_points: of top-1, and of the drop against the reference, in percentage points.
        max_mae_growth_percent: of the mean absolute error of a regression head.

    """

    max_growth_percent: float = 5.0
    max_drop_points: float = 1.0
    max_mae_growth_percent: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedHead:
    """The numbers of one head at one door in the baseline; None where it had none."""

    top1_fraction: float | None = None
    drop_points: float | None = None
    mae: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One artifact of the baseline.

    Attributes:
        path, format, recipe, size_bytes: as in its report.
        doors: door to head name to its numbers.

    """

    path: str
    format: str
    recipe: str
    size_bytes: int
    doors: dict[str, dict[str, AcceptedHead]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The last accepted report, as far as it is compared.

    Attributes:
        file: where it was read from.
        exit_code: what it came to; a baseline that failed is said.
        artifacts: path to artifact.

    """

    file: str
    run_id: str
    created: str
    n: int
    images: str
    images_sha256: str
    exit_code: int
    artifacts: dict[str, Accepted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One number, then and now.

    Attributes:
        artifact: its path.
        what: "bytes", "top-1" (a fraction), "drop" (points) or "mae" (in the head's unit).
        door, head: where it was measured; empty for bytes.
        before, after: the numbers; None for one that is not there.
        verdict: whether the change is within the limits.

    """

    artifact: str
    what: str
    door: str = ""
    head: str = ""
    before: float | None
    after: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed since the last accepted report.

    Attributes:
        file, run_id, created, n, images: of the baseline.
        same_images: whether both judged the same images; None where the baseline does not say.
        limits: that it was held against.
        changes: in the order of the artifacts, vanished ones last.
        notes: what makes the two less comparable, a sentence each.

    """

    file: str
    run_id: str
    created: str
    n: int
    images: str
    same_images: bool | None
    limits: BaselineLimits
    changes: tuple[Change, ...]
    notes: tuple[str, ...]

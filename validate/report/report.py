"""The report of one judgement, its exit code, and its JSON form."""

import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from ...runtimes.process.limits import Limits, are_enforced
from ..budgets.budgets import has_floor
from ..findings.judged import images
from ..findings.outcome import Outcome
from ..findings.verdict import Verdict
from ..scores.head_scores import Accuracy
from .baseline import Comparison
from .version import REPORT_VERSION

NO_FLOOR = "Nothing says that the model is any good: no min_top1 is set, and parity with a bad model is perfect, too."


NO_MEMORY_LIMIT = "This system enforces no memory limit on runtimes: only their time was limited."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was judged, with what, and what came out.

    Attributes:
        run_id, model_sha256: of the run.
        created: UTC, ISO 8601.
        images: how many, and where from.
        budgets_file: None where the defaults alone count.
        only: what `--only` named; empty if everything was asked for.
        left_out: artifacts that `--only` left out.
        strict: whether undecided, a missing floor, and lost images fail.
        limits: of the worker processes.
        runtime: the Python program whose runtimes judged; None: this one's.
        lost_images: how many images of the reference the training run's test split no longer holds; 0 where other
            images were asked for.
        reference: accuracy of the reference on the images that it holds.
        notes: sentences about the whole judgement, such as what could not be judged, and why.
        outcomes: one for each artifact.
        tools: package name to version.
        images_sha256: of the sha256 of all images, so that two reports can tell whether they judged the same ones.
        thumbnails: image name to a small PNG or JPEG, for the page alone.
        baseline: what changed since the last accepted report; None where none was named.

    """

    run_id: str
    model_sha256: str
    created: str
    n: int
    images: str
    budgets_file: str | None
    only: tuple[str, ...]
    left_out: tuple[str, ...]
    strict: bool
    limits: Limits = field(default_factory=Limits)
    runtime: str | None = None
    lost_images: int = 0
    reference: Accuracy | None
    notes: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    tools: dict[str, str]
    images_sha256: str = ""
    thumbnails: dict[str, bytes] = field(default_factory=dict)
    baseline: Comparison | None = None

    @property
    def has_floor(self) -> bool:
        """Whether every artifact has a budget that says that the model is any good."""
        judged = [outcome.budgets for outcome in self.outcomes if outcome.budgets]
        return all(has_floor(budgets) for budgets in judged)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Notes about the whole judgement, what did not hold here, and whether nothing says that the model is good."""
        runtime = () if self.runtime is None else (f"Run by the runtimes of {self.runtime}.",)
        unlimited = () if are_enforced() else (NO_MEMORY_LIMIT,)
        compared = self.baseline.notes if self.baseline else ()
        return (*self.notes, *compared, *runtime, *unlimited, *(() if self.has_floor else (NO_FLOOR,)))

    @property
    def counts(self) -> dict[Verdict, int]:
        """Number of artifacts of each verdict, in the order pass, fail, undecided, not judged."""
        found = Counter(outcome.verdict for outcome in self.outcomes)
        order = (Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED)
        return {verdict: found[verdict] for verdict in order}

    @property
    def exit_code(self) -> int:
        """What the command exits with.

        ============================================  =======  ============
        found                                         default  with --strict
        ============================================  =======  ============
        every artifact passes, with a floor           0        0
        every artifact passes, without min_top1       0        1
        an artifact is undecided                      0        1
        the test split lost images of the reference   0        1
        an artifact was asked for and is not judged   1        1
        an artifact fails                             1        1
        ============================================  =======  ============

        All artifacts were asked for, but those that `--only` left out, which are not among the outcomes.
        """
        counts = self.counts
        if counts[Verdict.FAIL] or counts[Verdict.NOT_JUDGED]:
            return 1
        return int(self.strict and (counts[Verdict.UNDECIDED] > 0 or not self.has_floor or self.lost_images > 0))

    @property
    def last_line(self) -> str:
        """How many artifacts of each verdict, and on how much that rests."""
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items())
        return f"{counts} on {images(self.n)}"

    def to_json(self) -> dict[str, Any]:
        """Return the content of report.json. A number that is NaN or infinite is null there, and a finding says so."""
        head = {
            name: getattr(self, name) for name in ("run_id", "model_sha256", "created", "n", "images", "images_sha256")
        }
        settings = {name: getattr(self, name) for name in ("budgets_file", "only", "left_out", "strict", "runtime")}
        value = {
            "modelport_report": REPORT_VERSION,
            **head,
            "settings": settings | {"limits": asdict(self.limits) | {"memory_enforced": are_enforced()}},
            "reference": asdict(self.reference) if self.reference else None,
            "has_floor": self.has_floor,
            "exit_code": self.exit_code,
            "counts": {str(verdict): count for verdict, count in self.counts.items()},
            "notes": self.sentences,
            "baseline": asdict(self.baseline) if self.baseline else None,
            "artifacts": [_outcome_to_json(outcome) for outcome in self.outcomes],
            "tools": self.tools,
        }
        plain = _plain(value)
        assert isinstance(plain, dict)
        return plain


def _outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    artifact, description = outcome.artifact, outcome.description
    return {
        **{name: getattr(artifact, name) for name in ("path", "format", "recipe", "sha256")},
        "size_bytes": outcome.size_bytes,
        "oldest_runtime": artifact.oldest_runtime,
        "verdict": outcome.verdict,
        "is_within": outcome.is_within,
        "worst_door": outcome.worst_door,
        "budgets": {key: {"value": b.value, "source": b.source} for key, b in outcome.budgets.items()},
        "findings": [asdict(finding) for finding in outcome.findings],
        "doors": {door: [asdict(scores) for scores in heads] for door, heads in outcome.doors.items()},
        "description": description.to_json() if description else None,
        "measures": asdict(outcome.measures) if outcome.measures else None,
    }


def _plain(value: Any) -> Any:
    """Turn tuples into lists, NaN and infinity into None, half a character into its escape: JSON has none of them."""
    if isinstance(value, dict):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):  # a verdict, or text in which half a character of a file's name would be no UTF-8
        return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    return value

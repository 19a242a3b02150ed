"""One artifact and what was judged about it, from its judgement here or from report.json."""

from dataclasses import dataclass

from ...contract.run.artifacts import Artifact
from ...validate.findings.outcome import Outcome
from ...validate.findings.verdict import Verdict
from ...validate.scores.head_scores import ClassificationScores
from .judged_scores import JudgedHead, judged_head

#: What may be delivered, in words.
WITHIN = "pass; or undecided, with a drop whose points are within the budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedArtifact:
    """One artifact and what was judged about it.

    Attributes:
        artifact: its entry in the lock.
        verdict: of the report; NOT_JUDGED for one that `--only` left out.
        door: at which it is worst, whose numbers follow.
        head: numbers of the first classification head there; None: it gave no answers, or has no such head.
        min_tflite: the oldest TensorFlow Lite that serves its operators, as its file says; None: unknown, or no TFLite.
        is_within: whether it may be delivered (validate/findings/outcome.py); None: undecided, and the report is of an
            older modelport, which does not say it.
        sentences: of the findings that are no pass.
    """

    artifact: Artifact
    verdict: Verdict
    door: str | None = None
    head: JudgedHead | None = None
    min_tflite: str | None = None
    is_within: bool | None = False
    sentences: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it is within every budget."""
        return self.verdict is Verdict.PASS

    @property
    def size_bytes(self) -> int:
        """Of the file, or of all files of the folder."""
        return self.artifact.size_bytes

    @property
    def n(self) -> int:
        """Images that it was judged on."""
        return self.head.n if self.head else 0

    @property
    def summary(self) -> str:
        """Verdict and numbers in a line: "pass: top-1 95.5 % [92.3, 97.4], drop +0.0 points [-1.4, +1.4], n = 268"."""
        return f"{self.verdict}: {self.head.summary}" if self.head else str(self.verdict)

    @property
    def reasons(self) -> str:
        """Why it is no plain pass, in at most five lines."""
        return "\n".join(self.sentences[:5]) or str(self.verdict)


def judged_artifact(outcome: Outcome, head: str) -> JudgedArtifact:
    """Return what reading the report of a judgement gives, without a file.

    Args:
        outcome: of the artifact.
        head: the first classification head.
    """
    shown = outcome.doors.get(outcome.worst_door or "", ())
    scores = next((one for one in shown if isinstance(one, ClassificationScores) and one.head == head), None)
    return JudgedArtifact(
        artifact=outcome.artifact,
        verdict=outcome.verdict,
        door=outcome.worst_door,
        head=judged_head(scores) if scores else None,
        min_tflite=outcome.description.min_tflite if outcome.description else None,
        is_within=outcome.is_within,
        sentences=tuple(one.sentence for one in outcome.findings if one.verdict is not Verdict.PASS),
    )

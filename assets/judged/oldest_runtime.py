"""Which of the runtimes that an artifact was tried in is the oldest that serves it."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from ...contract.model_contract.package_version import age_key
from ...validate.findings.outcome import Outcome
from ...validate.findings.verdict import Verdict
from ...validate.scores.head_scores import ClassificationScores

#: The first column: the runtimes of this Python, before they say which they are.
HERE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One artifact in one runtime.

    Attributes:
        runtime: name and version, such as "tflite-runtime 2.14.0".
        serves: whether it loads there and answers within its budgets; None: that was not judged, or stays undecided.
        top1_fraction: in [0, 1]; None where it gave no answers.
        sentences: what was found there that is no pass.
    """

    runtime: str
    serves: bool | None
    top1_fraction: float | None = None
    sentences: tuple[str, ...] = ()


def trial_of(outcome: Outcome, runtime: str) -> Trial:
    """Return what a judgement says about one artifact in one runtime.

    Bytes, hashes and operator versions are the same everywhere: only what was found by running counts. A drop that the
    images do not settle counts by its point, as it does where the artifact that ships is chosen.
    """
    found = [finding for finding in outcome.findings if finding.key == "runtime" or finding.door]
    serves = {Verdict.PASS: True, Verdict.FAIL: False}.get(outcome.worst_by_point(found))
    heads = outcome.doors.get(outcome.worst_door or "", ())
    accuracies = [scores.accuracy for scores in heads if isinstance(scores, ClassificationScores)]
    return Trial(
        runtime=outcome.description.runtime if outcome.description else runtime,
        serves=serves,
        top1_fraction=next((accuracy.top1_fraction for accuracy in accuracies if accuracy), None),
        sentences=tuple(finding.sentence for finding in found if finding.verdict is not Verdict.PASS),
    )


def oldest_that_serves(trials: Iterable[Trial], recorded: str | None = None) -> str | None:
    """Return the oldest runtime that serves, with every newer one that was tried; None if the newest does not.

    Args:
        trials: of one artifact.
        recorded: what was found earlier, for the same bytes: it stays if it is older still and was not tried again.
    """
    judged = sorted((t for t in trials if t.serves is not None), key=lambda t: _age_key(t.runtime), reverse=True)
    oldest = None
    for trial in judged:
        if not trial.serves:
            return oldest
        oldest = trial.runtime
    candidates = [runtime for runtime in (oldest, recorded) if runtime is not None]
    return min(candidates, key=_age_key, default=None)


def _age_key(runtime: str) -> tuple[bool, bool, Version]:
    """Sort by version. LiteRT counted from 1 again after TensorFlow Lite 2.17, and is the newer of both.

    This Python's own runtime counts as the newest where it refused the file before it said its version.
    """
    name, version, *_ = (*runtime.split(), "")  # "tfjs 4.22.0 wasm, node 22.1.0" says more
    return name == HERE, name == "ai-edge-litert", age_key(version)

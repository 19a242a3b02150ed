"""Hold a judgement against the last accepted one: what grew, what got worse, and what is gone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...contract.run.artifacts import Artifact
from ..findings.outcome import Outcome
from ..findings.verdict import Finding, Verdict
from ..report.baseline import Accepted, AcceptedHead, Baseline, BaselineLimits, Change, Comparison
from ..report.report import Report
from ..scores.head_scores import ClassificationScores, HeadScores

PASS, FAIL, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_JUDGED

_FIX = "judge it too, or accept this report as the next baseline"


def against_baseline(report: Report, baseline: Baseline, limits: BaselineLimits) -> Report:
    """Return the report with findings about what changed, which fail what got worse, and the comparison itself.

    An artifact of the baseline that is not judged now fails, unless `--only` left it out. One that is new is said, and
    judged by its budgets alone.
    """
    compared = {
        outcome.artifact.path: _compare(outcome, baseline.artifacts[outcome.artifact.path], limits)
        for outcome in report.outcomes
        if outcome.artifact.path in baseline.artifacts
    }
    outcomes = tuple(
        replace(one, findings=(*one.findings, *(item.finding for item in compared.get(one.artifact.path, ()))))
        for one in report.outcomes
    )
    missing = [old for path, old in baseline.artifacts.items() if path not in {o.artifact.path for o in outcomes}]
    gone = [old for old in missing if not report.only or {old.path, old.format, old.recipe} & set(report.only)]
    same = None if not baseline.images_sha256 else baseline.images_sha256 == report.images_sha256
    comparison = Comparison(
        file=baseline.file,
        run_id=baseline.run_id,
        created=baseline.created,
        n=baseline.n,
        images=baseline.images,
        same_images=same,
        limits=limits,
        changes=(
            *(item.change for items in compared.values() for item in items if item.change),
            *(_gone_change(old) for old in gone),
        ),
        notes=tuple(_notes(report, baseline, same, [old.path for old in missing if old not in gone])),
    )
    return replace(report, outcomes=(*outcomes, *map(_vanished, gone)), baseline=comparison)


@dataclass(frozen=True, slots=True)
class _Compared:
    finding: Finding
    change: Change | None


def _compare(outcome: Outcome, old: Accepted, limits: BaselineLimits) -> list[_Compared]:
    """Return what changed of one artifact: its bytes, then each number of each head at each door of the baseline."""
    found = [_bytes(outcome, old, limits)] if outcome.size_bytes and old.size_bytes else []
    for door, heads in old.doors.items():
        now = {scores.head: scores for scores in outcome.doors.get(door, ())}
        for name, head in heads.items():
            found += _head(outcome.artifact.path, door, name, (head, now.get(name)), limits)
    return found


def _bytes(outcome: Outcome, old: Accepted, limits: BaselineLimits) -> _Compared:
    before, after, most = old.size_bytes, outcome.size_bytes, limits.max_growth_percent
    percent = 100 * (after - before) / before
    verdict = FAIL if _exceeds(percent, most) else PASS
    sentence = f"{after:,} bytes, {percent:+.1f} % against the baseline's {before:,}; at most {most:+g} %"
    change = Change(artifact=old.path, what="bytes", before=before, after=after, verdict=verdict)
    return _Compared(Finding(key="baseline_bytes", verdict=verdict, sentence=sentence), change)


def _head(
    path: str, door: str, name: str, both: tuple[AcceptedHead, HeadScores | None], limits: BaselineLimits
) -> Iterator[_Compared]:
    """Compare each number that the baseline has of one head; one that is not there now is not judged."""
    old, now = both[0], _numbers_of(both[1])
    for what, before, after in (
        ("top-1", old.top1_fraction, now.top1_fraction),
        ("drop", old.drop_points, now.drop_points),
        ("mae", old.mae, now.mae),
    ):
        if before is None:
            continue
        verdict, sentence = _judge(what, before, after, limits)
        key = f"baseline_{what.replace('-', '')}"
        change = Change(artifact=path, what=what, door=door, head=name, before=before, after=after, verdict=verdict)
        # a door that gave no answers has no scores: its own findings say why, and the artifact's verdict is theirs
        yield _Compared(Finding(key=key, verdict=verdict, sentence=sentence, door=door, head=name), change)


def _numbers_of(scores: HeadScores | None) -> AcceptedHead:
    if scores is None:
        return AcceptedHead()
    if not isinstance(scores, ClassificationScores):
        return AcceptedHead(mae=scores.mae)
    drop = scores.parity.drop if scores.parity else None
    return AcceptedHead(
        top1_fraction=scores.accuracy.top1_fraction if scores.accuracy else None,
        drop_points=drop.points if drop else None,
    )


def _judge(what: str, before: float, after: float | None, limits: BaselineLimits) -> tuple[Verdict, str]:
    if after is None:
        return NOT_JUDGED, f"the baseline has {_NAMES[what]}, and it could not be measured now"
    if what == "mae":
        most = limits.max_mae_growth_percent
        fails = _exceeds(after, before * (1 + most / 100))
        sentence = f"mean absolute error {after:.4g}, the baseline's {before:.4g}; at most {most:+g} %"
    elif what == "drop":
        most = limits.max_drop_points
        fails = _exceeds(after - before, most)
        sentence = f"drop {after:+.1f} points, the baseline's {before:+.1f}; at most {most:+g} points"
    else:
        most = limits.max_drop_points
        fails = _exceeds(100 * (before - after), most)
        sentence = f"top-1 {100 * after:.1f} %, the baseline's {100 * before:.1f} %; at most {-most:+g} points"
    return (FAIL if fails else PASS), sentence


_NAMES = {"top-1": "its top-1 accuracy", "drop": "its drop", "mae": "its mean absolute error"}


def _exceeds(value: float, most: float) -> bool:
    """Whether a value is above its limit; a NaN is. 0.93 - 0.92 is 1.0000000000000009 points, which is one."""
    return not value <= most + 1e-9 * max(1.0, abs(most))


def _vanished(old: Accepted) -> Outcome:
    sentence = f"the baseline holds it, and it was not judged now: {_FIX}"
    artifact = Artifact(path=old.path, format=old.format, recipe=old.recipe, size_bytes=0, sha256="", parent_sha256="")
    return Outcome(artifact=artifact, findings=(Finding(key="baseline", verdict=FAIL, sentence=sentence),))


def _gone_change(old: Accepted) -> Change:
    return Change(artifact=old.path, what="bytes", before=old.size_bytes, after=None, verdict=FAIL)


def _notes(report: Report, baseline: Baseline, same: bool | None, left_out: list[str]) -> Iterator[str]:
    if baseline.exit_code:
        yield "The baseline itself did not pass: its exit code was 1."
    if baseline.run_id != report.run_id:
        yield f"The baseline is of another run: {baseline.run_id}, now {report.run_id}."
    if same is False or baseline.n != report.n:
        yield (
            f"The baseline was judged on other images ({baseline.n}: {baseline.images}; now {report.n}: "
            f"{report.images}): part of a change may be theirs. It is held against the limits all the same."
        )
    elif same is None:
        yield f"The baseline does not say which {baseline.n} images it was judged on: they may be others."
    new = [one.artifact.path for one in report.outcomes if one.artifact.path not in baseline.artifacts]
    if new:
        yield f"New since the baseline, and judged by budgets alone: {', '.join(new)}."
    if left_out:
        yield f"In the baseline, and left out by --only: {', '.join(left_out)}."

"""Judge the artifacts of a run in several runtimes, and record in the lock the oldest that serves each."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...contract.errors import UsageError
from ...contract.narration import Narrator, Silent
from ...contract.run.artifacts import Artifact
from ...contract.run.run_folder import RunFolder
from ...runtimes.environment.environment import interpreter_of
from ...runtimes.process.limits import Limits
from ...validate.budgets.budgets import BudgetBook
from ...validate.findings.outcome import Outcome
from ...validate.findings.verdict import Verdict
from ...validate.judge import JudgeOptions, judge_run
from ...validate.report.report import Report
from ...validate.selection import select
from ...validate.write_report import write_report
from .oldest_runtime import HERE, Trial, oldest_that_serves, trial_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TryOptions:
    """What to try.

    Attributes:
        runtimes: as `modelport validate --runtime` takes them; this Python's own are tried before them.
        only: formats, recipes or paths; empty: everything.
        data: labelled images; None: the test split of the training run.
        budgets: what to judge against.
        limits: of each worker process.
    """

    runtimes: tuple[str, ...]
    only: tuple[str, ...] = ()
    data: Path | None = None
    budgets: BudgetBook = field(default_factory=BudgetBook)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if len({HERE, *self.runtimes}) <= len(self.runtimes):
            raise UsageError("a runtime is named twice", received=", ".join((HERE, *self.runtimes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One artifact in every runtime.

    Attributes:
        artifact: as the lock has it now.
        trials: runtime, as it was asked for, to what came out.
    """

    artifact: Artifact
    trials: dict[str, Trial]

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        facts = {name: getattr(self.artifact, name) for name in ("path", "format", "recipe", "sha256")}
        trials = {
            runtime: {name: getattr(trial, name) for name in ("runtime", "serves", "top1_fraction", "sentences")}
            for runtime, trial in self.trials.items()
        }
        return facts | {"oldest_runtime": self.artifact.oldest_runtime, "trials": trials}


def try_runtimes(run: str | Path, options: TryOptions, narrator: Narrator | None = None) -> tuple[Tried, ...]:
    """Judge every artifact in each runtime, and record the oldest that serves it. Each report goes to RUN/validation.

    Raises:
        InputError: no run, no artifacts, no images, or a runtime that cannot be had.
        UsageError: `only` names nothing that was exported, or a report cannot be written.
    """
    folder, narrator = RunFolder(Path(run)), narrator or Silent()
    folder.read_contract()
    select(folder.read_lock(), options.only)
    for runtime in options.runtimes:  # what cannot be had is told before minutes of judging
        interpreter_of(runtime, narrator)
    reports = {runtime: _judge(folder, runtime, options, narrator) for runtime in (HERE, *options.runtimes)}
    known = {artifact.path for artifact in folder.read_lock().artifacts}  # a budget may name what is not there
    rows = zip(*(report.outcomes for report in reports.values()), strict=True)
    return tuple(_settle(folder, dict(zip(reports, row, strict=True))) for row in rows if row[0].artifact.path in known)


def exit_code(tried: tuple[Tried, ...]) -> int:
    """Return 0 if each runtime serves all that it was judged on, and was judged on something; else 1."""
    columns = zip(*(one.trials.values() for one in tried), strict=True)
    answers = [{trial.serves for trial in column} - {None} for column in columns]
    return int(any(column != {True} for column in answers))


def _judge(folder: RunFolder, runtime: str, options: TryOptions, narrator: Narrator) -> Report:
    narrator.say(f"judges {folder.root} in {runtime if runtime != HERE else 'the runtimes of this Python'}")
    place = folder.validation / "runtimes" / re.sub(r"[^\w.=-]+", "_", runtime)
    how = JudgeOptions(
        data=options.data,
        only=options.only,
        budgets=options.budgets,
        limits=options.limits,
        runtime=None if runtime == HERE else runtime,
        report=place,
    )
    report = judge_run(folder.root, how, narrator=narrator)
    write_report(report, place)
    return report


def _settle(folder: RunFolder, outcomes: dict[str, Outcome]) -> Tried:
    """Record the oldest runtime of one artifact, unless the file is not the one that the lock describes."""
    artifact = outcomes[HERE].artifact
    trials = {runtime: trial_of(outcome, runtime.replace("==", " ")) for runtime, outcome in outcomes.items()}
    is_itself = all(_is_itself(outcome) for outcome in outcomes.values())
    again = {trial.runtime for trial in trials.values()}
    recorded = None if artifact.oldest_runtime in again else artifact.oldest_runtime
    found = oldest_that_serves(trials.values(), recorded) if is_itself else artifact.oldest_runtime
    settled = replace(artifact, oldest_runtime=found)
    if settled != artifact and artifact in folder.read_lock().artifacts:  # another command may have written it anew
        folder.record(settled)
    return Tried(artifact=settled, trials=trials)


def _is_itself(outcome: Outcome) -> bool:
    return all(
        finding.verdict is Verdict.PASS for finding in outcome.findings if finding.key in ("file", "sha256", "parent")
    )

"""Judge artifacts side by side, each with its share of the cores; then measure each alone."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..contract.narration import Narrator
from ..contract.run.artifacts import Artifact
from ..contract.run.run_folder import RunFolder
from ..runtimes.facts.format_runtimes import RUNTIMES
from ..runtimes.process.limits import Limits
from ..runtimes.workers.driver_registry import package_versions
from ..runtimes.workers.workers import Workers
from .answers.answer_cache import AnswerCache, Shapes
from .answers.answer_key import PACKAGES, Circumstances, answer_key
from .answers.bench import Bench, Opener
from .answers.record import Record
from .budgets.budgets import Budget
from .budgets.keys import COST_KEYS
from .cost.latency import measure_costs
from .findings.measures import Measures
from .findings.outcome import Outcome
from .judge_artifact import judge_artifact, unapplied
from .judge_options import JudgeOptions
from .rules.measure_rules import judge_measures
from .side_by_side import Step, side_by_side

_VERSIONS = "modelport.runtimes.workers.driver_registry:package_versions"
_NOT_ASKED = "no budget asks for it; --latency measures it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came out, in the order of the artifacts.

    Attributes:
        outcomes: one for each artifact.
        limits: under which they answered.
        notes: about answers of earlier judgements.
    """

    outcomes: tuple[Outcome, ...]
    limits: Limits
    notes: tuple[str, ...]


def judge_all(
    chosen: Sequence[Artifact],
    bench: Bench,
    options: JudgeOptions,
    *,
    python: Path | None,
    opener: Opener | None,
    narrator: Narrator,
) -> Judged:
    """Judge `chosen`.

    Args:
        chosen: what to judge.
        bench: the images and the reference; how artifacts are opened is set here.
        options: how.
        python: whose runtimes are used; None: this interpreter's.
        opener: stands in for worker processes in tests.
        narrator: shows the progress.

    """
    limits = options.limits_of(at_once := options.at_once(len(chosen)))
    cache, order = AnswerCache(options.cache), sorted(range(len(chosen)), key=lambda n: not _takes_long(chosen[n]))
    with Workers(python, limits) as workers:
        bench = replace(bench, open_artifact=opener or workers.open)
        circumstances = _circumstances(bench, limits, workers, python) if options.cache else None

        def judge(number: int, step: Step) -> Outcome:
            budgets = options.budgets.of_artifact(chosen[number], bench.contract)
            return _judge_or_recall(chosen[number], budgets, replace(bench, step=step), cache, circumstances)

        done = side_by_side(
            judge,
            order,
            at_once=at_once,
            steps=len(bench.stream),
            stop=workers.close,
            narrator=narrator,
            what=f"judge {len(chosen)} artifacts",
        )
    outcomes = [outcome for _, outcome in sorted(zip(order, done, strict=True), key=lambda pair: pair[0])]
    alone = measure_costs(
        _to_measure(outcomes, options), bench, options.limits_of(1), partial(Workers, python), narrator
    )
    outcomes = [_with_measures(outcome, alone.get(outcome.artifact.path), bench) for outcome in outcomes]
    return Judged(outcomes=tuple(outcomes), limits=limits, notes=(*_reused(outcomes), *cache.notes))


def _judge_or_recall(
    artifact: Artifact,
    budgets: dict[str, Budget],
    bench: Bench,
    cache: AnswerCache,
    circumstances: Circumstances | None,
) -> Outcome:
    """Judge an artifact by the answers that it gave before under the same key, or by new ones, which are kept."""
    if circumstances is None:
        return judge_artifact(artifact, budgets, bench, Record())
    key = answer_key(artifact, bench, circumstances)
    record = cache.find(key, _shapes(bench))
    outcome = judge_artifact(artifact, budgets, bench, record)
    if answer_key(artifact, bench, circumstances) == key:  # else the file was replaced while it was asked
        cache.keep(key, record)
    return outcome


def _takes_long(artifact: Artifact) -> bool:
    """Whether a runtime has to be loaded that takes seconds: those come first, so that none of them comes last."""
    return artifact.format in RUNTIMES and RUNTIMES[artifact.format].extra is not None


def _circumstances(bench: Bench, limits: Limits, workers: Workers, python: Path | None) -> Circumstances:
    asked, log = {"packages": PACKAGES}, bench.logs / "versions.log"
    tools = package_versions(asked) if python is None else workers.perform(_VERSIONS, asked, log=log)
    program = str(python or sys.executable)
    return Circumstances(limits=limits, tools=tools, python=program, reference=RunFolder(bench.root).reference)


def _shapes(bench: Bench) -> Shapes:
    """Return how many answers of which width a whole record has."""
    rows = {"pixels": len(bench.stream), "encoded": int(bench.stream.encodable.sum())}
    return {(door, head.name): (n, head.width) for door, n in rows.items() for head in bench.contract.heads}


def _to_measure(outcomes: Sequence[Outcome], options: JudgeOptions) -> list[Artifact]:
    """Return the artifacts that answered and whose cost is asked for, or that others are compared with."""
    answered = [outcome for outcome in outcomes if outcome.doors]
    if options.latency:
        return [outcome.artifact for outcome in answered]
    compared = {outcome.artifact.format for outcome in answered if "max_latency_ratio" in outcome.budgets}
    return [
        outcome.artifact
        for outcome in answered
        if not outcome.budgets.keys().isdisjoint(COST_KEYS)
        or (outcome.artifact.recipe == "float32" and outcome.artifact.format in compared)
    ]


def _with_measures(outcome: Outcome, measured: Measures | None, bench: Bench) -> Outcome:
    """Return the outcome with what it costs, and the findings about that."""
    if measured is None:
        reason = _NOT_ASKED if outcome.doors else "it gave no answers"
        names = ("latency_ms_median", "latency_ms_p90", "latency_ratio", "peak_memory_mb")
        measured = Measures(reasons=dict.fromkeys(names, reason))
    partitions = outcome.description.delegate_partitions if outcome.description else None
    if partitions is None:
        reason = "its runtime tells of no delegate"
        measured = replace(measured, reasons=measured.reasons | {"delegate_partitions": reason})
    measured = replace(measured, delegate_partitions=partitions)
    findings = [*outcome.findings, *judge_measures(measured, outcome.budgets, bench.root)]
    return replace(outcome, measures=measured, findings=(*findings, *unapplied(outcome.budgets, findings)))


def _reused(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return a note on the artifacts that were not asked again."""
    by_date: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.answers_made is not None:
            by_date.setdefault(outcome.answers_made, []).append(outcome.artifact.path)
    return tuple(
        f"Answers of {made} reused: {', '.join(paths)}. Nothing that decides about them has changed since; --no-cache "
        f"asks again."
        for made, paths in sorted(by_date.items())
    )

"""Hold what an artifact costs here, and how its model was trained, against the budgets.

Called once for each artifact, after everything was measured: `judge_measures(measures, budgets, bench.root)`. It gives
a finding for each key of MEASURE_KEYS that has a budget, so none of them is left for another rule to complain about.
"""

from dataclasses import replace
from pathlib import Path

from ...contract.errors import InputError
from ...contract.files.json_file import read_json
from ...contract.run.run_folder import RunFolder
from ..budgets.budgets import Budget
from ..findings.measures import Measures
from ..findings.verdict import Finding, Verdict

#: Budget to the attribute of Measures that it limits, what that is, and its unit.
_MEASURED = {
    "max_latency_ms": ("latency_ms_median", "median latency of one image", "ms"),
    "max_latency_ratio": ("latency_ratio", "latency as a multiple of float32's", ""),
    "max_peak_memory_mb": ("peak_memory_mb", "peak memory above the empty runtime", "MB"),
    "max_delegate_partitions": ("delegate_partitions", "pieces for the CPU delegate", ""),
}

#: Budget to the attribute that says how far its measure can be trusted; of the others there is nothing to doubt.
_INTERVALS = {"max_latency_ms": "latency_ms_interval", "max_latency_ratio": "latency_ratio_interval"}

#: All budgets that are judged here and nowhere else.
MEASURE_KEYS = (*_MEASURED, "max_train_validation_gap")


def judge_measures(measures: Measures | None, budgets: dict[str, Budget], root: Path) -> list[Finding]:
    """Return a finding for each budget on time, memory and training.

    Args:
        measures: None where nothing was measured.
        budgets: of the artifact.
        root: the run folder, or the unpacked pack, in which training's evaluation_report.json may be.

    """
    measures = measures or Measures()
    findings = [_judge_one(measures, budgets[key]) for key in _MEASURED if key in budgets]
    if "max_train_validation_gap" in budgets:
        findings.append(_judge_gap(RunFolder(root).evaluation, budgets["max_train_validation_gap"]))
    return findings


def _judge_one(measures: Measures, budget: Budget) -> Finding:
    name, what, unit = _MEASURED[budget.key]
    value: float | None = getattr(measures, name)
    if value is None:
        reason = measures.reasons.get(name, "it was not measured")
        return _finding(budget, Verdict.NOT_JUDGED, f"{budget.key} not judged: {reason}")
    measured = f"{what} {value:.4g} {unit}".rstrip()
    interval: tuple[float, float] | None = getattr(measures, _INTERVALS.get(budget.key, ""), None)
    if interval is None:
        within = value <= budget.limit  # a NaN is never within a budget
        return _finding(budget, Verdict.PASS if within else Verdict.FAIL, measured)
    return _judge_interval(*interval, budget, f"{measured} [{interval[0]:.4g}, {interval[1]:.4g}]", measures)


def _judge_interval(low: float, high: float, budget: Budget, measured: str, measures: Measures) -> Finding:
    """Judge a time: the same file takes another one each time that it is measured."""
    measured = f"{measured} of {measures.latency_runs} calls"
    if high <= budget.limit:
        return _finding(budget, Verdict.PASS, measured)
    if not low <= budget.limit:  # so that a NaN fails
        return _finding(budget, Verdict.FAIL, measured)
    found = _finding(budget, Verdict.UNDECIDED, measured)
    why = "times vary too much to tell: judge again where nothing else runs"
    return replace(found, sentence=f"{found.sentence}; {why}")


def _finding(budget: Budget, verdict: Verdict, measured: str) -> Finding:
    sentence = f"{measured}; budget at most {budget.value} ({budget.source})"
    return Finding(key=budget.key, verdict=verdict, sentence=sentence)


def _judge_gap(report: Path, budget: Budget) -> Finding:
    """Judge training accuracy minus validation accuracy, in points, as `modelport train` wrote it."""
    what = "train accuracy above validation accuracy by"
    if not report.is_file():
        return _unknown_gap(budget, f"the run has no {report.name}")
    try:
        content = read_json(report)
    except InputError as error:
        return _unknown_gap(budget, f"{report.name} cannot be read: {error.received}")
    gap = content.get("train_validation_gap") if isinstance(content, dict) else None
    if not isinstance(gap, int | float) or isinstance(gap, bool):
        return _unknown_gap(budget, f"{report.name} holds no accuracies of training, as of a model trained elsewhere")
    within = 100 * gap <= budget.limit
    return _finding(budget, Verdict.PASS if within else Verdict.FAIL, f"{what} {100 * gap:.1f} points")


def _unknown_gap(budget: Budget, reason: str) -> Finding:
    return Finding(key=budget.key, verdict=Verdict.NOT_JUDGED, sentence=f"{budget.key} not judged: {reason}")

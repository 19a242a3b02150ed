"""Time and memory of each artifact, measured alone: after all answers were judged, and when nothing else runs.

Artifacts of one format are open at the same time, each in a worker process of its own, and are called in turn, one
image at a time: what slows the machine for a second slows all of them, so that their ratio holds.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby
from time import monotonic
from typing import Any

import numpy as np

from ...contract.errors import ModelportError, one_line
from ...contract.formats import runs_in_node
from ...contract.narration import Narrator
from ...contract.run.artifacts import Artifact
from ...runtimes.process.limits import Limits
from ...runtimes.workers.session import Session
from ...runtimes.workers.workers import Workers
from ..answers.bench import Bench
from ..findings.measures import Measures
from .latency_interval import BLOCKS, median_interval

#: Calls that are not counted: runtimes allocate and choose their kernels in the first ones.
WARM_UP = 5
#: Calls that are counted: the 90th percentile then has 10 above it.
CALLS = 100
#: A format whose calls have taken so long is not called any more, once each artifact has had the fewest.
SECONDS, FEWEST = 60.0, BLOCKS

#: How a worker is asked for: an artifact's memory is that of a process that never held another.
Alone = Callable[[Limits], Workers]


@dataclass(slots=True)
class _Opened:
    artifact: Artifact
    session: Session
    images: list[Any]
    empty: dict[str, Any]
    times: list[float]
    reason: str = ""

    def call(self, number: int) -> None:
        if not self.reason:
            try:
                self.times.append(self.session.time(self.images[number % len(self.images)]))
            except ModelportError as error:
                self.reason = one_line(error)


def measure_costs(
    artifacts: Sequence[Artifact], bench: Bench, limits: Limits, alone: Alone, narrator: Narrator
) -> dict[str, Measures]:
    """Return path to what each artifact costs; what could not be measured is None there, with its reason.

    Args:
        artifacts: those that answered.
        bench: the images; the first ones are used.
        limits: of each worker; its threads are what latency is measured with.
        alone: makes workers.
        narrator: shows the progress.

    """
    found: dict[str, Measures] = {}
    by_format = sorted(artifacts, key=lambda artifact: artifact.format)
    for _, group in groupby(by_format, key=lambda artifact: artifact.format):
        found |= _measure_format(list(group), bench, limits, alone, narrator)
    return found


def _measure_format(
    artifacts: list[Artifact], bench: Bench, limits: Limits, alone: Alone, narrator: Narrator
) -> dict[str, Measures]:
    found: dict[str, Measures] = {}
    with ExitStack() as stack:
        opened = []
        for artifact in artifacts:
            try:
                opened.append(_open(artifact, bench, limits, alone, stack))
            except ModelportError as error:
                found[artifact.path] = _unknown(one_line(error), limits)
        what = f"time {len(artifacts)} {artifacts[0].format} alone"
        for number in narrator.track(_rounds(opened), WARM_UP + CALLS, what):
            for one in opened:
                one.call(number)
        for one in opened:
            found[one.artifact.path] = _measured(one, limits)
    times = {one.artifact.path: one.times for one in opened if not one.reason}
    return {artifact.path: _rated(artifact, found[artifact.path], artifacts, times) for artifact in artifacts}


def _open(artifact: Artifact, bench: Bench, limits: Limits, alone: Alone, stack: ExitStack) -> _Opened:
    log = bench.logs / f"{artifact.path.replace('/', '.')}.latency.log"
    workers, contract = stack.enter_context(alone(limits)), bench.contract_of(artifact)
    workers.perform("modelport.runtimes.workers.driver_registry:load_runtime", {"format": artifact.format}, log=log)
    empty = workers.perform("modelport.runtimes.process.memory_use:memory_use", {"forget_peak": True}, log=log)
    opened = workers.open(bench.path_of(artifact), artifact.format, contract, log=log, facts=False)
    session = stack.enter_context(opened)
    rows = np.arange(min(len(bench.stream), WARM_UP))
    images = [bench.stream.pixels(rows[index : index + 1], contract.pixels) for index in range(len(rows))]
    return _Opened(artifact, session, images, empty, [])


def _rounds(opened: list[_Opened]) -> Iterator[int]:
    """Yield the numbers of the rounds; after the warm-up forget what was timed, and mind the time."""
    start = monotonic()
    for number in range(WARM_UP + CALLS):
        if number == WARM_UP:
            for one in opened:
                one.times.clear()
        if number >= WARM_UP + FEWEST and monotonic() - start > SECONDS:
            return
        yield number


def _measured(one: _Opened, limits: Limits) -> Measures:
    if one.reason:
        return _unknown(one.reason, limits)
    peak, why = _peak_mb(one)
    reasons = {} if why is None else {"peak_memory_mb": why}
    return Measures(
        latency_ms_median=statistics.median(one.times),
        latency_ms_interval=median_interval(one.times),
        latency_ms_p90=statistics.quantiles(one.times, n=10, method="inclusive")[-1],
        latency_runs=len(one.times),
        threads=limits.threads,
        peak_memory_mb=peak,
        reasons=reasons,
    )


def _peak_mb(one: _Opened) -> tuple[float | None, str | None]:
    """Return the peak above the empty runtime in 10^6 bytes, or why there is none."""
    if runs_in_node(one.artifact.format):
        return None, "it runs in a process of Node.js, whose memory is not measured"
    try:
        now = one.session.memory_use()
    except ModelportError as error:
        return None, one_line(error)
    if not now or not one.empty:
        return None, "this system does not tell the peak of a process"
    return max(0, now["peak_resident_bytes"] - one.empty["resident_bytes"]) / 1e6, None


def _unknown(reason: str, limits: Limits) -> Measures:
    names = ("latency_ms_median", "latency_ms_p90", "latency_ratio", "peak_memory_mb")
    return Measures(threads=limits.threads, reasons=dict.fromkeys(names, reason))


def _rated(
    artifact: Artifact, measures: Measures, artifacts: list[Artifact], times: dict[str, list[float]]
) -> Measures:
    """Return the measures with the ratio to the float32 artifact of the same format, the one of its form first.

    Each call is divided by the twin's in the same round: what slows the machine then slows both.
    """
    if artifact.path not in times:
        return measures
    plain = [one for one in artifacts if one.recipe == "float32" and one.path in times]
    if not plain:
        why = f"no float32 artifact of the format {artifact.format} was measured in the same judgement"
        return replace(measures, reasons=measures.reasons | {"latency_ratio": why})
    twin = artifact if artifact in plain else min(plain, key=lambda one: one.form != artifact.form)
    ratios = [mine / its for mine, its in zip(times[artifact.path], times[twin.path], strict=True)]
    return replace(measures, latency_ratio=statistics.median(ratios), latency_ratio_interval=median_interval(ratios))

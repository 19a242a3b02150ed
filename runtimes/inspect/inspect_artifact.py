"""`modelport inspect` for one file, SavedModel or TensorFlow.js folder: both halves run in worker processes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ...contract.errors import RuntimeFailure
from ..facts.format_runtimes import RUNTIMES
from ..facts.inspection import DelegateShare, Inspection, Problem
from ..process.temporary_log import temporary_log
from ..workers.workers import run_task
from .problems import delegate_problems

INSPECT = "modelport.runtimes.inspect.inspect_file:inspect"
TRY_OUT = "modelport.runtimes.inspect.try_out:try_out"


def inspect_artifact(path: str | Path, *, timeout_s: float = 120.0) -> Inspection:
    """Say what a model is, what it promises and what will go wrong with it; nothing is opened in this process.

    Args:
        path: a file, a SavedModel folder or a TensorFlow.js folder.
        timeout_s: seconds that reading, and then running, it may take.

    Raises:
        InputError: nothing there, no model, or a damaged one.
        MissingExtraError: its format needs [tensorflow].
        RuntimeFailure: reading it crashed, hung, or took too much memory.
    """
    absolute = str(Path(path).absolute())
    with temporary_log("inspect") as log:
        inspection = Inspection.from_json(run_task(INSPECT, {"path": absolute}, log=log, timeout_s=timeout_s))
        if inspection.format in RUNTIMES and RUNTIMES[inspection.format].is_tried:
            inspection = _tried(inspection, absolute, log, timeout_s)
    return replace(inspection.with_problems(*delegate_problems(inspection)), path=str(path))


def _tried(inspection: Inspection, path: str, log: Path, timeout_s: float) -> Inspection:
    """Return the inspection with what the runtime said; a runtime that dies of the file is a finding, not the end."""
    request = {"path": path, "format": inspection.format}
    try:
        answer = run_task(TRY_OUT, request, log=log, timeout_s=timeout_s)
    except RuntimeFailure as died:
        sentence = f"the runtime died of it: {died.received}"
        problem = Problem(where=("Flutter app", "Python backend", "CI"), sentence=sentence)
        return replace(inspection, runs=f"no: {sentence}", problems=(problem, *inspection.problems))
    problems = _problems(answer)
    if answer["delegate"] is not None:
        inspection = replace(inspection, delegate=_share(inspection, answer))
    return replace(inspection, runs=_sentence(answer), problems=(*problems, *inspection.problems))


def _sentence(answer: dict[str, Any]) -> str:
    if answer["refused"]:
        return f"no: {answer['runtime']} says: {answer['refused']}"
    if answer["not_run"]:
        return f"opens in {answer['runtime']}; not run, because {answer['not_run']}"
    return f"yes: {answer['runtime']} opens it and answers an image of zeros"


def _problems(answer: dict[str, Any]) -> list[Problem]:
    where = ("Flutter app", "Python backend", "CI")
    if answer["refused"]:
        return [Problem(where=where, sentence=f"{answer['runtime']} refuses it: {answer['refused']}")]
    if answer["not_finite"]:
        names = ", ".join(map(repr, answer["not_finite"]))
        return [Problem(where=where, sentence=f"answers NaN or infinity ({names}): its weights are missing or broken")]
    return []


def _share(inspection: Inspection, answer: dict[str, Any]) -> DelegateShare:
    """Return the measured share, with the kinds that the table knows beside the names."""
    share = answer["delegate"]
    kinds = {name.split(" (")[0]: name for name in (inspection.delegate.outside if inspection.delegate else {})}
    outside = {kinds.get(name, name): count for name, count in share["outside"].items()}
    total = share["taken"] + sum(outside.values())
    return DelegateShare(
        source=answer["runtime"], taken=share["taken"], total=total, partitions=share["partitions"], outside=outside
    )

"""Which artifacts are judged: those in the lock, those that --only leaves, and those that only a budget names."""

from collections.abc import Sequence

from ..contract.artifacts import Artifact, Lock
from ..contract.errors import UsageError
from .budgets import BudgetBook
from .outcome import Outcome
from .verdict import Finding, Verdict

_FORMAT_OF_SUFFIX = {"tflite": "tflite", "onnx": "onnx", "pb": "frozen_graph"}


def select(lock: Lock, only: tuple[str, ...]) -> tuple[Artifact, ...]:
    """Return the artifacts whose format, recipe or path is in `only`; all of them where `only` is empty.

    Raises:
        UsageError: a name in `only` fits nothing in the lock.

    """
    known = {name for artifact in lock.artifacts for name in _names(artifact)}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise UsageError(
            "--only names nothing that was exported",
            where=", ".join(unknown),
            expected="some of " + ", ".join(sorted(known)),
            fix="modelport convert RUN, or modelport quantize RUN",
        )
    return tuple(a for a in lock.artifacts if not only or _names(a) & set(only))


def absent_outcomes(lock: Lock, book: BudgetBook, only: tuple[str, ...]) -> tuple[Outcome, ...]:
    """Return the outcomes of what a budget names and the lock does not hold: budgets are never skipped in silence.

    A missing path fails; a format or recipe of which there is nothing is not judged.
    """
    known = {name for artifact in lock.artifacts for name in _names(artifact)}
    missing = [name for name in book.named_paths if name not in known and _wanted(name, only)]
    empty = [name for name in book.named_kinds if name not in known and (not only or name in only)]
    return tuple(
        [_absent(name, Verdict.FAIL, f"{book.source_of(name)} names it, artifacts.json does not") for name in missing]
        + [_absent(name, Verdict.NOT_JUDGED, f"{book.source_of(name)} names what was not exported") for name in empty]
    )


def unused_sections(artifacts: Sequence[Artifact], book: BudgetBook) -> tuple[str, ...]:
    """Return the sections of the budget file that none of the artifacts falls under, as the file writes them."""
    known = {name for artifact in artifacts for name in _names(artifact)}
    return tuple(book.source_of(name) for name in (*book.named_paths, *book.named_kinds) if name not in known)


def _names(artifact: Artifact) -> set[str]:
    return {artifact.path, artifact.format, artifact.recipe}


def _wanted(path: str, only: tuple[str, ...]) -> bool:
    """Whether `only` leaves an artifact of which nothing but the name is known, such as model.full_int8.tflite."""
    parts = path.rsplit("/", 1)[-1].split(".")
    return not only or bool({path, *parts, _FORMAT_OF_SUFFIX.get(parts[-1], "")} & set(only))


def _absent(name: str, verdict: Verdict, sentence: str) -> Outcome:
    artifact = Artifact(path=name, format="", recipe="", size_bytes=0, sha256="", parent_sha256="")
    return Outcome(artifact=artifact, findings=(Finding(key="file", verdict=verdict, sentence=sentence),))

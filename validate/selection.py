"""Which artifacts are judged: those in the lock, those that --only leaves, and those that only a budget names."""

from collections.abc import Sequence

from ..contract.errors import UsageError
from ..contract.formats import format_of_name
from ..contract.run.artifacts import Artifact
from ..contract.run.lock import Lock
from .budgets.budgets import OPTION, BudgetBook
from .budgets.scope import concerns, scope_words
from .findings.outcome import Outcome
from .findings.verdict import Finding, Verdict


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


def not_given_outcomes(given: Sequence[Artifact], book: BudgetBook) -> tuple[Outcome, ...]:
    """Return the outcomes of sections that none of the given files falls under: an int8 gate passes no float file."""
    return tuple(
        _absent(name, Verdict.NOT_JUDGED, f"{book.source_of(name)} names what was not given")
        for name in _unused_sections(given, book)
    )


def budget_notes(judged: Sequence[Artifact], absent: Sequence[Outcome], book: BudgetBook, why: str) -> tuple[str, ...]:
    """Return notes on the budgets that were held against nothing.

    Args:
        judged: all that is.
        absent: outcomes that say so of some sections already.
        book: the budgets.
        why: what is wrong with a section that no artifact falls under.

    """
    said = {outcome.artifact.path for outcome in absent}
    unused = [book.source_of(name) for name in _unused_sections(judged, book) if name not in said]
    notes = [f"{why}: {', '.join(unused)}."] if unused else []
    for name, keys in (*book.sections.items(), (None, book.options)):
        under = [artifact for artifact in judged if not name or name in _names(artifact)]
        source = OPTION if name is None else book.source_of(name)
        notes += [
            f"{key} ({source}) was held against nothing: it is about {scope_words(key)}."
            for key in keys
            if under and not any(concerns(key, artifact) for artifact in under)
        ]
    return tuple(notes)


def _unused_sections(artifacts: Sequence[Artifact], book: BudgetBook) -> tuple[str, ...]:
    """Return the sections of the budget file that none of the artifacts falls under."""
    known = {name for artifact in artifacts for name in _names(artifact)}
    return tuple(name for name in (*book.named_paths, *book.named_kinds) if name not in known)


def _names(artifact: Artifact) -> set[str]:
    return {artifact.path, artifact.format, artifact.recipe}


def _wanted(path: str, only: tuple[str, ...]) -> bool:
    """Whether `only` leaves an artifact of which nothing but the name is known, such as model.full_int8.tflite."""
    parts = path.rsplit("/", 1)[-1].split(".")
    return not only or bool({path, *parts, format_of_name(path) or ""} & set(only))


def _absent(name: str, verdict: Verdict, sentence: str) -> Outcome:
    artifact = Artifact(path=name, format="", recipe="", size_bytes=0, sha256="", parent_sha256="")
    return Outcome(artifact=artifact, findings=(Finding(key="file", verdict=verdict, sentence=sentence),))

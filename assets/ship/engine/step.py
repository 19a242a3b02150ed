"""What a step of `modelport ship` is: what decides about it, what it leaves, and how it is done."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ....contract.files.hashing import sha256_of
from ....contract.narration import Narrator
from ....contract.run.run_folder import RunFolder
from ..plan.plan import ShipPlan
from .record import StepEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """What every step is given.

    Attributes:
        plan: what the file asks for.
        narrator: told about progress.
        cache: folder of the answers of earlier judgements; None: none are kept.
    """

    plan: ShipPlan
    narrator: Narrator
    cache: Path | None = None

    @property
    def run(self) -> RunFolder:
        """The run folder, which may not be there yet."""
        return RunFolder(self.plan.run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Why a step is done now.

    Attributes:
        before: what is known of it; None: it was never begun.
        forced: whether `--from` asked for it.
        changed: inputs that are not what they were when it was begun or done, and what they were.
    """

    before: StepEntry | None = None
    forced: bool = False
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a step.

    Attributes:
        came: in a line, for the table.
        outputs: files and folders that it left, whose sha256 says whether they are still there unchanged.
        facts: for the record.
        failed: whether the work was done and the answer is no: nothing that follows is done.
        is_kept: whether there was nothing to do, which the record did not know.
    """

    came: str
    outputs: tuple[Path, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    failed: bool = False
    is_kept: bool = False


def refuse_nothing(shipping: Shipping, turn: Turn) -> None:
    """Let a step be done whatever is there."""


def no_facts(shipping: Shipping, turn: Turn) -> dict[str, Any]:
    """Return nothing: of a step that need not know of a try that was stopped."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of the table.

    Attributes:
        name: as `--from` takes it.
        inputs: JSON values of all that decides; called when everything before it is done.
        act: does it.
        refuse: raises, before anything is written, where it must not be done; cheap, so that a dry run asks it, too.
        begin: facts that are recorded before it is done, for the next try after a process that was stopped.
        is_last: whether nothing follows from it, so that the others go on where it is refused.
    """

    name: str
    inputs: Callable[[Shipping], dict[str, Any]]
    act: Callable[[Shipping, Turn], Outcome]
    refuse: Callable[[Shipping, Turn], None] = refuse_nothing
    begin: Callable[[Shipping, Turn], dict[str, Any]] = no_facts
    is_last: bool = False


def name_in(work: Path, path: Path) -> str:
    """Return a path as the record has it: relative to the work folder, so that a project may be moved as a whole."""
    try:
        return Path(os.path.relpath(path, work)).as_posix()
    except ValueError:  # another drive of Windows
        return path.absolute().as_posix()


def hashes(work: Path, names: Iterable[str]) -> dict[str, str]:
    """Return name to sha256 of what is there."""
    return {name: sha256_of(work / name) for name in sorted(set(names)) if (work / name).exists()}


def overwrites(turn: Turn) -> bool:
    """Whether artifacts that are there, unchanged, are written anew: asked for, or because of other tools."""
    before = turn.before
    stopped = before is not None and not before.done and not turn.changed and bool(before.facts.get("overwrite"))
    return turn.forced or any(one.startswith("tools ") for one in turn.changed) or stopped


def begin_overwriting(shipping: Shipping, turn: Turn) -> dict[str, Any]:
    """Return what a try that was stopped was to do, so that the next goes on with that."""
    return {"overwrite": overwrites(turn)}

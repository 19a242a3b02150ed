"""ship.json in the work folder: what each step was made from, and what it left. Written whole around each step.

A step is promised by its inputs alone, since what a training will leave has no hash before it ends: one that was
stopped is done again, and finds by the run's own files what is finished (of files: contract/files/journal.py).
Its outputs may lie anywhere, in the work folder or not: they are hashed by their names, and never written or removed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ....contract.errors import InputError
from ....contract.files.atomic_write import write_json
from ....contract.files.json_file import read_json

RECORD_VERSION = 1

#: Of the record, in the work folder.
RECORD = "ship.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEntry:
    """What is known of one step.

    Attributes:
        inputs: JSON values of all that decides about the outputs: options, hashes of files, versions.
        done: whether it was finished; a step that was stopped has begun with these inputs.
        outputs: path, relative to the work folder or absolute, to sha256, when it was finished.
        came: what came out, in a line.
        facts: what the next try, and the table, need to know of it.
        last: of a step that has begun: what was known when it was last finished, which may lie there still.
    """

    inputs: dict[str, Any]
    done: bool
    outputs: dict[str, str] = field(default_factory=dict)
    came: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    last: "StepEntry | None" = None

    @property
    def finished(self) -> "StepEntry | None":
        """What is known of the time when it was last finished; None: it never was."""
        return self if self.done else self.last

    def __post_init__(self) -> None:
        kinds = (("inputs", dict), ("done", bool), ("outputs", dict), ("came", str), ("facts", dict))
        if wrong := [name for name, kind in kinds if not isinstance(getattr(self, name), kind)]:
            raise TypeError(f"{', '.join(wrong)} of another type")
        if self.last is not None and not (isinstance(self.last, StepEntry) and self.last.done):
            raise TypeError("last of another type")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipRecord:
    """The record of a work folder, changed only by `put`.

    Attributes:
        path: of ship.json.
        steps: name to entry.
    """

    path: Path
    steps: Mapping[str, StepEntry] = field(default_factory=dict)

    def put(self, name: str, entry: StepEntry) -> "ShipRecord":
        """Write the record with `entry`, atomically, and return it."""
        changed = replace(self, steps={**self.steps, name: entry})
        steps = {step: asdict(one) for step, one in changed.steps.items()}
        write_json(self.path, {"modelport_ship": RECORD_VERSION, "steps": steps})
        return changed


def read_record(work: Path) -> ShipRecord:
    """Read WORK/ship.json; an empty record where there is none.

    Raises:
        InputError: it is broken, or of another version.
    """
    path = work / RECORD
    if not path.exists():
        return ShipRecord(path=path)
    value = read_json(path)
    try:
        if value["modelport_ship"] != RECORD_VERSION:
            raise ValueError(f"version {value['modelport_ship']!r}"[:80])
        steps = {str(name): _entry(entry) for name, entry in value["steps"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        fix = "delete it: what is finished is then known by its own files"
        raise InputError("not a record of modelport ship", where=path, received=repr(error)[:200], fix=fix) from error
    return ShipRecord(path=path, steps=steps)


def _entry(value: dict[str, Any]) -> StepEntry:
    last = value.get("last")
    return StepEntry(**{**value, "last": None if last is None else StepEntry(**last)})

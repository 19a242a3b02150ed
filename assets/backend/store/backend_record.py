"""BACKEND/.modelport/backend/record.json: what was delivered to each place, newest last, and what is about to be."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ....contract.errors import InputError, UsageError
from ....contract.files.atomic_write import write_json
from ....contract.files.field_types import check_field_types
from ....contract.files.inner_path import stays_inside
from ....contract.files.journal import ABSENT, lies_there, sha256_at
from ....contract.files.json_file import read_json

RECORD_VERSION = 1

#: Where a backend keeps what was delivered to it, relative to its folder.
STORE = Path(".modelport", "backend")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What lay, or lies, at a place.

    Attributes:
        number: counts up over all places of a backend.
        created: UTC, ISO 8601.
        run_id: of the run that it was delivered from; None: it was found there.
        files: path relative to the backend, with forward slashes, to sha256: the model's, and that of its labels.
        made_of: digest of all that decides about what was delivered; None: it was found there.
        links: path to the text of the owner's own link that was found there.
    """

    number: int
    created: str
    run_id: str | None
    files: dict[str, str]
    made_of: str | None = None
    links: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All deliveries to one backend.

    Attributes:
        stacks: place of the model to its states, oldest first; the last is what lies there now.
        pending: the stacks as they will be once what is about to get its name has got it.
    """

    stacks: dict[str, tuple[State, ...]] = field(default_factory=dict)
    pending: dict[str, tuple[State, ...]] | None = None

    @property
    def next_number(self) -> int:
        """A number above all that were given."""
        return 1 + max((state.number for stack in self.stacks.values() for state in stack), default=0)

    def with_stack(self, target: str, stack: tuple[State, ...]) -> "Record":
        """Return a record in which `stack` is about to be that of `target`."""
        return replace(self, pending={target: stack})

    def settled(self) -> "Record":
        """Return the record once it happened."""
        return Record(stacks=self.stacks | (self.pending or {}))


def name_in_backend(backend: Path, path: str) -> str:
    """Return a path relative to the backend as the record writes it.

    Raises:
        UsageError: it leaves the backend.
    """
    name = Path(path).as_posix()
    if not stays_inside(name):
        raise UsageError("the model is not in the backend", where=path, expected=f"a path in {backend}")
    return name


def record_path(backend: Path) -> Path:
    """Return where the record of a backend is."""
    return backend / STORE / "record.json"


def files_now(backend: Path, paths: Mapping[str, object] | tuple[str, ...]) -> dict[str, str]:
    """Return the sha256 of what lies at each path; ABSENT where nothing does."""
    return {path: sha256_at(backend / path) for path in paths}


def write_record(backend: Path, record: Record) -> None:
    """Write the record atomically."""
    stacks = {target: [asdict(state) for state in stack] for target, stack in record.stacks.items()}
    value: dict[str, Any] = {"modelport_backend": RECORD_VERSION, "stacks": stacks}
    if record.pending is not None:
        value["pending"] = {target: [asdict(state) for state in stack] for target, stack in record.pending.items()}
    write_json(record_path(backend), value)


def read_record(backend: Path) -> Record:
    """Read the record of a backend, empty where nothing was delivered; what was pending is told by the files' hashes.

    Raises:
        InputError: no record of this version, or one that names files outside the backend.
    """
    path = record_path(backend)
    if not path.is_file():
        return Record()
    value = read_json(path)
    if not isinstance(value, dict) or value.get("modelport_backend") != RECORD_VERSION:
        raise InputError("not a record of this version", where=path, expected=RECORD_VERSION)
    stacks, pending = _stacks(value.get("stacks"), path), value.get("pending")
    record = Record(stacks=stacks, pending=None if pending is None else _stacks(pending, path))
    return record.settled() if _happened(backend, record) else replace(record, pending=None)


def _happened(backend: Path, record: Record) -> bool:
    tops = [stack[-1].files for stack in (record.pending or {}).values()]
    return bool(tops) and all(lies_there(backend / path, digest) for top in tops for path, digest in top.items())


def _stacks(value: Any, path: Path) -> dict[str, tuple[State, ...]]:
    try:
        stacks = {target: tuple(State(**item) for item in stack) for target, stack in value.items()}
    except (AttributeError, TypeError) as error:
        raise InputError("record is incomplete", where=path, received=repr(error)) from error
    for target, stack in stacks.items():
        if not stack:
            raise InputError("record is incomplete", where=path, received=f"nothing for {target}")
        for state in stack:
            check_field_types(state, path, number=int, created=str, files=dict, links=dict)
            texts = (state.run_id, state.made_of, *state.links.values())
            if (
                target not in state.files
                or not state.links.keys() <= state.files.keys()
                or not all(isinstance(text, str | None) for text in texts)
            ):
                raise InputError("record is incomplete", where=path, received=state)
            _check_files(state.files, path)
    return stacks


def _check_files(files: dict[str, str], where: Path) -> None:
    for path, digest in files.items():
        is_digest = isinstance(digest, str) and (digest == ABSENT or set(digest) <= set("0123456789abcdef"))
        is_place = stays_inside(path) and Path(path).as_posix() == path
        if not is_place or not is_digest or len(digest) not in (0, 64):
            raise InputError("record names what no delivery does", where=where, received=f"{path}: {digest!r}")

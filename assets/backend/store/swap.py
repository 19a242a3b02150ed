"""Put a model into a backend, and take it back: one `os.replace`, or one link that is flipped. Nothing is judged here.

A delivery is a state on a stack: what was found at the bottom, what lies there now on top. `roll_back` restores the one
below and takes the top away; all that ever lay there is kept by its content (kept_files.py). Before the one step that
changes what the service opens, the record says what is about to be; whether it was is told by the file's own hash, so
a process that is stopped anywhere leaves the old or the new, and a record that is right about it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ....contract.errors import InputError, UsageError
from ....contract.files import disk
from ....contract.files.atomic_write import write_text
from ....contract.files.disk_errors import disk_errors_of
from ....contract.files.hashing import sha256_of
from ....contract.files.journal import ABSENT
from ....contract.files.process_lock import locked
from ....contract.model_contract.provenance import utc_now
from .backend_record import STORE, Record, State, files_now, name_in_backend, read_record, record_path
from .generations import foreign_links
from .kept_files import keep, kept_path
from .put_state import Swapped, put_state, said

#: Old models are nothing for the backend's own history; what the service opens by way of links is.
_IGNORED = "*\n!.gitignore\n!live/\n!live/**\n!generations/\n!generations/**\n"

__all__ = ["Swapped", "is_delivered", "roll_back", "swap", "swap_file"]


def swap_file(
    backend: str | Path,
    target: str,
    new: str | Path,
    *,
    run_id: str | None = None,
    labels: str | None = None,
    expected_sha256: str | None = None,
) -> Swapped:
    """Let `new` become the model at `target`, in one step; the labels file stays as it is.

    Args:
        backend: its folder.
        target: the model that its service opens, relative to it, with forward slashes.
        new: the new file, on whatever file system; it is copied.
        run_id: of the run that it is from.
        labels: the labels file, relative to the backend: a rollback makes sure that it is still the same.
        expected_sha256: of what lies at `target`, if that was looked at before.

    Raises:
        InputError: it is another file by now, or the backend cannot be written.

    Example:
        swap_file("service", "trained_model_graph.pb", "run/trained_model_graph.pb")
        roll_back("service")
    """
    expected = None if expected_sha256 is None else {target: expected_sha256}
    return swap(backend, target, {target: Path(new)}, run_id=run_id, labels=labels, expected=expected)


def swap(
    backend: str | Path,
    target: str,
    new: dict[str, Path],
    *,
    run_id: str | None = None,
    made_of: str | None = None,
    labels: str | None = None,
    expected: Mapping[str, str] | None = None,
) -> Swapped:
    """Let each of `new`, path in the backend to file, take its place, all in one step; see `swap_file`.

    `made_of` is what `is_delivered` is asked about later; `expected` is path to sha256 of what was looked at before,
    ABSENT where nothing lay. More than one file, or a folder, takes links: see generations.py.
    """
    backend, expected = Path(backend), expected or {}
    target, labels = name_in_backend(backend, target), name_in_backend(backend, labels) if labels else None
    new = {name_in_backend(backend, path): file for path, file in new.items()}
    with _only_one(backend):
        paths = tuple(dict.fromkeys([target, *([labels] if labels else []), *new, *expected]))
        _check_expected(backend, target, expected)
        record, before = _look(backend, target, paths)
        after = before | {path: sha256_of(file) for path, file in new.items()}
        if after == before:
            stack = record.stacks.get(target, ())
            run_id = stack[-1].run_id if stack else None
            return said(backend, target, before, after, run_id)
        for path, file in new.items():
            keep(backend, file, after[path], Path(path).name)
        state = State(number=record.next_number, created=utc_now(), run_id=run_id, files=after, made_of=made_of)
        return put_state(backend, record, target, (*record.stacks[target], state), before, after)


def _check_expected(backend: Path, target: str, expected: Mapping[str, str]) -> None:
    now = files_now(backend, expected)
    for path, digest in expected.items():
        if now[path] != digest:
            raise InputError(
                f"the {'model was replaced' if path == target else 'labels file was changed'} while it was compared",
                where=backend / path,
                expected=f"sha256 {digest}" if digest else "nothing",
                received=f"sha256 {now[path]}" if now[path] else "nothing",
                fix="run the same command again",
            )


def is_delivered(backend: Path, target: str, made_of: str) -> bool:
    """Whether what lies at `target`, with its labels, was made of just this, and was not touched since."""
    stack = read_record(backend).stacks.get(target, ())
    return bool(stack) and stack[-1].made_of == made_of and stack[-1].files == files_now(backend, stack[-1].files)


def roll_back(backend: str | Path, target: str | None = None) -> Swapped:
    """Restore what lay there before the newest delivery, in one step. The next call restores the one before that.

    Args:
        backend: its folder.
        target: the model's place, relative to `backend`; None: the one that was delivered to last.

    Raises:
        UsageError: nothing was delivered there, or all of it was taken back.
        InputError: what was kept is gone, or the labels file is another one by now.
    """
    backend = Path(backend)
    if not record_path(backend).is_file():
        raise UsageError(
            "nothing was delivered here", where=backend, expected="a folder that modelport deliver backend wrote to"
        )
    with _only_one(backend):
        target = _known(read_record(backend), backend, target)
        _check_labels(backend, target)
        record, before = _look(backend, target, (target,))
        stack = record.stacks[target]
        if len(stack) < 2:
            raise _at_the_bottom(backend / target)
        return put_state(backend, record, target, stack[:-1], before, before | stack[-2].files)


@contextmanager
def _only_one(backend: Path) -> Iterator[None]:
    """Hold the lock of a backend; raises InputError where it cannot be written."""
    lock = backend / STORE / "lock"
    if not backend.is_dir():
        raise InputError("no such folder", where=backend, expected="the folder of the backend")
    with disk_errors_of(lock):
        disk.make_folder(lock.parent)
        with locked(lock):
            ignored = lock.parent / ".gitignore"
            if not ignored.exists() or ignored.read_text(encoding="utf-8", errors="replace") == "*\n":
                write_text(ignored, _IGNORED)
            yield


def _look(backend: Path, target: str, paths: tuple[str, ...]) -> tuple[Record, dict[str, str]]:
    """Return the record and what lies there; what somebody else put there is on its stack then, and kept."""
    record = read_record(backend)
    stack = record.stacks.get(target, ())
    before = files_now(backend, tuple(dict.fromkeys([*paths, *(stack[-1].files if stack else ())])))
    for path, digest in before.items():
        if digest != ABSENT:
            keep(backend, backend / path, digest, Path(path).name)
    if not stack or before != before | stack[-1].files:
        found = State(
            number=record.next_number,
            created=utc_now(),
            run_id=None,
            files=before,
            links=foreign_links(backend, before, target),
        )
        record = Record(stacks=record.stacks | {target: (*stack, found)})
    return record, before


def _known(record: Record, backend: Path, target: str | None) -> str:
    """Return a place that was delivered to; None: to that last, of those that have something to go back to."""
    if target is not None:
        target = name_in_backend(backend, target)
        if target not in record.stacks:
            raise UsageError(
                "nothing was delivered to this place",
                where=backend / target,
                expected=", ".join(sorted(record.stacks)) or None,
                received=target,
            )
        return target
    found = {stack[-1].number: target for target, stack in record.stacks.items() if len(stack) > 1}
    if not found:
        raise _at_the_bottom(backend)
    return found[max(found)]


def _at_the_bottom(where: Path) -> UsageError:
    return UsageError("nothing to roll back to: what lies there was there before the first delivery", where=where)


def _check_labels(backend: Path, target: str) -> None:
    """Refuse to take a model back to labels that are others by now: the pair would be wrong for every image."""
    stack = read_record(backend).stacks.get(target, ())
    top = stack[-1].files if stack else {}
    now = files_now(backend, top)
    edited = [path for path in top if path != target and now[path] != top[path]]
    if edited and now[target] == top[target]:
        path = edited[0]
        raise InputError(
            "the labels file was changed since the delivery, and the model would come back to other labels",
            where=backend / path,
            expected=f"sha256 {top[path]}, kept as {kept_path(backend, top[path], Path(path).name)}",
            received=now[path] or "nothing",
            fix="put that one back, and run the same command again",
        )

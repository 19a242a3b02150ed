"""Put files into somebody's folder: each whole, none of theirs lost, and delivery.json says which are ours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from ...contract.errors import InputError, UsageError
from ...contract.files import disk
from ...contract.files.atomic_write import place, staged
from ...contract.files.disk_errors import disk_errors_of
from ...contract.files.hashing import sha256_of_file
from ...contract.files.inner_path import check_inner_paths, place_in
from ...contract.files.journal import promised
from .record import RECORD, DeliveryRecord, read_record, write_record

__all__ = ["RECORD", "Delivered", "deliver_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of each file, as paths relative to the target, with forward slashes.

    Attributes:
        written: new or replaced.
        kept: there already, with the same bytes; not touched.
        removed: of an earlier delivery, and no longer part of it.
        edited: of an earlier delivery, no longer part of it, and edited since: left there, the user's own from now on.
    """

    written: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()


def deliver_files(
    target: Path,
    files: Mapping[str, bytes | Path],
    *,
    product: str,
    overwrite: bool,
    about: Mapping[str, str] | None = None,
) -> Delivered:
    """Put `files` below `target`, in their order, and record them in delivery.json there.

    The same files again change nothing, not even a date. Each file is whole at any moment; delivery.json promises what
    it is about to write before, and settles it by the files themselves, so that the same command goes on after a stop.

    Args:
        target: a folder, made where there is none; it may be a link.
        files: path relative to `target`, with forward slashes, to content, or to a file that is copied.
        product: what is delivered, such as "flutter"; a folder holds one product.
        overwrite: replace files that were edited since, or that lie there and are nobody's record.
        about: recorded beside the files: the run, the artifact, the verdict.

    Raises:
        UsageError: files are in the way (all of them named), the folder holds another product, or lies in no folder.
        InputError: a delivery.json that is none, a path that leaves the target, or a disk that refuses.
    """
    check_inner_paths(files, where="the files to deliver")
    if any(name.casefold() == RECORD for name in files):
        raise InputError("a delivery holds a file with the name of its record", where=target, received=RECORD)
    with disk_errors_of(target / RECORD):
        _check_target(target)
        record = read_record(target)
        if record is not None and record.product != product:
            raise UsageError(
                "folder holds another delivery",
                where=target,
                expected=f"a folder of its own for {product!r}",
                received=f"{RECORD} of {record.product!r}",
                fix="name another folder",
            )
        known = record.settled(target).files if record else {}
        wanted = {name: _digest(content) for name, content in files.items()}
        found = {name: _sha256_of_ours(place_in(target, name)) for name in (*wanted, *known)}
        todo = [name for name in wanted if found[name] != wanted[name]]
        gone = [name for name in known if name not in wanted and found[name] is not None]
        if not overwrite:
            _check_free(target, {name: found[name] for name in todo}, known)
        removed = [name for name in gone if found[name] == known[name]]
        done = DeliveryRecord(product=product, about=dict(about or {}), files=wanted)
        if todo or removed or record != done:
            before = replace(record or done, files=known, pending={name: wanted[name] for name in todo})
            _write(target, before, done, {name: files[name] for name in todo}, removed)
    return Delivered(
        written=tuple(todo),
        kept=tuple(name for name in wanted if name not in todo),
        removed=tuple(removed),
        edited=tuple(name for name in gone if name not in removed),
    )


def _write(
    target: Path,
    before: DeliveryRecord,
    done: DeliveryRecord,
    contents: Mapping[str, bytes | Path],
    removed: list[str],
) -> None:
    with promised(partial(write_record, target), before, lambda: done):  # what was recorded stays so until all is done
        for name, content in contents.items():
            _put(place_in(target, name), content, done.files[name])
        for name in removed:
            _remove(target, place_in(target, name))


def _put(path: Path, content: bytes | Path, digest: str) -> None:
    with staged(path) as part:
        if isinstance(content, bytes):
            disk.write_file(part, content)
        else:
            disk.copy_file(content, part)
            if sha256_of_file(part) != digest:
                raise InputError("file changed while it was delivered", where=content, fix="run the command again")
        place(part, path)


def _remove(target: Path, path: Path) -> None:
    """Remove a file of ours, and the folders that are empty then."""
    disk.remove(path)
    folder = path.parent
    while folder != target and disk.remove_if_empty(folder):
        folder = folder.parent


def _digest(content: bytes | Path) -> str:
    return sha256(content).hexdigest() if isinstance(content, bytes) else sha256_of_file(content)


def _sha256_of_ours(path: Path) -> str | None:
    """Return the sha256 of a file of ours; "" for what never is one, such as a folder or a link; None for nothing."""
    if path.is_symlink() or path.is_dir():
        return ""
    return sha256_of_file(path) if path.exists() else None


def _check_target(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError("output is a file", where=target, expected="a folder, or nothing")


def _check_free(target: Path, found: dict[str, str | None], known: dict[str, str]) -> None:
    """Refuse to replace what is not as it was delivered, naming all of it."""
    edited = [name for name, digest in found.items() if digest is not None and name in known and digest != known[name]]
    foreign = [name for name, digest in found.items() if digest is not None and name not in known]
    if edited or foreign:
        lines = [f"{name}: edited since it was delivered" for name in edited]
        lines += [f"{name}: not from modelport" for name in foreign]
        raise UsageError(
            f"{len(lines)} file{'s are' if len(lines) > 1 else ' is'} in the way, and nothing was written",
            where=target,
            expected="files as they were delivered, or none",
            received="\n".join(lines),
            fix="move them away, or pass --overwrite to replace them",
        )

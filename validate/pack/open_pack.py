"""Open a gate pack from anywhere: every member is checked before it is unpacked, and its bytes afterwards."""

import json
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...contract.dataset.labelled_images import LabelledImages
from ...contract.dataset.prepared_dataset import LabelledImage
from ...contract.errors import InputError
from ...contract.files.disk_errors import disk_errors_of
from ...contract.run.run_folder import RunFolder
from .format import MANIFEST, MAX_BYTES, MAX_MEMBER_BYTES, MAX_MEMBERS, MEMBER, NEEDED, PACK_VERSION, REFERENCE

_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError)


@contextmanager
def open_pack(path: Path) -> Iterator[tuple[RunFolder, LabelledImages]]:
    """Unpack a gate pack into a temporary folder for the length of the block.

    Yields:
        A run folder without a model and without artifacts, and the images.

    Raises:
        InputError: no ZIP, members that a pack does not have, links, members too large, or other bytes than packed.
    """
    with tempfile.TemporaryDirectory(prefix="modelport-pack-") as folder:
        root = Path(folder)
        with _open_zip(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, path)
            for entry in entries:
                _unpack(root / entry.filename, _read(archive, entry, path))
        manifest = _read_manifest(root, path)
        _check_bytes(root, manifest["sha256"], {entry.filename for entry in entries}, path)
        run = RunFolder(root)
        yield run, _images(run, manifest, path)


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise _damaged(path, error) from error
    if min((entry.header_offset for entry in archive.infolist()), default=0):
        archive.close()  # of a pack that was cut, the last archive inside it is found: reference.npz
        raise _damaged(path, "bytes that belong to no member come first, as when a pack was cut")
    return archive


def _check_entries(entries: list[zipfile.ZipInfo], path: Path) -> None:
    names = [entry.filename for entry in entries]
    reasons = [reason for entry in entries if (reason := _unfit(entry))]
    if len(entries) > MAX_MEMBERS:
        reasons.append(f"{len(entries):,} members, at most {MAX_MEMBERS:,}")
    if len(set(names)) < len(names):
        reasons.append("a name occurs twice")
    if sum(entry.file_size for entry in entries) > MAX_BYTES:
        reasons.append(f"more than {MAX_BYTES:,} bytes unpacked")
    reasons += [f"no {name}" for name in (MANIFEST, *NEEDED, REFERENCE) if name not in names]
    if reasons:
        more = f"\nand {len(reasons) - 5} more" if len(reasons) > 5 else ""
        raise InputError(
            "not a gate pack",
            where=path,
            expected="a .zip that modelport pack wrote",
            received="\n".join(reasons[:5]) + more,
        )


def _unfit(entry: zipfile.ZipInfo) -> str | None:
    """Return why a member is not unpacked; None if it may be."""
    shown, kind = repr(entry.filename[:80]), stat.S_IFMT(entry.external_attr >> 16)
    if not MEMBER.fullmatch(entry.filename):
        return f"{shown} is no member of a gate pack"
    if kind not in (0, stat.S_IFREG):  # 0: made where files have no kind
        return f"{shown} is a link or no plain file"
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _PLAIN:
        return f"{shown} is encrypted, or packed in a way that is not read"
    if entry.file_size > MAX_MEMBER_BYTES:
        return f"{shown} has {entry.file_size:,} bytes, at most {MAX_MEMBER_BYTES:,}"
    return None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> bytes:
    try:
        with archive.open(entry) as stream:
            data = stream.read(MAX_MEMBER_BYTES + 1)
    except _DAMAGED as error:
        raise _damaged(path, error) from error
    if len(data) != entry.file_size:
        raise _damaged(path, f"{entry.filename} is not as long as it says")
    return data


def _unpack(target: Path, data: bytes) -> None:
    with disk_errors_of(target):
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)


def _read_manifest(root: Path, path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads((root / MANIFEST).read_bytes())
        if value["modelport_pack"] != PACK_VERSION:
            raise InputError("not a gate pack of this version", where=path, expected=PACK_VERSION)
        images, digests = value["images"], value["sha256"]
        known = isinstance(value["sampled_from"], int) and isinstance(digests, dict) and isinstance(images, list)
        if known and all(isinstance(x["label"], int) and isinstance(x["file"], str) for x in images):
            return value
        raise TypeError("values of other types")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, error) from error


def _check_bytes(root: Path, digests: dict[str, Any], names: set[str], path: Path) -> None:
    """Compare every member with its sha256, and the list of them with what was unpacked."""
    found = {name: sha256((root / name).read_bytes()).hexdigest() for name in names - {MANIFEST}}
    wrong = sorted(name for name in found.keys() | digests.keys() if found.get(name) != digests.get(name))
    if wrong:
        raise _damaged(path, f"not the bytes that were packed: {', '.join(map(repr, wrong[:5]))}")


def _images(run: RunFolder, manifest: dict[str, Any], path: Path) -> LabelledImages:
    labels = run.read_contract().first_classification.labels
    images = manifest["images"]
    files = sorted(image["file"] for image in images)
    on_disk = sorted(name for name in manifest["sha256"] if name.startswith("images/"))
    if files != on_disk or not files or not all(0 <= image["label"] < len(labels) for image in images):
        raise _damaged(path, "images and labels do not match")
    seen = {image["label"] for image in images}
    of = manifest["sampled_from"]
    return LabelledImages(
        origin=f"{path} ({'all' if of == len(images) else 'a stratified sample of'} {of:,} test images)",
        root=run.root,
        images=tuple(LabelledImage(run.root / image["file"], image["label"]) for image in images),
        absent=tuple(label for index, label in enumerate(labels) if index not in seen),
    )


def _damaged(path: Path, reason: object) -> InputError:
    return InputError("gate pack is damaged", where=path, received=reason, fix="modelport pack RUN gate.zip, again")

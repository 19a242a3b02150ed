"""`modelport pack`: a sample of the test images, with their labels and the reference's answers, in one file."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from ...contract.dataset.labelled_images import LabelledImages, find_labelled_images
from ...contract.errors import InputError, UsageError
from ...contract.files.atomic_write import atomic_file
from ...contract.files.disk import reached
from ...contract.files.hashing import sha256_of_file
from ...contract.files.plain_zip import plain_entry
from ...contract.narration import Narrator, Silent
from ...contract.run.reference import Reference, read_reference, reference_bytes
from ...contract.run.run_folder import RunFolder
from ...contract.statistics.stratified_choice import choose_stratified
from .format import (
    IMAGE_FOLDER,
    MANIFEST,
    MAX_BYTES,
    MAX_MEMBER_BYTES,
    MAX_MEMBERS,
    NEEDED,
    OPTIONAL,
    PACK_VERSION,
    REFERENCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was written.

    Attributes:
        path: of the pack.
        images, of_images: how many, of how many that the reference holds.
        size_bytes: of the file.
        sha256: of the file: the same run and number of images give the same.
    """

    path: str
    images: int
    of_images: int
    size_bytes: int
    sha256: str


def write_pack(
    root: str | Path,
    destination: str | Path,
    *,
    images: int = 1000,
    data: Path | None = None,
    overwrite: bool = False,
    narrator: Narrator | None = None,
) -> Packed:
    """Write a gate pack of a run.

    Args:
        root: the run folder.
        destination: the file, NAME.zip.
        images: how many test images, a stratified sample; all where there are not more.
        data: labelled images as `modelport validate` takes them; None: the test split of the run.
        overwrite: replace a file that is there.
        narrator: is shown the progress.

    Raises:
        InputError: no run, no reference, no images, or none that the reference holds.
        UsageError: the destination exists, or lies where it cannot be written.
    """
    run, destination, narrator = RunFolder(Path(root)), Path(destination), narrator or Silent()
    _check(destination, images, overwrite)
    contract = run.read_contract()
    if not run.reference.is_file():
        fix = "train or adopt the model again: without a reference nothing can be judged"
        raise InputError("run has no reference", where=run.reference, fix=fix)
    reference, found = read_reference(run.reference), find_labelled_images(contract, data)
    held, rows = _held_rows(found, reference, contract.first_classification.name, narrator)
    labels = [found.images[index].label for index in held]
    chosen = choose_stratified(labels, [reference.file_sha256[row] for row in rows], images)
    files = [found.images[held[position]].path for position in chosen]
    sampled = _sample(reference, [rows[position] for position in chosen], files)
    manifest = {
        "modelport_pack": PACK_VERSION,
        "run_id": contract.provenance.run_id,
        "model_sha256": contract.provenance.model_sha256,
        "sampled_from": len(held),
        "images": [
            {"file": name, "label": labels[position]} for name, position in zip(sampled.paths, chosen, strict=True)
        ],
    }
    with atomic_file(destination) as part:
        _write_zip(part, _members(run, sampled, files, narrator), manifest)
    return Packed(
        path=str(destination),
        images=len(chosen),
        of_images=len(held),
        size_bytes=destination.stat().st_size,
        sha256=sha256_of_file(destination),
    )


def _check(destination: Path, images: int, overwrite: bool) -> None:
    if not 1 <= images <= MAX_MEMBERS // 2:
        raise UsageError("number of images is out of range", where="--images", received=images)
    if destination.suffix.lower() != ".zip":
        raise UsageError("a gate pack is a .zip file", where=destination, fix="modelport pack RUN gate.zip")
    if destination.is_dir():
        raise UsageError("output is a folder", where=destination, fix="choose another name")
    if destination.exists() and not overwrite:
        raise UsageError("output exists", where=destination, fix="choose another name, or pass --overwrite")


def _held_rows(
    found: LabelledImages, reference: Reference, head: str, narrator: Narrator
) -> tuple[list[int], list[int]]:
    """Return the indices of the images that the reference holds, each content once, and their rows in it.

    A content that the reference holds under two labels is packed under the one that comes first.
    """
    truths = map(int, reference.truths.get(head, ()))
    row_of = {key: row for row, key in enumerate(zip(reference.file_sha256, truths, strict=False))}
    seen: dict[str, tuple[int, int]] = {}
    for index in narrator.track(range(len(found.images)), len(found.images), "hash images"):
        digest = sha256_of_file(found.images[index].path)
        row = row_of.get((digest, found.images[index].label))
        if row is not None:
            seen.setdefault(digest, (index, row))
    if not seen:
        raise InputError(
            "the reference holds none of these images",
            where=found.origin,
            expected="images of the test split that reference.npz was made from, under the same labels",
            fix="modelport pack RUN gate.zip --data DATASET",
        )
    return [index for index, _ in seen.values()], [row for _, row in seen.values()]


def _sample(reference: Reference, rows: list[int], files: list[Path]) -> Reference:
    """Return the reference of some rows, under the names that the images have in the pack."""
    picked = np.array(rows, dtype=np.intp)
    return Reference(
        run_id=reference.run_id,
        model_sha256=reference.model_sha256,
        paths=tuple(f"{IMAGE_FOLDER}/{number:05d}{file.suffix.lower()}" for number, file in enumerate(files)),
        file_sha256=tuple(reference.file_sha256[row] for row in rows),
        pixels_sha256=tuple(reference.pixels_sha256[row] for row in rows),
        truths={head: values[picked] for head, values in reference.truths.items()},
        predictions={head: values[picked] for head, values in reference.predictions.items()},
    )


def _members(run: RunFolder, sampled: Reference, files: list[Path], narrator: Narrator) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each member but the manifest."""
    for name in (*NEEDED, *OPTIONAL):
        if name in NEEDED or (run.root / name).is_file():
            yield name, (run.root / name).read_bytes()
    yield REFERENCE, reference_bytes(sampled)
    named = zip(sampled.paths, files, strict=True)
    for name, file in narrator.track(named, len(files), "pack images"):
        yield name, file.read_bytes()


def _write_zip(part: Path, members: Iterator[tuple[str, bytes]], manifest: dict[str, Any]) -> None:
    """Write the archive, stored and undated, so that the same members give the same bytes on every system."""
    digests, total = dict[str, str](), 0
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members:
            total += len(data)
            if len(data) > MAX_MEMBER_BYTES or total > MAX_BYTES:
                raise _too_large(name, len(data), total)
            digests[name] = sha256(data).hexdigest()
            archive.writestr(plain_entry(name), data)
            reached("write member", part)
        text = json.dumps(manifest | {"sha256": digests}, indent=1, ensure_ascii=False)
        archive.writestr(plain_entry(MANIFEST), text.encode())
    reached("write", part)


def _too_large(name: str, size: int, total: int) -> InputError:
    return InputError(
        "a gate pack of these images is too large to be opened again",
        where=name,
        expected=f"at most {MAX_MEMBER_BYTES:,} bytes a file and {MAX_BYTES:,} together",
        received=f"{size:,} bytes, {total:,} with those before it",
        fix="pass fewer --images, or --data with smaller ones",
    )

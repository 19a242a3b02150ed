"""Which data set `modelport ship` replaces: one that it made and nobody changed, or one that it would make just so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ....contract.dataset.prepared_dataset import MANIFEST
from ....contract.errors import ModelportError, UsageError
from ....contract.files.hashing import files_below, sha256_of_file
from ....contract.files.json_file import read_json
from ....training.prepare.find_images import find_images
from ....training.prepare.manifest import describe_dataset
from ..engine.step import Shipping, Turn, hashes, name_in

#: Differences that are listed; more hardly help.
_MOST_LISTED = 8


def refuse_other_dataset(shipping: Shipping, turn: Turn) -> None:
    """Refuse to replace a data set that somebody else made, or worked on.

    Raises:
        UsageError: there is one, and `--from prepare` was not asked for.
    """
    dataset = shipping.plan.dataset
    if turn.forced or not dataset.is_dir() or not any(dataset.iterdir()):
        return
    differences = list(_differences(shipping, turn))
    if differences:
        more = [f"and {len(differences) - _MOST_LISTED} more"] * (len(differences) > _MOST_LISTED)
        raise UsageError(
            "there is a data set that ship did not make so, and it is not replaced unasked",
            where=dataset,
            received="\n".join([*differences[:_MOST_LISTED], *more]),
            fix=f"set [ship] work to another folder, or: modelport ship {shipping.plan.file} --from prepare",
        )


def _differences(shipping: Shipping, turn: Turn) -> Iterator[str]:
    """Yield what would be lost; nothing where the folder, or its list and every file of that, is as ship left it."""
    work, dataset = shipping.plan.work, shipping.plan.dataset
    recorded = turn.before.outputs if turn.before else {}
    found = hashes(work, recorded)
    kept = {name for name, digest in recorded.items() if found.get(name) == digest}
    if name_in(work, dataset) in kept:
        return
    try:
        manifest = read_json(dataset / MANIFEST)
        if name_in(work, dataset / MANIFEST) not in kept:  # a ship that was stopped has made it, and recorded nothing
            yield from _not_asked_for(shipping, manifest)
        yield from _changed(dataset, shipping.plan.images, manifest)
    except (ModelportError, KeyError, TypeError, AttributeError):
        yield f"{MANIFEST}: missing, or not the list of a prepared data set"


def _not_asked_for(shipping: Shipping, manifest: Any) -> Iterator[str]:
    """Yield how the list differs from the one that would be written: in its options, and in its images."""
    images, found = shipping.plan.images, find_images(shipping.plan.images)
    asked = describe_dataset((), (), (), shipping.plan.prepare, found.is_split)["options"]
    for name, value in asked.items():
        if manifest["options"][name] != value:
            yield f"{name}: {manifest['options'][name]} there, {value} asked for"
    listed = {item["source"]: item for item in manifest["images"]}
    known = {*listed, *(item["path"] for item in manifest["quarantine"])}
    there = {image.source for image in found.images} | {file.path for file in found.quarantine}
    yield from (f"{name}: made without it" for name in sorted(there - known))
    yield from (f"{name}: not among the images any more" for name in sorted(set(listed) - there))
    for name in sorted(set(listed) & there):
        if "reencoded" not in listed[name] and sha256_of_file(images / name) != listed[name]["sha256"]:
            yield f"{name}: made of another file"


def _changed(dataset: Path, images: Path, manifest: Any) -> Iterator[str]:
    """Yield files that are not as they are listed; one that is a link to its photo changes with that."""
    listed = {item["path"]: item for item in manifest["images"]}
    there = {file.relative_to(dataset).as_posix(): file for file in files_below(dataset)}
    own = {name: file for name, file in there.items() if not any(part.startswith(".") for part in name.split("/"))}
    yield from (f"{name}: not of this data set" for name in own if name not in listed and name != MANIFEST)
    for name, item in listed.items():
        if name not in there:
            yield f"{name}: taken away"
        elif not _is_link(there[name], images / item["source"]) and sha256_of_file(there[name]) != item["sha256"]:
            yield f"{name}: changed"


def _is_link(file: Path, photo: Path) -> bool:
    return photo.is_file() and file.samefile(photo)

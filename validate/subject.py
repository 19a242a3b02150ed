"""What is judged with: a run folder, or a gate pack, and labelled images."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..contract.dataset.labelled_images import LabelledImages, find_labelled_images
from ..contract.errors import InputError, UsageError
from ..contract.model_contract.model_contract import ModelContract
from ..contract.run.lock import Lock
from ..contract.run.run_folder import RunFolder
from .pack.open_pack import open_pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One run, as far as it is here.

    Attributes:
        run: the folder; of a gate pack, a temporary one without artifacts.
        contract, lock: of the run.
        images: to judge on.
        is_pack: whether it came out of a gate pack.
    """

    run: RunFolder
    contract: ModelContract
    lock: Lock
    images: LabelledImages
    is_pack: bool


@contextmanager
def open_subject(path: Path, data: Path | None) -> Iterator[Subject]:
    """Open a run folder, or a gate pack, for the length of the block.

    Args:
        path: a folder, or a .zip.
        data: labelled images; None: the run's test split, or those of the pack.

    Raises:
        InputError: neither of both, labels that do not match, or no images.
        UsageError: a gate pack, which has its images, and `data`.
    """
    if path.is_file():
        if not zipfile.is_zipfile(path):
            raise InputError(
                "neither a run folder nor a gate pack", where=path, expected="RUN, or a .zip of modelport pack"
            )
        if data is not None:
            raise UsageError("a gate pack has its own images", where="--data", received=data, fix="drop --data")
        with open_pack(path) as (run, images):
            yield Subject(run=run, contract=run.read_contract(), lock=run.read_lock(), images=images, is_pack=True)
        return
    run = RunFolder(path)
    contract, lock = run.read_contract(), run.read_lock()
    yield Subject(run=run, contract=contract, lock=lock, images=find_labelled_images(contract, data), is_pack=False)


def report_folder(path: Path) -> Path:
    """Return where a report goes if nobody says: into the run folder, or beside the pack."""
    return path.with_suffix(".validation") if path.is_file() else RunFolder(path).validation

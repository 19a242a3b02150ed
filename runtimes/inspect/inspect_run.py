"""`modelport inspect` for a run folder: is every file the one that the run recorded."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...contract.errors import ModelportError
from ...contract.files.hashing import sha256_of, sha256_of_file, size_bytes_of
from ...contract.files.json_file import read_json
from ...contract.labels.heads import ClassificationHead
from ...contract.labels.labels_file import read_labels
from ...contract.model_contract.model_contract import ModelContract, read_contract
from ...contract.run.artifacts import Artifact, Shipped
from ...contract.run.lock import Lock
from ...contract.run.reference import read_reference
from ...contract.run.run_folder import RunFolder
from ...contract.run.unlisted import unlisted_artifacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """One file of a run folder.

    Attributes:
        path: relative to the run folder, with forward slashes.
        state: "whole"; "absent", for what a run may do without; or a fault: "missing", "edited", "foreign" (of another
            run), "unreadable", "not in the lock", "stale" (what it was copied from is another file by now).
        detail: what was compared, or what differs.
        size_bytes: None where there is none.
        recipe: of an artifact, else None.
    """

    path: str
    state: str
    detail: str
    size_bytes: int | None = None
    recipe: str | None = None

    @property
    def is_fault(self) -> bool:
        """Whether the run folder is not as it was recorded."""
        return self.state not in ("whole", "absent")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInspection:
    """A run folder against its lock.

    Attributes:
        path: as it was asked for.
        run_id: of the contract.
        model_sha256: of the model.keras that the contract names.
        files: every file that belongs to a run, then the artifacts.
    """

    path: str
    run_id: str
    model_sha256: str
    files: tuple[FileState, ...]

    @property
    def exit_code(self) -> int:
        """0: whole; 1: a file is missing, edited, of another run, unreadable, or an artifact that no lock lists."""
        return 1 if any(file.is_fault for file in self.files) else 0

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self) | {"format": "run", "whole": self.exit_code == 0}


def inspect_run(root: str | Path) -> RunInspection:
    """Compare every file of a run folder with the contract and the lock; nothing is opened in a runtime.

    Raises:
        InputError: the contract, which says what the run is, is missing or cannot be read.
    """
    run = RunFolder(Path(root))
    contract = read_contract(run.contract)
    files = [
        FileState(path=run.contract.name, state="whole", detail="readable", size_bytes=size_bytes_of(run.contract)),
        _checked(run.model, required=True, check=lambda: _model(run, contract)),
        _checked(run.labels, required=_has_labels(contract), check=lambda: _labels(run, contract)),
        *(
            _checked(path, required=False, check=_run_id_check(path, contract))
            for path in (run.history, run.evaluation)
        ),
        _checked(run.reference, required=False, check=lambda: _reference(run, contract)),
    ]
    return RunInspection(
        path=str(root),
        run_id=contract.provenance.run_id,
        model_sha256=contract.provenance.model_sha256,
        files=(*files, *_lock_and_artifacts(run, contract)),
    )


def is_run_folder(path: Path) -> bool:
    """Say whether the folder is, or was, a run's: it holds a contract or a lock, and is no model itself."""
    run = RunFolder(path)
    return path.is_dir() and (run.contract.is_file() or run.lock.is_file())


def _checked(path: Path, *, required: bool, check: Callable[[], tuple[str, str]]) -> FileState:
    if not path.is_file():
        state, detail = ("missing", "every run has it") if required else ("absent", "")
        return FileState(path=path.name, state=state, detail=detail)
    try:
        state, detail = check()
    except (ModelportError, RecursionError, MemoryError) as error:
        state, detail = "unreadable", " ".join(str(error).split())[:300]
    return FileState(path=path.name, state=state, detail=detail, size_bytes=size_bytes_of(path))


def _has_labels(contract: ModelContract) -> bool:
    return any(isinstance(head, ClassificationHead) for head in contract.heads)


def _model(run: RunFolder, contract: ModelContract) -> tuple[str, str]:
    expected, found = contract.provenance.model_sha256, sha256_of_file(run.model)
    if found == expected:
        return "whole", "the file that contract.json names"
    return "edited", f"sha256 {found[:12]}, contract.json names {expected[:12]}: damaged, edited, or of another run"


def _labels(run: RunFolder, contract: ModelContract) -> tuple[str, str]:
    found = read_labels(run.labels)
    if not _has_labels(contract) or found == (expected := contract.first_classification.labels):
        return "whole", f"{len(found)} labels, as in contract.json"
    if sorted(found) == sorted(expected):
        return "edited", "the labels of contract.json in another order"
    return "edited", f"{len(found)} labels, other than the {len(expected)} of contract.json"


def _run_id_check(path: Path, contract: ModelContract) -> Callable[[], tuple[str, str]]:
    def check() -> tuple[str, str]:
        value = read_json(path)
        return _of_run(value.get("run_id") if isinstance(value, dict) else None, contract)

    return check


def _reference(run: RunFolder, contract: ModelContract) -> tuple[str, str]:
    reference = read_reference(run.reference)
    if reference.model_sha256 != contract.provenance.model_sha256:
        return "foreign", "predictions of another model"
    state, detail = _of_run(reference.run_id, contract)
    return state, f"{len(reference.paths)} images, {detail}"


def _of_run(run_id: object, contract: ModelContract) -> tuple[str, str]:
    own = contract.provenance.run_id
    return ("whole", "of this run") if run_id == own else ("foreign", f"of run {run_id}, this is {own}")


def _lock_and_artifacts(run: RunFolder, contract: ModelContract) -> Iterator[FileState]:
    name = run.lock.name
    try:
        lock = run.read_lock()
    except ModelportError as error:
        detail = " ".join(str(error).split())[:300]
        yield FileState(path=name, state="unreadable", detail=f"{detail}; no artifact can be checked")
        return
    if run.lock.is_file():
        state, detail = _of_run(lock.run_id, contract)
        if lock.model_sha256 != contract.provenance.model_sha256:
            state, detail = "foreign", "made for another model than contract.json's"
        yield FileState(path=name, state=state, detail=detail, size_bytes=size_bytes_of(run.lock))
    else:
        yield FileState(path=name, state="absent", detail="nothing was exported")
    yield from (_artifact(run.root, artifact, contract) for artifact in lock.artifacts)
    if lock.shipped is not None:
        yield _shipped(run.root, lock, lock.shipped)
    yield from (_unlisted(run.root, path, lock) for path in unlisted_artifacts(run.root, lock))


def _artifact(root: Path, artifact: Artifact, contract: ModelContract) -> FileState:
    path, recipe = root / artifact.path, f"{artifact.format} {artifact.recipe}"
    if not path.exists():
        return FileState(path=artifact.path, state="missing", detail="the lock lists it", recipe=recipe)
    size, found = size_bytes_of(path), sha256_of(path)
    state, detail = "whole", "the file that was exported"
    if found != artifact.sha256:
        state, detail = "edited", f"{size:,} bytes, {artifact.size_bytes:,} in the lock, and another sha256"
    elif artifact.parent_sha256 != contract.provenance.model_sha256:
        state, detail = "foreign", f"made from another model: {artifact.parent_sha256[:12]}"
    elif artifact.oldest_runtime:
        detail += f"; oldest runtime tried: {artifact.oldest_runtime}"
    return FileState(path=artifact.path, state=state, detail=detail, size_bytes=size, recipe=recipe)


def _shipped(root: Path, lock: Lock, shipped: Shipped) -> FileState:
    """Compare model.tflite with the artifact whose copy the lock says that it is."""
    path, again = root / shipped.path, "deliver again to choose anew"
    recipe = f"ships: {shipped.source}, {shipped.verdict}"
    if not path.is_file():
        detail = f"the lock says that {shipped.source} ships under this name; {again}"
        return FileState(path=shipped.path, state="missing", detail=detail, recipe=recipe)
    known = {artifact.sha256: artifact.path for artifact in lock.artifacts}
    source = next((artifact for artifact in lock.artifacts if artifact.path == shipped.source), None)
    found = sha256_of(path)
    state, detail = "whole", f"the same bytes as {shipped.source}"
    if found != shipped.sha256:
        state = "edited"
        detail = f"the bytes of {known[found]}, which is not the one that ships" if found in known else "other bytes"
        detail = f"{detail}; {again}"
    elif source is None or source.sha256 != shipped.sha256:
        state, detail = "stale", f"not the bytes of {shipped.source} any more, which was exported again; {again}"
    return FileState(path=shipped.path, state=state, detail=detail, size_bytes=size_bytes_of(path), recipe=recipe)


def _unlisted(root: Path, path: str, lock: Lock) -> FileState:
    size, known = size_bytes_of(root / path), {artifact.sha256: artifact.path for artifact in lock.artifacts}
    copy = known.get(sha256_of(root / path))
    detail = f"the same bytes as {copy}" if copy else "nothing says what it was made from: export it again"
    return FileState(path=path, state="not in the lock", detail=detail, size_bytes=size)

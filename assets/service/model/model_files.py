"""The files that a model is served from, read as one consistent set."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ....contract.errors import InputError
from ....contract.files.hashing import files_below, sha256_of
from ....contract.labels.labels_file import read_labels
from ....contract.model_contract.model_contract import ModelContract, read_contract
from ....contract.run.lock import read_lock
from ....contract.run.run_folder import RunFolder
from ....runtimes.detect.detect_format import detect_format
from .settings import FORMATS, Settings

#: How often files are read again that changed while they were read. A copy takes a moment; a swap by rename none.
_TRIES = 3

#: What tells that a path leads to another file than before, or that the file was written to.
Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Where the files are, as configured; they may be links, and need not exist.

    Attributes:
        model: a file, or the folder of a SavedModel.
        labels: the labels file; None: beside the model, if it exists.
        contract: contract.json; None: beside the model, if it exists.
        format: one of settings.FORMATS.
    """

    model: Path
    labels: Path | None
    contract: Path | None
    format: str

    @classmethod
    def of(cls, settings: Settings) -> "ModelFiles":
        """Return the files that the settings mean; of a folder that holds a frozen graph, that graph."""
        inside = settings.model / "trained_model_graph.pb"
        model = inside if inside.is_file() else settings.model
        return cls(model=model, labels=settings.labels, contract=settings.contract, format=settings.format)

    @property
    def labels_path(self) -> Path:
        """The labels file, whether it exists or not."""
        return self.labels or self.model.parent / "training_set_labels.txt"

    @property
    def contract_path(self) -> Path:
        """The contract, whether it exists or not."""
        return self.contract or self.model.parent / "contract.json"

    def located(self) -> "Located":
        """Return where the paths lead now."""
        found = self.model, self.labels_path, self.contract_path, RunFolder(self.model.parent).lock
        model, labels, contract, lock = (path.resolve() for path in found)
        return Located(model=model, labels=labels, contract=contract, lock=lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where the files really lie: a link that is flipped later changes nothing about these paths."""

    model: Path
    labels: Path
    contract: Path
    lock: Path

    def identity(self) -> Identity:
        """Return what is another value once a path leads elsewhere, or a file there was written to or replaced."""
        return tuple(map(_identity, (self.model, self.labels, self.contract, self.lock)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The content of the files at one moment.

    Attributes:
        format: "frozen_graph", "saved_model", "tflite" or "onnx".
        model: its bytes, which no later write can change; a SavedModel's folder.
        model_sha256: of the file, or of the folder's names and files.
        labels: of the labels file, in output order; empty: there is none.
        labels_sha256: of the labels file; None: there is none.
        contract: what the model promises, if a contract lies beside it, with what the lock says differs in this file.
        identity: of the files.
    """

    format: str
    model: bytes | Path
    model_sha256: str
    labels: tuple[str, ...]
    labels_sha256: str | None
    contract: ModelContract | None
    identity: Identity


def read_snapshot(files: ModelFiles) -> Snapshot:
    """Read all files, again if one of them changes meanwhile.

    Raises:
        InputError: a file is missing, cannot be read, keeps changing, or is not the one that its lock lists.
    """
    for _ in range(_TRIES):
        located = files.located()
        before = located.identity()
        try:
            snapshot = _read(files, located, before)
        except (InputError, OSError):
            if files.located().identity() == before:
                raise
            continue
        if files.located().identity() == before:
            return snapshot
    what = "model and labels change while they are read"
    raise InputError(what, where=files.model, fix="put files in place by renaming, not by writing over them")


def _read(files: ModelFiles, at: Located, identity: Identity) -> Snapshot:
    found = detect_format(at.model) if files.format == "auto" else files.format
    if found not in FORMATS:
        what = "the service does not run this format"
        raise InputError(what, where=files.model, expected=", ".join(FORMATS[1:]), received=found)
    if at.model.is_dir() != (found == "saved_model"):
        expected = "the folder of a SavedModel" if found == "saved_model" else f"a file, as format {found} is"
        raise InputError("model cannot be read", where=files.model, expected=expected)
    model = at.model if found == "saved_model" else _bytes_of(at.model)
    sha256 = sha256_of(model) if isinstance(model, Path) else hashlib.sha256(model).hexdigest()
    has_labels = files.labels is not None or at.labels.is_file()
    return Snapshot(
        format=found,
        model=model,
        model_sha256=sha256,
        labels=read_labels(at.labels) if has_labels else (),
        labels_sha256=hashlib.sha256(_bytes_of(at.labels)).hexdigest() if has_labels else None,
        contract=_contract(files, at, sha256),
        identity=identity,
    )


def _contract(files: ModelFiles, at: Located, sha256: str) -> ModelContract | None:
    """Return the contract beside the model as its lock says it is for this file; None: there is no contract."""
    if files.contract is None and not at.contract.is_file():
        return None
    contract = read_contract(at.contract)
    recorded = read_lock(at.lock).artifact_at(files.model.name) if at.lock.is_file() else None
    if recorded is None:
        return contract
    if recorded.sha256 != sha256:
        raise InputError(
            "model is not the file that artifacts.json beside it lists",
            where=files.model,
            expected=f"sha256 {recorded.sha256}",
            received=sha256,
            fix="modelport convert it again with --overwrite, or serve it from a folder of its own",
        )
    return recorded.contract_in(contract)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("file cannot be read", where=path, received=error.strerror) from error


def _identity(path: Path) -> Identity:
    """Return a path and which file is there; of a folder, which files are below."""
    parts: list[object] = [path]
    for file in files_below(path) if path.is_dir() else [path]:
        try:
            stat = file.stat()
        except OSError:
            parts.append(None)
        else:
            parts += [file, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
    return tuple(parts)

"""May this folder become a run's? And emptying it so that, at no moment, it could be taken for a whole run."""

from fnmatch import fnmatch
from pathlib import Path

from ...contract.errors import UsageError
from ...contract.files import disk
from ...contract.run.run_folder import RunFolder

#: What a run folder may hold; --overwrite deletes a folder that holds nothing else.
RUN_NAMES = (
    "model*.keras",
    "model*.tflite",
    "model*.onnx",
    "model*.h5",
    "trained_model_graph*.pb",
    "saved_model*",
    "tfjs*",
    "contract.json",
    "training_set_labels.txt",
    "training_history.json",
    "training_history.png",
    "evaluation_report.json",
    "confusion_matrix.png",
    "sample_predictions.png",
    "reference.npz",
    "artifacts.json",
    "logs",
    "checkpoint",
    "validation",
    ".part-*",
)


def check_destination(root: Path, dataset: Path, *, overwrite: bool) -> None:
    """Refuse a folder that a new run would damage.

    Raises:
        UsageError: it holds a run and `overwrite` was not given, or it holds something else, the data set maybe.
    """
    run, data = root.resolve(), dataset.resolve()
    if run == data or run in data.parents:
        raise UsageError("the data set lies in the run folder", where=root, fix="choose another folder for the run")
    if not root.exists() or (root.is_dir() and all(_is_half_written(path) for path in root.iterdir())):
        return
    folder = RunFolder(root)
    if not (folder.history.is_file() or folder.contract.is_file()):
        raise UsageError("output exists and is not a run folder", where=root, fix="choose another folder")
    if not overwrite:
        finished = folder.contract.is_file()
        raise UsageError(
            "output exists",
            where=root,
            received="a finished run" if finished else "a training that was interrupted",
            fix="choose another folder, or pass --overwrite" + ("" if finished else ", or go on with --resume"),
        )
    foreign = [path.name for path in root.iterdir() if not _is_of_a_run(path)]
    if foreign:
        raise UsageError(
            "output holds more than a run, so it is not replaced",
            where=root,
            received=", ".join(sorted(foreign)[:8]),
            fix="move these away, or choose another folder",
        )


def empty_run(folder: RunFolder) -> None:
    """Delete what an older run left, but for training_history.json, which is the new run's already.

    contract.json goes first: without it no command takes the rest for a run. The history stays to the end: by it
    --overwrite and --resume know these remains for a run's, whenever this stops.
    """
    others = (path for path in folder.root.iterdir() if path not in (folder.history, folder.contract))
    for path in [folder.contract, *sorted(filter(_is_of_a_run, others))]:
        if path.exists() or path.is_symlink():
            disk.remove(path)


def _is_of_a_run(path: Path) -> bool:
    return any(fnmatch(path.name, name) for name in RUN_NAMES)


def _is_half_written(path: Path) -> bool:
    """Whether the very first write of a run was stopped, and left this."""
    return path.name.startswith(".part-")

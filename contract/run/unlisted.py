"""Artifacts that lie in the run folder but are not in its lock, so that nobody takes them for judged ones."""

from pathlib import Path

from ..files.hashing import files_below
from ..formats import EXPORTED, FORMATS, format_of_name
from .lock import Lock

#: Files that make their folder an artifact: a SavedModel, a TensorFlow.js model.
_FOLDER_MARKS = [row.mark for row in FORMATS.values() if row.mark]


def unlisted_artifacts(root: Path, lock: Lock) -> tuple[str, ...]:
    """Return the paths, relative to the run folder `root`, of what looks like an artifact and is not in `lock`.

    Hidden files are half-written ones; of a folder that is an artifact, only the folder is named.
    """
    files = [path.relative_to(root) for path in files_below(root)]
    files = [path for path in files if not any(part.startswith(".") for part in path.parts)]
    folders = {path.parent for path in files if path.name in _FOLDER_MARKS and len(path.parts) > 1}
    loose = {path for path in files if format_of_name(path) in EXPORTED and not folders & set(path.parents)}
    listed = {Path(artifact.path) for artifact in lock.artifacts} | (
        {Path(lock.shipped.path)} if lock.shipped else set()
    )
    return tuple(sorted(path.as_posix() for path in folders | loose if not listed & {path, *path.parents}))

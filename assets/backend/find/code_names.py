"""Which model and labels files a backend's own code names. Its files are read as text, never imported or run."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: A file name at the end of a text in quotes, whatever folder stands before it.
_NAMES = re.compile(
    r"""["'](?:[^"'\n]{0,200}[\\/])?([\w.-]{1,80}\.(?:keras|h5|hdf5|pb|tflite|onnx)|[\w.-]{0,60}label[\w.-]{0,60}\.txt)["']"""
)
#: Folders with other people's code, or none.
_PASSED_BY = {"node_modules", "site-packages", "__pycache__", "venv", "env"}
#: More than these no backend has; a folder that was named by mistake, such as a home, has.
_MOST_FILES, _MOST_BYTES = 500, 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file name that stands in the code.

    Attributes:
        name: without folders.
        code: the file that names it, relative to the backend.
        path: of a file of this name beside the code, in the backend or in its models/, relative to the backend; None:
            none is there.
    """

    name: str
    code: str
    path: str | None

    @property
    def is_there(self) -> bool:
        """Whether a file of this name is there."""
        return self.path is not None

    @property
    def is_model(self) -> bool:
        """Whether it is a model, and not labels."""
        return not self.name.endswith(".txt")


def names_in_code(backend: Path) -> tuple[NamedFile, ...]:
    """Return each name once, sorted, with the first file that names it."""
    found: dict[str, NamedFile] = {}
    for path in _python_files(backend):
        with open(path, "rb") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
        for name in _NAMES.findall(text):
            places = (path.parent, backend, backend / "models")
            there = [(place / name).relative_to(backend).as_posix() for place in places if (place / name).exists()]
            code = path.relative_to(backend).as_posix()
            found.setdefault(name, NamedFile(name=name, code=code, path=there[0] if there else None))
    return tuple(found[name] for name in sorted(found))


def _python_files(backend: Path) -> Iterator[Path]:
    count = 0
    for parent, folders, names in os.walk(backend):
        folders[:] = sorted(name for name in folders if name not in _PASSED_BY and not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.endswith(".py") and path.is_file():
                yield path
                count += 1
            if count == _MOST_FILES:
                return

"""Environments with one old runtime each, made once by pip and kept in the user's cache folder.

A virtual environment knows its own place, so that it cannot be made elsewhere and renamed: it is made where it stays,
and counts once its last file, the marker, is there. A lock keeps two processes from making one at the same time.
"""

import json
import sys
import time
from pathlib import Path

from ...contract.files import disk
from ...contract.files.atomic_write import write_json
from ...contract.files.cache_folder import cache_folder
from ...contract.files.disk_errors import disk_errors_of
from ...contract.files.process_lock import locked
from ...contract.narration import Narrator, Silent
from .install_environment import install_environment
from .interpreter import IN_ENVIRONMENT, find_interpreter
from .requirement import Requirement, as_requirement

#: Written last: the environment is whole.
_MARKER = "modelport.json"


def interpreter_of(runtime: str | Path, narrator: Narrator | None = None) -> Path:
    """Return the Python program whose runtimes `runtime` means.

    Args:
        runtime: a Python program, the folder of a virtual environment, or NAME==VERSION, such as
            "tflite-runtime==2.14.0": an environment with it is made where there is none, from the package index.
        narrator: hears that one is made.

    Raises:
        InputError: no interpreter, no such release for this Python, or no way to the package index.
    """
    if not Path(runtime).exists() and (requirement := as_requirement(str(runtime))):
        return find_interpreter(make_environment(requirement, narrator or Silent()))
    return find_interpreter(runtime)


def make_environment(requirement: Requirement, narrator: Narrator) -> Path:
    """Return the folder of the environment with `requirement`, which is made if it is not there.

    Raises:
        InputError: it cannot be made.
    """
    folder = environment_folder(requirement)
    with disk_errors_of(folder):
        disk.make_folder(folder.parent)
        lock = folder.with_name(f"{folder.name}.lock")
        with locked(lock, lambda: narrator.say(f"waits for another process that makes {folder}")):
            if not _is_whole(folder, requirement):
                _make(folder, requirement, narrator)
    return folder


def environment_folder(requirement: Requirement) -> Path:
    """Return the place of the environment: one for each release and each Python."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return cache_folder() / "environments" / f"{requirement.name}-{requirement.version}-{python}"


def _make(folder: Path, requirement: Requirement, narrator: Narrator) -> None:
    narrator.say(f"makes  {folder} with {requirement}, from the package index: about a minute, once")
    started = time.monotonic()
    disk.remove_if_possible(folder)  # what a stopped process left
    try:
        install_environment(folder, requirement)
        write_json(folder / _MARKER, {"packages": list(requirement.packages)})
    except BaseException:  # Ctrl-C too: nobody should find half of it
        disk.remove_if_possible(folder)
        raise
    narrator.say(f"made   {requirement} in {time.monotonic() - started:.0f} s")


def _is_whole(folder: Path, requirement: Requirement) -> bool:
    """Say whether it was finished, with these packages, and the Python that it was made from is still there."""
    try:
        told = json.loads((folder / _MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return told == {"packages": list(requirement.packages)} and (folder / IN_ENVIRONMENT).is_file()

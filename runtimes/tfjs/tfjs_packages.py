"""Where Node.js and the packages of TensorFlow.js are. Nothing is ever installed from here.

Packages of the folder that a command happens to be started in are not taken: they are programs, and would be run.
"""

import json
import os
import sys
from pathlib import Path

from ...contract.errors import InputError, MissingExtraError, ModelportError

#: A node_modules folder; without it, the one in the user's own folder counts.
NODE_MODULES = "MODELPORT_NODE_MODULES"
#: Which backend of TensorFlow.js answers: "wasm", or "cpu", which is plain JavaScript and slow.
BACKEND = "MODELPORT_TFJS_BACKEND"
BACKENDS = ("wasm", "cpu")

#: @tensorflow/tfjs is these, and others that a graph model does not need: 90 MB in the place of 308.
PACKAGES = ("tfjs-core", "tfjs-converter", "tfjs-backend-cpu", "tfjs-backend-wasm")
VERSION = "4.22.0"


def find_node() -> Path:
    """Return the program of Node.js that PATH names; raises MissingExtraError where there is none."""
    name = "node.exe" if sys.platform == "win32" else "node"
    folders = [folder for folder in map(Path, os.get_exec_path()) if folder.is_absolute()]  # never the current one
    for program in (folder / name for folder in folders):
        if program.is_file() and os.access(program, os.X_OK):
            return program
    raise MissingExtraError(
        "Node.js", needed_for=_NEEDED_FOR, fix="install Node.js 18 or newer from https://nodejs.org"
    )


def find_packages() -> tuple[Path, str]:
    """Return the node_modules folder, and the version of TensorFlow.js in it.

    Raises:
        MissingExtraError: a package is not there; ends in the command that installs it.
        InputError: a package.json there cannot be read.
    """
    folder = Path(os.environ.get(NODE_MODULES) or default_folder() / "node_modules").absolute()
    missing = [name for name in PACKAGES if not (folder / "@tensorflow" / name / "package.json").is_file()]
    if missing:
        names = ", ".join(f"@tensorflow/{name}" for name in missing)
        raise MissingExtraError(f"{names} in {folder}", needed_for=_NEEDED_FOR, fix=install_command(folder))
    file = folder / "@tensorflow" / PACKAGES[0] / "package.json"
    try:
        return folder, str(json.loads(file.read_text(encoding="utf-8"))["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("package.json cannot be read", where=file, fix=install_command(folder)) from error


def can_run() -> bool:
    """Whether Node.js and the packages are there."""
    try:
        return bool(find_node() and find_packages())
    except ModelportError:
        return False


def find_backend() -> str:
    """Return the backend that the environment asks for; raises InputError for one that is not known."""
    name = os.environ.get(BACKEND) or BACKENDS[0]
    if name not in BACKENDS:
        raise InputError(
            "TensorFlow.js backend is not known", where=BACKEND, expected=" or ".join(BACKENDS), received=name
        )
    return name


def default_folder() -> Path:
    """Return the folder below which npm puts the packages if nobody says where."""
    return Path.home() / ".modelport"


def install_command(node_modules: Path) -> str:
    """Return the command that puts the packages into a node_modules folder."""
    if node_modules.name != "node_modules":
        return f"set {NODE_MODULES} to a folder named node_modules, into which npm installs"
    names = " ".join(f"@tensorflow/{name}@{VERSION}" for name in PACKAGES)
    return f'npm install --prefix "{node_modules.parent}" {names}'


_NEEDED_FOR = "running a TensorFlow.js model"

"""Another environment's Python, whose runtimes are to judge: `modelport validate --runtime PYTHON`."""

import json
import subprocess
import sys
from pathlib import Path

from ...contract.errors import InputError
from ..process.worker_process import clean_environment

#: The folder that one stands in is first on the path of `-c`, and -P, which leaves it out, is not known before 3.11.
_QUESTION = (
    "import sys; sys.path[:] = filter(None, sys.path); "
    "import json, importlib.util as u; "
    "print(json.dumps([list(sys.version_info[:2]), u.find_spec('numpy') is not None]))"
)
_OLDEST = (3, 11)

#: Where a virtual environment has its Python program.
IN_ENVIRONMENT = Path("Scripts", "python.exe") if sys.platform == "win32" else Path("bin", "python")


def find_interpreter(path: str | Path) -> Path:
    """Return the interpreter at `path`, a program or the folder of a virtual environment.

    Raises:
        InputError: there is none, it does not answer, it is older than Python 3.11, or it has no numpy.
    """
    given = Path(path)
    program = (given / IN_ENVIRONMENT if given.is_dir() else given).absolute()
    if not program.is_file():
        expected = (
            "the Python program of another environment, the folder of a virtual environment, or a package and its "
            "version, such as tflite-runtime==2.14.0"
        )
        raise InputError("no such interpreter", where=path, expected=expected)
    version, has_numpy = _ask(program)
    if version < _OLDEST:
        expected, received = (f"Python {'.'.join(map(str, v))}" for v in (_OLDEST, version))
        fix = "make an environment with a newer Python, and install the runtime there"
        raise InputError(
            "interpreter is too old", where=path, expected=f"{expected} or newer", received=received, fix=fix
        )
    if not has_numpy:
        raise InputError("interpreter has no numpy", where=path, fix=_INSTALL.format(program) + " numpy")
    return program


_INSTALL = "{} -m pip install"


def _ask(program: Path) -> tuple[tuple[int, int], bool]:
    try:
        done = subprocess.run(
            [str(program), "-c", _QUESTION], capture_output=True, text=True, timeout=60, env=clean_environment()
        )
        answer = json.loads(done.stdout)
    except (OSError, ValueError, RecursionError, subprocess.TimeoutExpired) as error:
        received = str(error).splitlines()[0]
        raise InputError("not a Python interpreter", where=program, received=received) from error
    match answer:
        case [[int(major), int(minor)], bool(has_numpy)]:
            return (major, minor), has_numpy
    raise InputError("not a Python interpreter", where=program, received=str(answer)[:100])

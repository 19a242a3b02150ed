"""Make a virtual environment and let pip install one runtime into it; what pip says becomes an error of ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

from ...contract.errors import InputError
from .interpreter import IN_ENVIRONMENT
from .requirement import Requirement

#: Of the user's pip settings, those that would install elsewhere. The others, such as the index to use, hold.
_ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_ROOT")

#: What pip prints where it does not reach the index; the release then seems not to exist.
_UNREACHED = re.compile(r"(Failed to establish a new connection|Name or service not known|getaddrinfo failed|"
                        r"Temporary failure in name resolution|nodename nor servname|ProxyError|ConnectTimeout|"
                        r"SSLError|Network is unreachable|Connection refused|NewConnectionError)")  # fmt: skip
_SHOWN = 8
_RELEASES = re.compile(r"from versions: ([^)]*)\)")


def install_environment(folder: Path, requirement: Requirement) -> None:
    """Make the virtual environment `folder` with this Python, and install `requirement` from wheels alone.

    Source distributions would run code of theirs to be built, for an hour where they are TensorFlow's.

    Raises:
        InputError: no way to the package index, no such release for this Python, or whatever else stopped pip.
    """
    _run([sys.executable, "-I", "-m", "venv", str(folder)], requirement)  # isolated: no venv.py of the current folder
    pip = [str(folder / IN_ENVIRONMENT), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    _run([*pip, "--retries", "2", "--only-binary", ":all:", *requirement.packages], requirement)


def _run(command: list[str], requirement: Requirement) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise explain(done.stdout + done.stderr, requirement)


def explain(printed: str, requirement: Requirement) -> InputError:
    """Return the error for what venv or pip printed."""
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    elsewhere = "install it into an environment of your own, and name that: --runtime FOLDER"
    if unreached := _UNREACHED.search(printed):
        return InputError(
            f"the package index cannot be reached, to install {requirement}",
            received=unreached[1],
            fix=f"run the same command with a network; or {elsewhere}",
        )
    if "No matching distribution found for" in printed and (found := _RELEASES.search(printed)):
        known = [name.strip() for name in found[1].split(",") if re.fullmatch(r"\s*[\d.]+\s*", name)]
        shown = known if len(known) <= _SHOWN else [*known[: _SHOWN // 2], "...", *known[-_SHOWN // 2 :]]
        return InputError(
            f"no release {requirement} for {python} on this system",
            expected=f"{requirement.name} {', '.join(shown)}" if known else "a release with a wheel for it",
            received="no wheel" if known else f"no wheel of {requirement.name} at all",
            fix=f"choose another release; or, with a Python that has it, {elsewhere}",
        )
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if "ERROR" in line or "Error" in line), (lines or ["nothing"])[-1])
    return InputError(f"{requirement} cannot be installed", received=said[:300], fix=elsewhere)

"""Is this Python fit: its release, its environment, its encoding, and whether it can make environments."""

import importlib.util
import locale
import sys
from dataclasses import dataclass
from pathlib import Path

from ... import __path__ as package_path
from ... import __version__
from .finding import Finding

GROUP = "Python"
#: setup.cfg's python_requires.
OLDEST = (3, 11)
#: The newest that tensorflow 2.21.0 (the release in constraints.txt) has wheels for: its classifiers, read 2026-11-21.
NEWEST_WITH_TENSORFLOW = (3, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFacts:
    """What this interpreter says of itself.

    Attributes:
        release: such as (3, 11, 7).
        executable: its path.
        in_environment: whether it is a virtual environment's.
        has_ensurepip: whether `python -m venv` can work.
        is_debian: whether the system installs that part with apt.
        encoding: of text that goes to a terminal or pipe, in Python's spelling.
        package_folder: where modelport is.
    """

    release: tuple[int, int, int]
    executable: str
    in_environment: bool
    has_ensurepip: bool
    is_debian: bool
    encoding: str
    package_folder: str


def measure_python() -> PythonFacts:
    """Ask this interpreter."""
    return PythonFacts(
        release=sys.version_info[:3],
        executable=sys.executable,
        in_environment=sys.prefix != sys.base_prefix,
        has_ensurepip=importlib.util.find_spec("ensurepip") is not None,
        is_debian=Path("/etc/debian_version").is_file(),
        encoding=(getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding(False)),
        package_folder=str(next(iter(package_path))),
    )


def judge_python(facts: PythonFacts) -> list[Finding]:
    """Return what the facts mean."""
    place = "a virtual environment" if facts.in_environment else "no virtual environment"
    return [
        Finding(group=GROUP, name="modelport", state="ok", says=f"{__version__} in {facts.package_folder}"),
        _release(facts),
        Finding(
            group=GROUP,
            name="environment",
            state="ok" if facts.in_environment else "note",
            says=f"{place}: {facts.executable}",
            paste=None if facts.in_environment else "python -m venv .venv, so that other projects' packages stay apart",
        ),
        _ensurepip(facts),
        _encoding(facts),
    ]


def _release(facts: PythonFacts) -> Finding:
    name, release = "Python", facts.release[:2]
    shown, range_ = _dotted(facts.release), f"{_dotted(OLDEST)} to {_dotted(NEWEST_WITH_TENSORFLOW)}"
    if release < OLDEST:
        paste = f"install Python {_dotted(NEWEST_WITH_TENSORFLOW)}, and modelport in an environment of it"
        says = f"{shown}; modelport needs {_dotted(OLDEST)} or newer"
        return Finding(group=GROUP, name=name, state="problem", says=says, stops="modelport", paste=paste)
    if release > NEWEST_WITH_TENSORFLOW:
        says = f"{shown}; TensorFlow 2.21 has wheels for {range_}"
        paste = f"python{_dotted(NEWEST_WITH_TENSORFLOW)} -m venv .venv"
        stops = "the extra [tensorflow]: train, convert, quantize"
        return Finding(group=GROUP, name=name, state="note", says=says, stops=stops, paste=paste)
    return Finding(group=GROUP, name=name, state="ok", says=f"{shown} (supported: {range_})")


def _ensurepip(facts: PythonFacts) -> Finding:
    if facts.has_ensurepip:
        return Finding(group=GROUP, name="new environments", state="ok", says="python -m venv works: ensurepip is here")
    version = _dotted(facts.release[:2])
    paste = f"sudo apt install python{version}-venv" if facts.is_debian else "install Python's ensurepip module"
    return Finding(
        group=GROUP,
        name="new environments",
        state="note",
        says="this Python has no ensurepip, which Debian and Ubuntu ship apart",
        stops=f"python{version} -m venv",
        paste=paste,
    )


def _encoding(facts: PythonFacts) -> Finding:
    is_utf8 = facts.encoding.lower().replace("-", "").replace("_", "") == "utf8"
    if is_utf8:
        return Finding(group=GROUP, name="text", state="ok", says=f"terminals and pipes take {facts.encoding}")
    return Finding(
        group=GROUP,
        name="text",
        state="note",
        says=f"terminals and pipes take {facts.encoding}: other letters are shown as escapes; files are UTF-8",
        paste="set the environment variable PYTHONUTF8=1",
    )


def _dotted(release: tuple[int, ...]) -> str:
    return ".".join(map(str, release))

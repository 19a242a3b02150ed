"""Environments made by venv and pip themselves, from wheels of a few bytes in a folder: without a network."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.environment import environment
from modelport.runtimes.environment.environment import environment_folder, interpreter_of
from modelport.runtimes.environment.install_environment import explain
from modelport.runtimes.environment.interpreter import IN_ENVIRONMENT
from modelport.runtimes.environment.requirement import Requirement

OLD = Requirement(name="tflite-runtime", version="2.14.0")


Item = TypeVar("Item")


class Stopped(BaseException):
    """As Ctrl-C is."""


class Heard:
    """A narrator that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """Remember one line."""
        self.lines.append(text)

    def track(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        """Pass on."""
        yield from items


def write_wheel(folder: Path, name: str, version: str) -> None:
    """Write a wheel with an empty package, as PEP 427 has it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tflite-runtime 2.13.0 and 2.14.0, and two NumPys."""
    folder = tmp_path_factory.mktemp("wheels")
    for name, version in [("tflite_runtime", "2.13.0"), ("tflite_runtime", "2.14.0"), ("numpy", "1.26.4")]:
        write_wheel(folder, name, version)
    write_wheel(folder, "numpy", "2.4.0")
    return folder


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, index: Path, tmp_path: Path) -> None:
    """Let pip see those wheels alone."""
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MODELPORT_CACHE", str(tmp_path / "cache"))


def versions(python: Path) -> list[str]:
    code = "import numpy, tflite_runtime; print(numpy.__version__, tflite_runtime.__version__)"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_an_environment_is_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = Heard()
    monkeypatch.setenv("PIP_TARGET", "/nowhere")  # of the user's; it would install elsewhere
    python = interpreter_of("tflite-runtime==2.14.0", heard)
    assert ["1.26.4", "2.14.0"] == versions(python)
    assert ["makes", "made"] == [line.split()[0] for line in heard.lines]
    assert "package index" in heard.lines[0]
    assert python == interpreter_of("tflite_runtime==2.14.0", heard)
    assert 2 == len(heard.lines)


@pytest.mark.skipif(sys.platform == "win32", reason="stands in for an environment with a link")
def test_what_a_stopped_process_left_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(folder: Path, _: Requirement) -> None:
        (folder / "half").mkdir(parents=True)
        raise Stopped

    def make(folder: Path, _: Requirement) -> None:
        (folder / IN_ENVIRONMENT).parent.mkdir(parents=True)
        (folder / IN_ENVIRONMENT).symlink_to(sys.executable)

    folder = environment_folder(OLD)
    (folder / "half").mkdir(parents=True)  # a process that was killed cleans nothing up
    monkeypatch.setattr(environment, "install_environment", make)
    assert folder / IN_ENVIRONMENT == interpreter_of("tflite-runtime==2.14.0")
    assert not (folder / "half").exists()
    (folder / "modelport.json").unlink()
    monkeypatch.setattr(environment, "install_environment", stop)
    with pytest.raises(Stopped):
        interpreter_of("tflite-runtime==2.14.0")
    assert not folder.exists()


@pytest.mark.slow
def test_a_release_that_is_not_there_names_those_that_are_and_leaves_nothing() -> None:
    with pytest.raises(InputError, match=r"no release tflite-runtime==9\.9") as caught:
        interpreter_of("tflite-runtime==9.9")
    assert "tflite-runtime 2.13.0, 2.14.0" == caught.value.expected
    assert "--runtime FOLDER" in str(caught.value.fix)
    assert not environment_folder(Requirement(name="tflite-runtime", version="9.9")).exists()


@pytest.mark.slow
def test_an_index_that_is_not_reached_is_no_missing_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # the discard port: nobody listens
    with pytest.raises(InputError, match="the package index cannot be reached") as caught:
        interpreter_of("tflite-runtime==2.14.0")
    assert "network" in str(caught.value.fix)


def test_of_many_releases_the_oldest_and_the_newest_are_named() -> None:
    printed = f"(from versions: {', '.join(f'2.{n}.0, 2.{n}.1rc0' for n in range(12, 22))})"
    error = explain(f"ERROR: {printed}\nERROR: No matching distribution found for tflite-runtime==2.1\n", OLD)
    expected = "tflite-runtime 2.12.0, 2.13.0, 2.14.0, 2.15.0, ..., 2.18.0, 2.19.0, 2.20.0, 2.21.0"
    assert expected == error.expected


def test_whatever_else_pip_says_is_its_last_error() -> None:
    error = explain("Collecting x\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\nmore\n", OLD)
    assert "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" == error.received


@pytest.mark.slow
def test_two_processes_make_one_environment(tmp_path: Path) -> None:
    code = (
        "from modelport.cli.narration import Terminal; "
        "from modelport.runtimes.environment.environment import interpreter_of; "
        "print(interpreter_of('tflite-runtime==2.14.0', Terminal()))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in started]
    assert [0, 0] == [process.returncode for process in started]
    assert 1 == len({out for out, _ in said})
    assert 1 == sum(err.startswith("makes ") for _, err in said)


def test_a_folder_of_that_name_is_meant_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tflite-runtime==2.14.0").mkdir()
    with pytest.raises(InputError, match="no such interpreter"):
        interpreter_of("tflite-runtime==2.14.0")


def test_python_files_of_the_current_folder_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m venv` looks for its modules there first: a venv.py of somebody's own is nothing rare."""
    monkeypatch.chdir(tmp_path)
    for name in ("venv", "logging", "shutil"):
        (tmp_path / f"{name}.py").write_text("open('was run', 'w')\nraise SystemExit('not this one')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert interpreter_of("tflite-runtime==2.14.0").is_file()
    assert not (tmp_path / "was run").exists()


def test_a_cache_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="cache"):  # the command line makes a message of it
        interpreter_of("tflite-runtime==2.14.0")

"""The command group from outside: help, exit codes, errors, and what is imported."""

import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from modelport import __version__
from modelport.cli.commands import train as train_command
from modelport.cli.main import COMMANDS, cli
from modelport.cli.quiet import quiet
from modelport.contract.errors import (
    InputError,
    JudgedAndFailed,
    MissingExtraError,
    ModelportError,
    RuntimeFailure,
    UsageError,
)

HEAVY = {
    "numpy",
    "PIL",
    "tensorflow",
    "keras",
    "onnx",
    "onnxruntime",
    "ai_edge_litert",
    "sklearn",
    "matplotlib",
    "rich",
}


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_imports_nothing_heavy_and_ends_in_an_example(command: str | None) -> None:
    arguments = [*filter(None, [command]), "--help"]
    done = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-m", "modelport", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.split("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "click" in imported, "the lines are not understood"
    assert set() == imported & HEAVY
    example = re.search(r"\n *Example:\n((?: +modelport .*\n)+)", done.stdout)
    assert example
    if command:
        assert f"modelport {command}" in example[1]


def test_help_lists_every_command_with_a_sentence() -> None:
    listed = CliRunner().invoke(cli, ["--help"]).stdout.split("Commands:\n")[1]
    rows = [line.split(maxsplit=1) for line in listed.splitlines() if re.match("  [a-z]", line)]
    assert list(COMMANDS) == [name for name, _ in rows]


def test_help_lists_every_exit_code() -> None:
    (line,) = re.findall("Exit codes: .*", CliRunner().invoke(cli, ["--help"]).stdout)
    assert ["0", "1", "2", "130", "143"] == re.findall(r"\d+", line)


def test_version_is_the_packages() -> None:
    assert f"modelport, version {__version__}\n" == CliRunner().invoke(cli, ["--version"]).stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["train", "--nonsense"], ["train", "a", "--epochs", "many"]])
def test_what_click_refuses_exits_with_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert 2 == result.exit_code
    assert "" == result.stdout
    assert "Error:" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(UsageError("wrong"), 2, id="usage"),
        pytest.param(InputError("wrong"), 2, id="input"),
        pytest.param(MissingExtraError("tensorflow", needed_for="training"), 2, id="missing-extra"),
        pytest.param(JudgedAndFailed("wrong"), 1, id="judged"),
        pytest.param(RuntimeFailure("wrong"), 1, id="runtime"),
    ],
)
def test_our_errors_are_their_message_and_their_exit_code(
    monkeypatch: pytest.MonkeyPatch, error: ModelportError, code: int
) -> None:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(train_command, "train", failing)
    result = CliRunner().invoke(cli, ["train"])
    assert code == result.exit_code
    assert ("", f"Error: {error}\n") == (result.stdout, result.stderr)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        pytest.param(
            PermissionError(errno.EACCES, "Permission denied", "run/x"), ": run/x|Permission denied", id="right"
        ),
        pytest.param(NotADirectoryError(errno.ENOTDIR, "Not a directory", "a/b"), ": a/b|Not a directory", id="file"),
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), "|No space left on device", id="disk-full"),
        pytest.param(OSError("truncated"), "|truncated", id="no-number"),
    ],
)
def test_what_the_file_system_refuses_is_one_message_and_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: OSError, message: str
) -> None:
    @click.command()
    def refused() -> None:
        with quiet(tmp_path, "train"):
            print("noise")
            raise error

    monkeypatch.setattr(train_command, "train", refused)
    result = CliRunner().invoke(cli, ["train"])
    where, received = message.split("|")
    assert 2 == result.exit_code
    assert f"Error: files cannot be read or written{where}\n  received  {received}\n" == result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_stdout_that_takes_nothing_is_named() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-P", "-m", "modelport", "runtimes", "--help"]
        buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=buffered)
    assert (2, "Error: files cannot be read or written: stdout\n  received  No space left on device\n") == (
        done.returncode,
        done.stderr,
    )


def test_a_reader_of_stdout_that_has_gone_is_no_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def piped() -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(train_command, "train", piped)
    assert "" == CliRunner().invoke(cli, ["train"]).stderr


def test_ctrl_c_is_one_line_and_130(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(train_command, "train", interrupted)
    result = CliRunner().invoke(cli, ["train"])
    assert 130 == result.exit_code
    assert ("", "Stopped. What was finished is kept.\n") == (result.stdout, result.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
@pytest.mark.parametrize("times", [1, 2])
def test_sigterm_unwinds_the_stack_and_is_143(tmp_path: Path, times: int) -> None:
    """Once, or twice as from timeout(1); the second comes while the first tidies up."""
    kill = "os.kill(os.getpid(), signal.SIGTERM)"
    code = (
        "import os, signal, tempfile, time, click\n"
        "from modelport.cli import main; from modelport.cli.commands import train\n"
        "@click.command()\n"
        "def stopped():\n"
        f"    with tempfile.TemporaryDirectory(dir={str(tmp_path)!r}):\n"
        "        try:\n"
        f"            {kill}; time.sleep(60)\n"
        f"        finally: {kill if times == 2 else 'pass'}\n"
        "train.train = stopped\n"
        "main.main()\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code, "train"], capture_output=True, timeout=50, check=False)
    assert (143, b"", b"Stopped. What was finished is kept.") == (done.returncode, done.stdout, done.stderr.strip())
    assert [] == list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_the_command_group_leaves_signals_alone() -> None:
    """Only the program takes SIGTERM, not who calls the group from a process of its own."""
    before = signal.getsignal(signal.SIGTERM)
    CliRunner().invoke(cli, ["--version"])
    assert before == signal.getsignal(signal.SIGTERM)


@pytest.mark.parametrize(
    "option",
    [
        *(("--limit-seconds", value) for value in ("0", "-1", "inf", "nan", "1e10", "86401")),
        *(("--limit-memory-mb", value) for value in ("0", "511", "inf", "1e3", "99999999999999999999")),
    ],
    ids="=".join,
)
def test_limits_that_cannot_be_kept_are_refused_with_the_option_named(tmp_path: Path, option: tuple[str, str]) -> None:
    (tmp_path / "run").mkdir()
    result = CliRunner().invoke(cli, ["validate", str(tmp_path / "run"), *option])
    assert 2 == result.exit_code
    assert option[0] in result.stderr
    assert "Error" in result.stderr


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(train_command, "train", broken)
    assert isinstance(CliRunner().invoke(cli, ["train"]).exception, ZeroDivisionError)

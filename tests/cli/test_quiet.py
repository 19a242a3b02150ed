import os
from pathlib import Path

import pytest
from modelport.cli.quiet import quiet
from modelport.contract.errors import UsageError


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder, as far as anybody looks."""
    (tmp_path / "contract.json").touch()
    return tmp_path


def make_noise() -> None:
    print("by Python")
    os.write(1, b"by native code\n")
    os.write(2, b"by native code, to stderr\n")


def test_noise_goes_to_the_runs_log(run: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with quiet(run, "convert"):
        make_noise()
    assert ("", "") == capfd.readouterr()
    log = (run / "logs/convert.log").read_text()
    assert ["by Python", "by native code", "by native code, to stderr"] == log.splitlines()


def test_an_older_log_stays(run: Path) -> None:
    """A refused second training must not cost the log of the first."""
    for _ in range(2):
        with quiet(run, "train"):
            print("once more")
    assert ["once more"] * 2 == (run / "logs/train.log").read_text().splitlines()


def test_nothing_is_written_into_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with quiet(tmp_path, "convert"):
        make_noise()
    with quiet(tmp_path / "missing", "convert"):
        make_noise()
    assert [] == list(tmp_path.iterdir())


def test_a_log_that_cannot_be_written_fails_nothing(run: Path) -> None:
    (run / "logs").write_text("a file where the folder should be, which stops root too")
    with quiet(run, "convert"):
        make_noise()
    assert {"contract.json", "logs"} == {path.name for path in run.iterdir()}


def fail_with(error: BaseException, run: Path) -> None:
    with quiet(run, "convert"):
        make_noise()
        raise error


@pytest.mark.parametrize("error", [UsageError("known"), KeyboardInterrupt()], ids=["ours", "ctrl-c"])
def test_errors_of_ours_need_no_noise(run: Path, error: BaseException, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(type(error)):
        fail_with(error, run)
    assert ("", "") == capfd.readouterr()
    assert "by Python" in (run / "logs/convert.log").read_text()


def test_what_nobody_foresaw_shows_the_end_of_the_noise(run: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_with(ZeroDivisionError(), run)
    out, err = capfd.readouterr()
    assert "" == out
    assert "by native code, to stderr" in err

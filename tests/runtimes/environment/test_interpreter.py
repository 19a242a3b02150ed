"""Asking another environment's Python what it is, without running anything of the folder that one stands in."""

import sys
from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.environment.interpreter import find_interpreter

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="stands in for an interpreter with a shell script")


@pytest.mark.parametrize("name", ["json", "sys", "importlib", "numpy", "encodings"])
def test_the_working_folder_is_not_imported_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'it ran')!r}, 'w').close()")
    monkeypatch.chdir(tmp_path)
    assert Path(sys.executable) == find_interpreter(sys.executable)
    assert not (tmp_path / "it ran").exists()


@posix_only
@pytest.mark.parametrize(
    "answer",
    [
        *("[5, true]", "5", "null", "{}", "[[3, 11]]", '["ab", true]', "[[3, null], true]", "[[Infinity, 1], true]"),
        *("[", "[[3, 11, 0], true]", '[[3, 11], "yes"]', "", "[" * 100_000),
    ],
    ids=lambda text: text[:20],
)
def test_what_answers_something_else_is_no_interpreter(tmp_path: Path, answer: str) -> None:
    program = tmp_path / "python"
    (tmp_path / "answer").write_text(answer)
    program.write_text(f"#!/bin/sh\ncat '{tmp_path / 'answer'}'\n")
    program.chmod(0o755)
    with pytest.raises(InputError, match="not a Python interpreter"):
        find_interpreter(program)

"""Nothing half-written ever has a final name."""

import json
import os
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from modelport.contract.atomic_write import atomic_file, atomic_folder, write_json, write_text


class StoppedError(Exception):
    pass


def write_half(target: AbstractContextManager[Path]) -> None:
    """Write something to a file or into a folder, and fail before the rest."""
    with target as part:
        (part / "new.txt" if part.is_dir() else part).write_text("half")
        raise StoppedError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    with atomic_file(tmp_path / "deep" / "model.onnx") as part:
        part.write_text("half")
        assert not (tmp_path / "deep" / "model.onnx").exists()
        assert part.suffix == ".onnx"
    assert ["model.onnx"] == names(tmp_path / "deep")


def test_an_interrupted_file_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("old")
    with pytest.raises(StoppedError):
        write_half(atomic_file(tmp_path / "x.txt"))
    assert ["x.txt"] == names(tmp_path)
    assert "old" == (tmp_path / "x.txt").read_text()


def test_a_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.txt").touch()
    with atomic_folder(tmp_path / "out") as part:
        (part / "new.txt").touch()
        assert ["old.txt"] == names(tmp_path / "out")
    assert ["new.txt"] == names(tmp_path / "out")
    assert ["out"] == names(tmp_path)


def test_an_interrupted_folder_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.txt").touch()
    with pytest.raises(StoppedError):
        write_half(atomic_folder(tmp_path / "out"))
    assert ["old.txt"] == names(tmp_path / "out")
    assert ["out"] == names(tmp_path)


def test_a_swap_that_fails_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a swap fails while another program holds a file of the folder open."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.txt").touch()
    replace, calls = os.replace, []

    def fail_second(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise PermissionError("held open")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_second)
    with pytest.raises(PermissionError, match="held open"), atomic_folder(tmp_path / "out") as part:
        (part / "new.txt").touch()
    assert ["old.txt"] == names(tmp_path / "out")
    assert ["out"] == names(tmp_path)


def test_text_is_utf8_with_plain_line_ends(tmp_path: Path) -> None:
    write_text(str(tmp_path / "x.txt"), "grün\n")
    assert b"gr\xc3\xbcn\n" == (tmp_path / "x.txt").read_bytes()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_refuses_what_is_no_number(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"loss": value})
    assert [] == names(tmp_path)


def test_json_comes_back(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"ü": [1, 2.5, None]})
    assert {"ü": [1, 2.5, None]} == json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))

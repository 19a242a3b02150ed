"""Nothing half-written ever has a final name."""

import errno
import json
import os
import re
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.contract.files import disk
from modelport.contract.files.atomic_write import atomic_file, atomic_folder, restore_folder, write_json, write_text


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
    replace = os.replace

    def hold_new(source: Path, target: Path) -> None:
        if (source / "new.txt").exists():
            raise PermissionError(errno.EACCES, "held open", str(source))
        replace(source, target)

    monkeypatch.setattr(os, "replace", hold_new)
    monkeypatch.setattr(disk, "RETRY_SECONDS", ())
    with pytest.raises(InputError, match="cannot be put in its place"), atomic_folder(tmp_path / "out") as part:
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


STEPS_OF_A_FILE = ["make folder", "create", "write", "write", "fsync", "rename", "fsync folder", "remove"]


def steps_of_writing(path: Path) -> list[str]:
    steps: list[str] = []
    with disk.observed(lambda step, path: steps.append(step)):
        write_text(path, "new")
    return steps


def test_a_file_is_on_the_disk_before_it_has_its_name_and_the_name_before_the_end(tmp_path: Path) -> None:
    assert STEPS_OF_A_FILE == steps_of_writing(tmp_path / "x.txt")


def test_a_folder_is_on_the_disk_before_it_has_its_name(tmp_path: Path) -> None:
    steps: list[tuple[str, str]] = []
    (tmp_path / "out").mkdir()
    with (
        disk.observed(lambda step, path: steps.append((step, path.name))),
        atomic_folder(tmp_path / "out") as part,
    ):
        (part / "deep").mkdir()
        (part / "deep" / "x").touch()
    synced = [("fsync", "x"), ("fsync folder", "deep"), ("fsync folder", "out")]
    moved = [("rename", "out.old"), ("rename", "out"), ("fsync folder", tmp_path.name)]
    assert synced + moved == [step for step in steps if step[0] in ("fsync", "fsync folder", "rename")]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT], ids=["full", "quota"])
@pytest.mark.parametrize("at", range(STEPS_OF_A_FILE.index("rename")))
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, at: int, number: int) -> None:
    path, steps = tmp_path / "x.txt", []

    def fill(step: str, _: Path) -> None:
        steps.append(step)
        if len(steps) == at + 1:
            raise OSError(number, os.strerror(number))

    path.write_text("old")
    with pytest.raises(InputError, match="disk is full") as caught, disk.observed(fill):
        write_text(path, "new")
    assert path == caught.value.where
    assert re.match(r"[\d,]+\.\d MB free; ", str(caught.value.received))
    assert ["x.txt"] == names(tmp_path)
    assert "old" == path.read_text()


def test_a_full_disk_is_known_by_the_words_of_a_foreign_writer(tmp_path: Path) -> None:
    """TensorFlow and HDF5 raise classes of their own."""
    with pytest.raises(InputError, match="disk is full"), atomic_file(tmp_path / "x.h5"):
        raise RuntimeError("Can't write data (file write failed: errno = 28, 'No space left on device')")
    assert [] == names(tmp_path)


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Injected: tests may run as root, whom no mode stops."""

    def refuse(path: Path, *rest: object) -> None:
        raise PermissionError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(InputError, match="folder cannot be written") as caught:
        write_text(tmp_path / "x.txt", "new")
    assert (tmp_path, "Read-only file system") == (caught.value.where, caught.value.received)


def test_an_image_that_may_not_be_read_is_not_taken_for_the_folder(tmp_path: Path) -> None:
    with pytest.raises(PermissionError, match="photo"), atomic_folder(tmp_path / "out"):
        raise PermissionError(errno.EACCES, "Permission denied", "/elsewhere/photo.jpg")


def hide(path: Path, old: bool, hours: float) -> Path:
    """Make what a process that stopped `hours` ago leaves; `old`: after it had moved the old folder aside."""
    hidden = path.with_name(f".part-{path.name}-abcd0123")
    for name in (path.name, f"{path.name}.old") if old else (path.name,):
        (hidden / name).mkdir(parents=True)
        (hidden / name / "which.txt").write_text("old" if name.endswith(".old") else "new")
    then = time.time() - hours * 3600
    for entry in (*hidden.rglob("*"), hidden):
        os.utime(entry, (then, then))
    return hidden


@pytest.mark.parametrize(("hours", "stays"), [(0.9, True), (1.1, False)])
def test_what_a_stopped_process_left_goes_with_a_later_write_once_it_is_an_hour_old(
    tmp_path: Path, hours: float, stays: bool
) -> None:
    hidden = hide(tmp_path / "x.txt", old=False, hours=hours)
    write_text(tmp_path / "x.txt", "new")
    assert stays == hidden.exists()


def test_work_on_something_within_the_hour_keeps_all_of_it(tmp_path: Path) -> None:
    hidden = hide(tmp_path / "x.txt", old=False, hours=2)
    os.utime(hidden / "x.txt" / "which.txt")
    write_text(tmp_path / "x.txt", "new")
    assert hidden.exists()


@pytest.mark.parametrize("name", [".part-x.txt-notours", ".part-x.txt", ".part-y.txt-abcd0123", "part-x.txt-abcd0123"])
def test_what_has_another_name_stays_however_old(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    os.utime(tmp_path / name, (0, 0))
    write_text(tmp_path / "x.txt", "new")
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("hours", [0, 100])
def test_an_old_folder_that_was_moved_aside_comes_back(tmp_path: Path, hours: float) -> None:
    hide(tmp_path / "out", old=True, hours=hours)
    restore_folder(tmp_path / "out")
    assert "old" == (tmp_path / "out" / "which.txt").read_text()


def test_it_comes_back_before_a_new_one_is_tried(tmp_path: Path) -> None:
    hide(tmp_path / "out", old=True, hours=100)
    with pytest.raises(StoppedError):
        write_half(atomic_folder(tmp_path / "out"))
    assert "old" == (tmp_path / "out" / "which.txt").read_text()


def test_a_folder_that_is_there_is_not_replaced_by_an_older_one(tmp_path: Path) -> None:
    hide(tmp_path / "out", old=True, hours=0)
    (tmp_path / "out").mkdir()
    restore_folder(tmp_path / "out")
    assert [] == names(tmp_path / "out")


REPLACING_A_FOLDER = ["make folder", "make folder", "write", "fsync", "fsync folder", "rename", "rename"]


def replace_folder(path: Path) -> None:
    with atomic_folder(path) as part:
        (part / "which.txt").write_text("new")


@pytest.mark.parametrize("at", range(len(REPLACING_A_FOLDER)))
def test_ctrl_c_at_any_step_leaves_the_old_folder_or_the_new_one(tmp_path: Path, at: int) -> None:
    out, steps = tmp_path / "out", list[str]()
    out.mkdir()
    (out / "which.txt").write_text("old")

    def interrupt(step: str, _: Path) -> None:
        steps.append(step)
        if len(steps) == at + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), disk.observed(interrupt):
        replace_folder(out)
    assert REPLACING_A_FOLDER[: at + 1] == steps[: at + 1]
    assert ("new" if at == len(REPLACING_A_FOLDER) - 1 else "old") == (out / "which.txt").read_text()
    assert ["out"] == names(tmp_path)


def test_a_folder_that_can_be_put_neither_there_nor_back_stays_hidden_and_comes_back_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows, while a scanner holds both open."""
    out, replace = tmp_path / "out", os.replace
    out.mkdir()
    (out / "which.txt").write_text("old")

    def refuse_the_name(source: Path, target: Path) -> None:
        if target == out:
            raise PermissionError(errno.EACCES, "held open", str(source))
        replace(source, target)

    monkeypatch.setattr(disk, "RETRY_SECONDS", ())
    with monkeypatch.context() as held:
        held.setattr(os, "replace", refuse_the_name)
        with pytest.raises(InputError, match="cannot be put in its place"):
            replace_folder(out)
    assert not out.exists()
    restore_folder(out)
    assert "old" == (out / "which.txt").read_text()
    assert ["out"] == names(tmp_path)

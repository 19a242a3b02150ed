"""Every step that changes the disk: what it does, what it does where the system refuses, and that it has a name."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.contract.files import disk


@pytest.fixture
def steps() -> list[str]:
    return []


@pytest.fixture
def note(steps: list[str]) -> disk.Observer:
    return lambda step, path: steps.append(f"{step} {path.name}")


def two_files(folder: Path) -> tuple[Path, Path]:
    (folder / "old").write_text("old")
    (folder / "new").write_text("new")
    return folder / "new", folder / "old"


@pytest.mark.parametrize(
    ("act", "named"),
    [
        pytest.param(lambda root: disk.make_folder(root / "a" / "b"), ["make folder b"], id="folder"),
        pytest.param(lambda root: disk.make_folder(root), [], id="folder-that-exists"),
        pytest.param(lambda root: disk.write_file(root / "x", b"1"), ["create x", "write x"], id="write"),
        pytest.param(lambda root: disk.rename(root / "new", root / "old"), ["rename old"], id="rename"),
        pytest.param(lambda root: disk.copy_file(root / "new", root / "x"), ["copy x"], id="copy"),
        pytest.param(lambda root: disk.link_or_copy(root / "new", root / "x"), ["link x"], id="link"),
        pytest.param(lambda root: disk.remove(root / "new"), ["remove new"], id="remove"),
        pytest.param(lambda root: disk.remove_if_empty(root), [], id="remove-a-folder-that-is-not-empty"),
        pytest.param(lambda root: disk.sync(root / "new"), ["fsync new"], id="fsync"),
    ],
)
def test_every_step_has_a_name(
    tmp_path: Path, steps: list[str], note: disk.Observer, act: Callable[[Path], None], named: list[str]
) -> None:
    two_files(tmp_path)
    with disk.observed(note):
        act(tmp_path)
    assert named == steps


def test_nobody_is_told_once_the_block_is_left(tmp_path: Path, steps: list[str], note: disk.Observer) -> None:
    with disk.observed(note):
        pass
    disk.write_file(tmp_path / "x", b"1")
    assert [] == steps


def test_a_file_exists_and_is_empty_between_create_and_write(tmp_path: Path) -> None:
    """So that a test that stops at every step meets a file that is not whole."""
    sizes: list[int] = []
    with disk.observed(lambda step, path: sizes.append(path.stat().st_size)):
        disk.write_file(tmp_path / "x", b"123")
    assert [0, 3] == sizes


def test_a_link_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("image")
    disk.link_or_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a").samefile(tmp_path / "b")


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP])
def test_where_no_link_can_be_made_a_copy_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str], note: disk.Observer, number: int
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a").write_text("image")
    with disk.observed(note):
        disk.link_or_copy(tmp_path / "a", tmp_path / "b")
    assert "image" == (tmp_path / "b").read_text()
    assert not (tmp_path / "a").samefile(tmp_path / "b")
    assert ["copy b"] == steps


def test_a_link_to_an_image_becomes_the_image(tmp_path: Path) -> None:
    """What a data set holds must not break when the link's folder is moved."""
    (tmp_path / "a").write_text("image")
    (tmp_path / "link").symlink_to("a")
    disk.link_or_copy(tmp_path / "link", tmp_path / "b")
    assert not (tmp_path / "b").is_symlink()
    assert (tmp_path / "a").samefile(tmp_path / "b")


def hold(monkeypatch: pytest.MonkeyPatch, times: int) -> list[float]:
    """Let os.replace be refused `times` times, as Windows does with an open file; return the pauses that follow."""
    pauses: list[float] = []
    replace, refused = os.replace, list[Path]()

    def held(source: Path, target: Path) -> None:
        if len(refused) < times:
            refused.append(target)
            raise PermissionError(errno.EACCES, "Access is denied", str(source))
        replace(source, target)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def test_a_file_that_is_open_for_a_moment_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = hold(monkeypatch, times=2)
    disk.rename(*two_files(tmp_path))
    assert "new" == (tmp_path / "old").read_text()
    assert [0.05, 0.1] == pauses


def test_a_file_that_stays_open_stays_as_it_was_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = hold(monkeypatch, times=99)
    with pytest.raises(InputError, match="stays as it was") as caught:
        disk.rename(*two_files(tmp_path))
    assert "old" == (tmp_path / "old").read_text()
    assert sum(pauses) < 1
    assert tmp_path / "old" == caught.value.where
    assert "close the program that has it open" in str(caught.value.fix)


def test_a_folder_is_fsynced_file_by_file_and_from_the_inside(
    tmp_path: Path, steps: list[str], note: disk.Observer
) -> None:
    root = tmp_path / "root"
    (root / "deep").mkdir(parents=True)
    for name in ("b", "a", "deep/c"):
        (root / name).touch()
    with disk.observed(note):
        disk.sync(root)
    assert ["fsync c", "fsync folder deep", "fsync a", "fsync b", "fsync folder root"] == steps


def test_a_linked_image_is_not_fsynced(tmp_path: Path, steps: list[str], note: disk.Observer) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "a").touch()
    disk.link_or_copy(tmp_path / "a", root / "a")
    with disk.observed(note):
        disk.sync(root)
    assert ["fsync folder root"] == steps


def test_fsync_reaches_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []

    def note_inode(opened: int) -> None:
        synced.append(os.fstat(opened).st_ino)

    monkeypatch.setattr(os, "fsync", note_inode)
    (tmp_path / "x").touch()
    disk.sync(tmp_path)
    assert [(tmp_path / "x").stat().st_ino, tmp_path.stat().st_ino] == synced


@pytest.mark.parametrize("where", ["open", "fsync"])
def test_a_system_that_cannot_fsync_a_folder_is_not_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Windows refuses to open a folder, some network file systems to fsync one."""

    def refuse(*given: object) -> int:
        raise PermissionError(errno.EACCES, "no") if where == "open" else OSError(errno.EINVAL, "no")

    monkeypatch.setattr(os, where, refuse)
    disk.sync_folder(tmp_path)


def test_a_disk_that_fails_is_not_taken_for_one_that_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(opened: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        disk.sync_folder(tmp_path)


def test_a_link_to_a_folder_is_removed_and_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").touch()
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    disk.remove(tmp_path / "link")
    assert (tmp_path / "real" / "x").exists()


def test_removing_what_no_result_depends_on_never_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.remove_if_possible(tmp_path / "nothing")
    (tmp_path / "full").mkdir()
    monkeypatch.setattr(shutil, "rmtree", lambda path, ignore_errors: None)
    disk.remove_if_possible(tmp_path / "full")


def test_a_folder_is_removed_only_if_it_is_empty(tmp_path: Path, steps: list[str], note: disk.Observer) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    with disk.observed(note):
        assert [False, True, True, False] == [disk.remove_if_empty(tmp_path / name) for name in ("a", "a/b", "a", "a")]
    assert ["remove b", "remove a"] == steps

from pathlib import Path

import pytest
from modelport.contract.dataset.image_folders import (
    class_root,
    find_splits,
    is_image,
    list_files,
    list_folders,
    no_images_error,
)
from modelport.contract.errors import InputError


def tree(root: Path, *names: str) -> Path:
    """Make files, and folders where a name ends in a slash."""
    for name in names:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()
    return root


def test_suffixes_count_in_any_case() -> None:
    assert all(is_image(Path(name)) for name in ("a.jpg", "a.JPG", "a.Jpeg", "b.PNG", "c.WebP", "d.TIF"))
    assert not any(is_image(Path(name)) for name in ("a.txt", "jpg", ".jpg", "a.jpg.part"))


def test_files_are_listed_once_sorted_and_only_visible_ones(tmp_path: Path) -> None:
    tree(tmp_path, "b.JPG", "a.jpg", "deep/c.png", ".hidden", ".git/x.png", "__MACOSX/a.jpg", "deep/.DS_Store")
    names = [path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)]
    assert ["a.jpg", "b.JPG", "deep/c.png"] == names


def test_a_folder_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder cannot be read"):
        list_files(tmp_path / "gone")


def test_folders_are_listed_sorted_and_only_visible_ones(tmp_path: Path) -> None:
    tree(tmp_path, "b/", "a/", ".git/", "__MACOSX/", "file.png")
    assert ["a", "b"] == [path.name for path in list_folders(tmp_path)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(("train", "val", "test"), ("train", "val", "test"), id="ours"),
        pytest.param(("Training", "Validation", "Testing"), ("Training", "Validation", "Testing"), id="long"),
        pytest.param(("train", "valid", "TEST", "extra"), ("train", "valid", "TEST"), id="mixed"),
        pytest.param(("train", "test"), None, id="no-val"),
        pytest.param((), None, id="none"),
    ],
)
def test_splits_are_found_in_every_spelling(
    tmp_path: Path, names: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    tree(tmp_path, *(f"{name}/" for name in names))
    found = find_splits(tmp_path)
    assert expected == (found and tuple(found[split].name for split in ("train", "val", "test")))


def test_two_folders_for_one_split_are_refused(tmp_path: Path) -> None:
    """One of them would be lost in silence."""
    tree(tmp_path, "train/", "val/", "validation/", "test/")
    with pytest.raises(InputError, match="two folders for the split val") as caught:
        find_splits(tmp_path)
    assert "val and validation" == caught.value.received


def test_an_archives_own_folder_is_stepped_into_once(tmp_path: Path) -> None:
    tree(tmp_path / "one", "photos/a/1.png", "photos/b/2.png", "__MACOSX/x")
    assert tmp_path / "one" / "photos" == class_root(tmp_path / "one")
    tree(tmp_path / "two", "a/1.png", "b/2.png")
    assert tmp_path / "two" == class_root(tmp_path / "two")
    tree(tmp_path / "single", "a/1.png")
    assert tmp_path / "single" == class_root(tmp_path / "single")
    tree(tmp_path / "loose", "a/deep/1.png", "a/2.png")
    assert tmp_path / "loose" == class_root(tmp_path / "loose")


def test_no_images_lists_what_was_seen(tmp_path: Path) -> None:
    tree(tmp_path, "a/x.txt", "a/y.TXT", "b/z.heic", "b/none")
    error = no_images_error(tmp_path)
    assert "(none) (1), .heic (1), .txt (2)" == error.received
    assert ".jpg" in str(error.expected)
    assert "an empty folder" == no_images_error(tree(tmp_path / "empty", "x/")).received

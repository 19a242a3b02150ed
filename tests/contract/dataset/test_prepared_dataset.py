from pathlib import Path

import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.errors import InputError


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def split(root: Path, labels: str = "ab", splits: tuple[str, ...] = ("train", "val", "test")) -> Path:
    """Two images for each label of each split, and a file that is no image."""
    return tree(root, *(f"{s}/{label}/{n}" for s in splits for label in labels for n in ("1.jpg", "2.PNG", "x.txt")))


def test_images_are_listed_by_label_and_path(tmp_path: Path) -> None:
    dataset = open_dataset(split(tmp_path, "ba"))
    assert ("a", "b") == dataset.labels
    for name, images in dataset.splits.items():
        expected = [(f"{name}/a/1.jpg", 0), (f"{name}/a/2.PNG", 0), (f"{name}/b/1.jpg", 1), (f"{name}/b/2.PNG", 1)]
        assert expected == [(image.path.relative_to(tmp_path).as_posix(), image.label) for image in images]
    assert (2, 2) == dataset.counts("val")


def test_a_set_without_dataset_json_is_taken_and_known_as_such(tmp_path: Path) -> None:
    assert not open_dataset(split(tmp_path)).is_prepared
    (tmp_path / "dataset.json").write_text("{}")
    assert open_dataset(str(tmp_path)).is_prepared


def test_other_spellings_and_an_archives_folder_are_found(tmp_path: Path) -> None:
    dataset = open_dataset(
        split(tmp_path / "download", splits=("inner/Training", "inner/valid", "inner/testing")).parent / "download"
    )
    assert [4, 4, 4] == [len(dataset.splits[name]) for name in ("train", "val", "test")]


def test_what_is_no_split_set_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        open_dataset(tmp_path / "gone")
    tree(tmp_path / "photos", "a/1.jpg", "b/1.jpg")
    with pytest.raises(InputError, match="not split") as caught:
        open_dataset(tmp_path / "photos")
    assert f"modelport prepare {tmp_path / 'photos'} DATASET" == caught.value.fix
    assert "a, b" == caught.value.received


def test_one_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one class only"):
        open_dataset(split(tmp_path, "a"))


def test_classes_that_differ_between_splits_are_refused(tmp_path: Path) -> None:
    tree(split(tmp_path), "test/c/1.jpg")
    with pytest.raises(InputError, match="classes of test differ") as caught:
        open_dataset(tmp_path)
    assert ("a b", "a b c") == (caught.value.expected, caught.value.received)


def test_a_class_without_images_in_a_split_is_refused_and_every_one_named(tmp_path: Path) -> None:
    split(tmp_path)
    for folder in (tmp_path / "val" / "b", tmp_path / "test" / "a"):
        for name in ("1.jpg", "2.PNG"):
            (folder / name).unlink()
    with pytest.raises(InputError, match="classes without images") as caught:
        open_dataset(tmp_path)
    assert (tmp_path, "val/b, test/a") == (caught.value.where, caught.value.received)


def test_a_split_without_images_lists_what_it_holds(tmp_path: Path) -> None:
    split(tmp_path, splits=("train", "val"))
    tree(tmp_path, "test/a/1.heic", "test/b/1.heic")
    with pytest.raises(InputError, match="no images found") as caught:
        open_dataset(tmp_path)
    assert (tmp_path / "test", ".heic (2)") == (caught.value.where, caught.value.received)

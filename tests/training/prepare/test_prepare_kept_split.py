"""A source that has train, val and test keeps them; what is wrong with them is said loudly."""

import json
import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.errors import InputError, UsageError
from modelport.training.prepare.options import PrepareOptions, parse_ratios
from modelport.training.prepare.prepare import prepare
from PIL import Image

Item = TypeVar("Item")


class Listener:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def track(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        yield from items


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """train, Valid and test with the classes a and b: 4, 2 and 2 images of each."""
    number = 0
    for split, count in (("train", 4), ("Valid", 2), ("test", 2)):
        for label in "ab":
            folder = tmp_path / "photos" / split / label
            folder.mkdir(parents=True)
            for _ in range(count):
                number += 1
                pixels = random.Random(number).randbytes(8 * 8 * 3)
                Image.frombytes("RGB", (8, 8), pixels).save(folder / f"{number}.png")
    return tmp_path / "photos"


def read(dataset: Path) -> Any:
    return json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))


def test_the_split_is_kept_under_our_names(photos: Path, tmp_path: Path) -> None:
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert {"train": {"a": 4, "b": 4}, "val": {"a": 2, "b": 2}, "test": {"a": 2, "b": 2}} == summary.counts
    expected = {path.relative_to(photos).as_posix().replace("Valid", "val") for path in photos.glob("*/*/*")}
    assert expected == {image["path"] for image in read(tmp_path / "dataset")["images"]}
    assert "kept as found" == read(tmp_path / "dataset")["options"]["split"]
    assert open_dataset(tmp_path / "dataset").is_prepared


def test_test_images_that_training_sees_are_counted_and_announced(photos: Path, tmp_path: Path) -> None:
    """In a real project three in four test images were in train too, and the report said nothing."""
    shutil.copyfile(photos / "train" / "a" / "1.png", photos / "test" / "a" / "copy1.png")
    shutil.copyfile(photos / "Valid" / "b" / "11.png", photos / "test" / "b" / "copy2.png")
    shutil.copyfile(photos / "train" / "b" / "5.png", photos / "Valid" / "b" / "copy3.png")
    listener = Listener()
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions(), listener)
    assert (2, 1) == (summary.test_leaks, summary.val_leaks)
    assert [
        {"path": "test/a/copy1.png", "split": "test", "also_in": ["train/a/1.png"]},
        {"path": "test/b/copy2.png", "split": "test", "also_in": ["val/b/11.png"]},
        {"path": "val/b/copy3.png", "split": "val", "also_in": ["train/b/5.png"]},
    ] == read(tmp_path / "dataset")["leaks"]
    assert any("LEAK: 2 of 6 test images" in line for line in listener.lines)
    assert any("LEAK: 1 of 5 val images" in line for line in listener.lines)
    assert (tmp_path / "dataset" / "test" / "a" / "copy1.png").is_file()


def test_a_leak_is_found_across_formats_that_are_re_encoded(photos: Path, tmp_path: Path) -> None:
    picture = Image.frombytes("RGB", (8, 8), random.Random(99).randbytes(8 * 8 * 3))
    picture.save(photos / "train" / "a" / "seen.bmp")
    picture.save(photos / "test" / "a" / "seen.tiff")
    assert 1 == prepare(photos, tmp_path / "dataset", PrepareOptions()).test_leaks


def test_copies_within_one_split_are_no_leak(photos: Path, tmp_path: Path) -> None:
    shutil.copyfile(photos / "test" / "a" / "13.png", photos / "test" / "a" / "copy.png")
    listener = Listener()
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions(), listener)
    assert (0, 0, 1) == (summary.test_leaks, summary.val_leaks, summary.duplicates)
    assert [] == listener.lines


def test_bad_files_are_quarantined_and_odd_ones_re_encoded(photos: Path, tmp_path: Path) -> None:
    (photos / "train" / "a" / "bad.jpg").write_bytes(b"no image")
    Image.new("RGB", (8, 8), "red").save(photos / "test" / "b" / "red.bmp")
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert (1, 1) == (summary.quarantined, summary.reencoded)
    assert (tmp_path / "dataset" / "test" / "b" / "red.png").is_file()


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        pytest.param(PrepareOptions(ratios=parse_ratios("70/15/15")), "--ratios", id="ratios"),
        pytest.param(PrepareOptions(seed=0), "--seed", id="seed"),
        pytest.param(PrepareOptions(group_by="."), "--group-by", id="group-by"),
        pytest.param(PrepareOptions(groups=Path("groups.csv")), "--groups", id="groups"),
    ],
)
def test_options_that_would_split_anew_are_refused(
    photos: Path, tmp_path: Path, options: PrepareOptions, flag: str
) -> None:
    with pytest.raises(UsageError, match="split already") as caught:
        prepare(photos, tmp_path / "dataset", options)
    assert f"drop {flag}" == caught.value.fix


def test_a_class_that_is_in_one_split_only_is_refused(photos: Path, tmp_path: Path) -> None:
    (photos / "train" / "c").mkdir()
    with pytest.raises(InputError, match="classes of val differ") as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert "c" == caught.value.received


def test_a_class_without_a_good_image_in_one_split_is_refused(photos: Path, tmp_path: Path) -> None:
    for path in (photos / "test" / "b").iterdir():
        path.write_bytes(b"no image")
    with pytest.raises(InputError, match="no image that can be used") as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert "test/b" == caught.value.received


def test_a_folder_beside_the_splits_is_left_out_and_named(photos: Path, tmp_path: Path) -> None:
    (photos / "unlabelled").mkdir()
    shutil.copyfile(photos / "train" / "a" / "1.png", photos / "unlabelled" / "1.png")
    listener = Listener()
    prepare(photos, tmp_path / "dataset", PrepareOptions(), listener)
    assert ["left out, beside train, val and test: unlabelled"] == listener.lines

"""The stage as a whole: what lies in the destination, and in dataset.json."""

import errno
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.errors import InputError, UsageError
from modelport.contract.files.hashing import sha256_of, sha256_of_file
from modelport.training.prepare.options import PrepareOptions, parse_ratios
from modelport.training.prepare.prepare import prepare
from PIL import Image

Item = TypeVar("Item")


def draw(path: Path, content: int, size: int = 8) -> Path:
    """Write a small image; the same content and suffix give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = random.Random(content).randbytes(size * size * 3)
    Image.frombytes("RGB", (size, size), pixels).save(path)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes, a and b, of ten images."""
    for number in range(20):
        draw(tmp_path / "photos" / "ab"[number % 2] / f"{number:02}.png", number)
    return tmp_path / "photos"


def read(dataset: Path) -> Any:
    return json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))


def split_of(dataset: Path) -> dict[str, str]:
    """Source path to split."""
    return {image["source"]: image["path"].split("/")[0] for image in read(dataset)["images"]}


def quarantine_of(dataset: Path) -> dict[str, str]:
    return {file["path"]: file["reason"] for file in read(dataset)["quarantine"]}


def test_every_image_lands_once_in_shares_of_70_15_15(photos: Path, tmp_path: Path) -> None:
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions())
    # ten images: 7, 1.5, 1.5; the half that is left goes to the earlier of the two
    assert {"train": {"a": 7, "b": 7}, "val": {"a": 2, "b": 2}, "test": {"a": 1, "b": 1}} == summary.counts
    dataset = open_dataset(tmp_path / "dataset")
    names = sorted(image.path.name for images in dataset.splits.values() for image in images)
    assert [f"{number:02}.png" for number in range(20)] == names


def test_the_manifest_holds_the_hash_of_every_file_that_was_written(photos: Path, tmp_path: Path) -> None:
    draw(photos / "a" / "grid.bmp", 100)
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    written = {
        p.relative_to(tmp_path / "dataset").as_posix(): sha256_of_file(p) for p in tmp_path.glob("dataset/*/*/*")
    }
    assert 21 == len(written)
    assert written == {image["path"]: image["sha256"] for image in read(tmp_path / "dataset")["images"]}
    assert {"dataset.json", "train", "val", "test"} == {p.name for p in (tmp_path / "dataset").iterdir()}


def test_splits_follow_content_and_neither_names_nor_times(photos: Path, tmp_path: Path) -> None:
    prepare(photos, tmp_path / "one", PrepareOptions())
    renamed = tmp_path / "renamed"
    for number, path in enumerate(sorted(photos.glob("*/*"), reverse=True)):
        target = renamed / path.parent.name / f"{number:02}_{path.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        os.utime(target, (number, number))
    prepare(renamed, tmp_path / "two", PrepareOptions())
    expected = {source.split("/")[1]: split for source, split in split_of(tmp_path / "one").items()}
    assert expected == {source[-6:]: split for source, split in split_of(tmp_path / "two").items()}


def test_splits_do_not_follow_the_order_in_which_files_are_listed(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(photos, tmp_path / "one", PrepareOptions())
    walk = os.walk
    monkeypatch.setattr(os, "walk", lambda *a, **k: ((top, dirs, files[::-1]) for top, dirs, files in walk(*a, **k)))
    prepare(photos, tmp_path / "two", PrepareOptions())
    assert sha256_of(tmp_path / "one") == sha256_of(tmp_path / "two")


def test_another_seed_gives_another_split_of_the_same_sizes(photos: Path, tmp_path: Path) -> None:
    first = prepare(photos, tmp_path / "one", PrepareOptions())
    second = prepare(photos, tmp_path / "two", PrepareOptions(seed=1))
    assert first.counts == second.counts
    assert split_of(tmp_path / "one") != split_of(tmp_path / "two")


def test_ratios_are_obeyed(photos: Path, tmp_path: Path) -> None:
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions(ratios=parse_ratios("40/30/30")))
    assert {"train": 8, "val": 6, "test": 6} == {split: sum(of.values()) for split, of in summary.counts.items()}


def test_manifest_tells_neither_time_nor_place(photos: Path, tmp_path: Path) -> None:
    (photos / "a" / "broken.jpg").write_bytes(b"no image")
    (photos / "a" / "dangling.jpg").symlink_to(tmp_path / "nowhere.jpg")
    prepare(photos, tmp_path / "one", PrepareOptions())
    shutil.copytree(photos, tmp_path / "elsewhere" / "pictures", symlinks=True)
    prepare(tmp_path / "elsewhere" / "pictures", tmp_path / "elsewhere" / "two", PrepareOptions())
    first, second = tmp_path / "one" / "dataset.json", tmp_path / "elsewhere" / "two" / "dataset.json"
    assert first.read_bytes() == second.read_bytes()
    assert str(tmp_path).encode() not in first.read_bytes()


def test_a_folder_that_an_archive_nested_once_is_looked_into(photos: Path, tmp_path: Path) -> None:
    prepare(photos, tmp_path / "plain", PrepareOptions())
    shutil.copytree(photos, tmp_path / "download" / "photos")
    prepare(tmp_path / "download", tmp_path / "nested", PrepareOptions())
    expected = {f"photos/{source}": split for source, split in split_of(tmp_path / "plain").items()}
    assert expected == split_of(tmp_path / "nested")


def test_each_file_is_found_once_whatever_the_case_of_its_suffix(photos: Path, tmp_path: Path) -> None:
    """Patterns `*.jpg` and `*.JPG` found each file twice where names ignore case."""
    for number in range(4):
        draw(photos / "a" / f"{number}.JPG", 100 + number)
        draw(photos / "a" / f"{number}.jpeg", 200 + number)
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert 28 == len(read(tmp_path / "dataset")["images"]) == len(split_of(tmp_path / "dataset"))


def test_identical_files_stay_in_one_split_and_are_counted(photos: Path, tmp_path: Path) -> None:
    for number in range(0, 20, 2):
        for copy in range(3):
            shutil.copyfile(photos / "a" / f"{number:02}.png", photos / "a" / f"copy{copy}_{number:02}.png")
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions())
    splits: dict[int, set[str]] = {number: set() for number in range(0, 20, 2)}
    for source, split in split_of(tmp_path / "dataset").items():
        if source.startswith("a/"):
            splits[int(source[-6:-4])].add(split)
    assert [1] * 10 == [len(found) for found in splits.values()]
    assert 30 == summary.duplicates
    assert [4] * 10 == [len(same) for same in read(tmp_path / "dataset")["duplicates"]]
    assert 0 == summary.test_leaks == summary.val_leaks


def test_one_picture_in_two_formats_that_are_re_encoded_stays_in_one_split(photos: Path, tmp_path: Path) -> None:
    for number in range(30):
        for suffix in ("bmp", "tiff"):
            draw(photos / "a" / f"{number}.{suffix}", 100 + number)
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions())
    split = split_of(tmp_path / "dataset")
    assert [split[f"a/{number}.bmp"] for number in range(30)] == [split[f"a/{number}.tiff"] for number in range(30)]
    assert (30, 0, 0) == (summary.duplicates, summary.test_leaks, summary.val_leaks)


def test_one_picture_in_two_formats_under_two_labels_is_quarantined(photos: Path, tmp_path: Path) -> None:
    draw(photos / "a" / "grid.bmp", 100)
    draw(photos / "b" / "grid.tiff", 100)
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert {"a/grid.bmp", "b/grid.tiff"} == set(quarantine_of(tmp_path / "dataset"))


def test_one_file_under_two_labels_is_quarantined_everywhere(photos: Path, tmp_path: Path) -> None:
    shutil.copyfile(photos / "a" / "00.png", photos / "b" / "again.png")
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions())
    reason = "the same file has the labels a and b"
    assert {"a/00.png": reason, "b/again.png": reason} == quarantine_of(tmp_path / "dataset")
    assert 2 == summary.quarantined
    assert 19 == len(read(tmp_path / "dataset")["images"])


def test_a_re_encoded_file_under_two_labels_leaves_no_trace(photos: Path, tmp_path: Path) -> None:
    draw(photos / "a" / "grid.bmp", 100)
    draw(photos / "b" / "grid.bmp", 100)
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert {"a/grid.bmp", "b/grid.bmp"} == set(quarantine_of(tmp_path / "dataset"))
    assert {"dataset.json", "train", "val", "test"} == {path.name for path in (tmp_path / "dataset").iterdir()}


def test_files_that_are_no_whole_images_are_quarantined_with_reasons(photos: Path, tmp_path: Path) -> None:
    whole = draw(tmp_path / "whole.jpg", 1, size=64).read_bytes()
    (photos / "a" / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (photos / "a" / "text.jpg").write_bytes(b"hello")
    (photos / "a" / "empty.png").write_bytes(b"")
    (photos / "a" / "Thumbs.db").write_bytes(b"\0")
    (photos / "b" / "dangling.png").symlink_to(tmp_path / "nowhere.png")
    (photos / "loose.png").write_bytes((photos / "a" / "00.png").read_bytes())
    (photos / "README.txt").write_text("no image, and not where images are looked for")
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions())
    expected = {
        "a/truncated.jpg": "image cannot be decoded: image file is truncated",
        "a/text.jpg": "not an image: 5 bytes that begin with b'hello'",
        "a/empty.png": "not an image: an empty file",
        "a/Thumbs.db": "not an image: .db",
        "b/dangling.png": "not a file: a broken link",
        "loose.png": "not in a class folder",
    }
    reasons = quarantine_of(tmp_path / "dataset")
    assert expected == {path: reason[: len(expected.get(path, ""))] for path, reason in reasons.items()}
    assert sorted(reasons) == list(reasons)
    assert 6 == summary.quarantined
    assert 20 == len(read(tmp_path / "dataset")["images"])


def test_a_name_that_is_not_utf8_is_quarantined(photos: Path, tmp_path: Path) -> None:
    try:
        shutil.copyfile(photos / "a" / "00.png", os.fsencode(photos / "a") + b"/caf\xe9.png")
    except OSError as error:
        pytest.skip(f"the file system takes UTF-8 names only: {error}")
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert {"a/caf\\udce9.png": "name is not UTF-8"} == quarantine_of(tmp_path / "dataset")


def test_plain_files_are_linked_and_copied_only_on_request(photos: Path, tmp_path: Path) -> None:
    prepare(photos, tmp_path / "linked", PrepareOptions())
    prepare(photos, tmp_path / "copied", PrepareOptions(copy=True))
    inodes = {path.stat().st_ino for path in photos.glob("*/*")}
    assert inodes == {path.stat().st_ino for path in tmp_path.glob("linked/*/*/*")}
    assert not inodes & {path.stat().st_ino for path in tmp_path.glob("copied/*/*/*")}
    assert sha256_of(tmp_path / "linked") == sha256_of(tmp_path / "copied")


def test_files_are_copied_where_links_cannot_be_made(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    prepare(photos, tmp_path / "linked", PrepareOptions())
    monkeypatch.setattr(os, "link", refuse)
    prepare(photos, tmp_path / "copied", PrepareOptions())
    assert sha256_of(tmp_path / "linked") == sha256_of(tmp_path / "copied")


def test_a_symbolic_link_becomes_the_file_it_points_to(photos: Path, tmp_path: Path) -> None:
    draw(tmp_path / "store" / "x.png", 99)
    (photos / "a" / "x.png").symlink_to(os.path.relpath(tmp_path / "store" / "x.png", photos / "a"))
    prepare(photos, tmp_path / "far" / "away" / "dataset", PrepareOptions())
    [placed] = tmp_path.glob("far/away/dataset/*/a/x.png")
    assert not placed.is_symlink()
    assert (tmp_path / "store" / "x.png").read_bytes() == placed.read_bytes()


def test_names_that_collide_get_a_number_also_where_only_case_differs(photos: Path, tmp_path: Path) -> None:
    ratios = parse_ratios("98/1/1")  # everything but one image each goes to train
    for number, name in enumerate(("one/img.png", "two/img.png", "three/IMG.png", "img.bmp")):
        draw(photos / "a" / name, 50 + number)
    prepare(photos, tmp_path / "dataset", PrepareOptions(ratios=ratios))
    names = [path.as_posix().casefold() for path in tmp_path.glob("dataset/*/*/*")]
    assert 24 == len(set(names)) == len(read(tmp_path / "dataset")["images"])


def test_an_existing_data_set_is_refused_and_stays_as_it_was(photos: Path, tmp_path: Path) -> None:
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    before = sha256_of(tmp_path / "dataset")
    with pytest.raises(UsageError, match="output exists"):
        prepare(photos, tmp_path / "dataset", PrepareOptions(seed=1))
    assert before == sha256_of(tmp_path / "dataset")


def test_overwrite_replaces_the_whole_folder(photos: Path, tmp_path: Path) -> None:
    """A second split into the same folder put three in four test images into train as well."""
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    prepare(photos, tmp_path / "dataset", PrepareOptions(seed=1, overwrite=True))
    prepare(photos, tmp_path / "fresh", PrepareOptions(seed=1))
    assert sha256_of(tmp_path / "fresh") == sha256_of(tmp_path / "dataset")
    assert {"photos", "dataset", "fresh"} == {path.name for path in tmp_path.iterdir()}


def test_a_folder_that_is_no_data_set_is_never_replaced(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("years of work")
    with pytest.raises(UsageError, match="not a data set"):
        prepare(photos, tmp_path / "thesis", PrepareOptions(overwrite=True))
    assert "years of work" == (tmp_path / "thesis" / "chapter1.tex").read_text()


@pytest.mark.parametrize("destination", [".", "photos", "photos/dataset"])
def test_images_and_data_set_may_not_overlap(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, destination: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="overlap"):
        prepare("photos", destination, PrepareOptions(overwrite=True))
    assert 20 == len(list(photos.glob("*/*")))


def test_an_empty_folder_may_become_the_data_set(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert open_dataset(tmp_path / "dataset").is_prepared


def test_a_failure_while_writing_leaves_the_old_data_set_and_nothing_else(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")

    prepare(photos, tmp_path / "dataset", PrepareOptions())
    before = sha256_of(tmp_path / "dataset")
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(InputError) as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions(seed=1, copy=True, overwrite=True))
    assert "disk is full" == caught.value.what
    assert before == sha256_of(tmp_path / "dataset")
    assert {"photos", "dataset"} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("files", "what", "received"),
    [
        pytest.param({}, "no images found", "an empty folder", id="empty"),
        pytest.param(
            {"a/x.txt": b"", "a/y.TXT": b"", "b/z": b""}, "no images found", "(none) (1), .txt (2)", id="other"
        ),
        pytest.param({"a/1.png": b"", "a/2.png": b""}, "one class only", "a", id="one-class"),
        pytest.param({"1.png": b"", "2.png": b""}, "no class folders", "images that lie directly in", id="flat"),
        pytest.param({"train/a/1.png": b"", "test/a/2.png": b""}, "a split is missing", "test and train", id="no-val"),
    ],
)
def test_a_folder_that_is_no_set_of_classes_is_refused(
    tmp_path: Path, files: dict[str, bytes], what: str, received: str
) -> None:
    (tmp_path / "photos").mkdir()
    for name, data in files.items():
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        prepare(tmp_path / "photos", tmp_path / "dataset", PrepareOptions())
    assert what == caught.value.what
    assert str(caught.value.received).startswith(received)
    assert {"photos"} == {path.name for path in tmp_path.iterdir()}


def test_images_that_do_not_exist_or_are_an_archive_are_refused(tmp_path: Path) -> None:
    (tmp_path / "photos.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match="cannot be found") as caught:
        prepare(tmp_path / "photos.zip", tmp_path / "dataset", PrepareOptions())
    assert "unpack it first" == caught.value.fix
    with pytest.raises(InputError, match="cannot be found"):
        prepare(tmp_path / "nothing", tmp_path / "dataset", PrepareOptions())


def test_a_class_with_two_images_is_refused_before_any_is_read(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(photos / "c" / "1.png", 31)
    draw(photos / "c" / "2.png", 32)
    monkeypatch.setattr("modelport.training.prepare.prepare.inspect_images", lambda *_: pytest.fail("files were read"))
    with pytest.raises(InputError, match="too few images") as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert "c: 2" == caught.value.received


def test_a_class_with_two_good_images_among_bad_ones_is_refused(photos: Path, tmp_path: Path) -> None:
    draw(photos / "c" / "1.png", 31)
    draw(photos / "c" / "2.png", 32)
    (photos / "c" / "3.png").write_bytes(b"no image")
    with pytest.raises(InputError, match="too few images") as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert "c: 2" == caught.value.received


def test_a_class_whose_three_images_are_two_files_is_refused(photos: Path, tmp_path: Path) -> None:
    draw(photos / "c" / "1.png", 31)
    draw(photos / "c" / "2.png", 32)
    draw(photos / "c" / "3.png", 32)
    with pytest.raises(InputError, match="cannot be in every split") as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert "from 3 images in 2 groups" in str(caught.value.received)


def test_a_label_that_a_labels_file_cannot_hold_is_refused(photos: Path, tmp_path: Path) -> None:
    draw(photos / " c" / "1.png", 31)
    with pytest.raises(InputError, match="begins or ends with a blank"):
        prepare(photos, tmp_path / "dataset", PrepareOptions())


def test_reading_stops_after_ctrl_c(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that is left with all its files would go on reading 87,000 of them."""
    read_files: Counter[str] = Counter()
    read_bytes, stopped = Path.read_bytes, Event()

    def count(path: Path) -> bytes:
        read_files[path.name] += 1
        if read_files.total() > 20:  # however fast the machine is, most files are unread when the user stops
            stopped.wait(timeout=60)
        return read_bytes(path)

    class Impatient:
        def say(self, text: str) -> None:
            pass

        def track(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
            for item in items:
                yield item
                stopped.set()
                raise KeyboardInterrupt

    for number in range(1000):
        draw(photos / "a" / f"more{number}.png", 1000 + number)
    monkeypatch.setattr(Path, "read_bytes", count)
    with pytest.raises(KeyboardInterrupt):
        prepare(photos, tmp_path / "dataset", PrepareOptions(), Impatient())
    assert read_files.total() < 500
    assert {"photos"} == {path.name for path in tmp_path.iterdir()}

"""Grouping: a signer or a video never sits in two splits."""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.training.prepare.options import PrepareOptions
from modelport.training.prepare.prepare import prepare
from PIL import Image

Rows = list[tuple[str, ...]]

SIGN_DIGITS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "sign_digits"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes; in each, four images of each of six signers."""
    for label in "ab":
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(24):
            pixels = random.Random(f"{label}{number}").randbytes(8 * 8 * 3)
            path = tmp_path / "photos" / label / f"signer{number % 6}_{number:02}.png"
            Image.frombytes("RGB", (8, 8), pixels).save(path)
    return tmp_path / "photos"


def splits_of_groups(dataset: Path, group_of: dict[str, str]) -> dict[str, set[str]]:
    """Group to the splits it is found in; the groups come from the caller, not from dataset.json."""
    found = defaultdict(set)
    for image in json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))["images"]:
        found[group_of[image["source"]]].add(image["path"].split("/")[0])
    return found


def listing(photos: Path) -> dict[str, str]:
    return {path.relative_to(photos).as_posix(): path.name[:7] for path in photos.glob("*/*.png")}


def write_csv(path: Path, rows: Rows, header: tuple[str, ...] = ("path", "group")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


@pytest.mark.parametrize("pattern", ["(signer[0-9])_[0-9]+", "signer[0-9]", "/(?:x|(signer.))"])
def test_group_by_keeps_each_signer_in_one_split(photos: Path, tmp_path: Path, pattern: str) -> None:
    summary = prepare(photos, tmp_path / "dataset", PrepareOptions(group_by=pattern))
    splits = splits_of_groups(tmp_path / "dataset", listing(photos))
    assert [1] * 6 == [len(found) for found in splits.values()]
    # 24 images of each class in blocks of four: 16.8, 3.6 and 3.6 are wanted
    assert {"train": {"a": 16, "b": 16}, "val": {"a": 4, "b": 4}, "test": {"a": 4, "b": 4}} == summary.counts


def test_without_grouping_the_signers_are_mixed(photos: Path, tmp_path: Path) -> None:
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert max(map(len, splits_of_groups(tmp_path / "dataset", listing(photos)).values())) > 1


def test_a_list_groups_as_the_expression_does(photos: Path, tmp_path: Path) -> None:
    groups = write_csv(tmp_path / "groups.csv", [*sorted(listing(photos).items())])
    prepare(photos, tmp_path / "by_list", PrepareOptions(groups=groups))
    prepare(photos, tmp_path / "by_regex", PrepareOptions(group_by="signer[0-9]"))
    images = [json.loads((tmp_path / name / "dataset.json").read_text())["images"] for name in ("by_list", "by_regex")]
    assert images[0] == images[1]
    assert {f"signer{n}" for n in range(6)} == {image["group"] for image in images[0]}


def test_a_list_from_windows_is_read(photos: Path, tmp_path: Path) -> None:
    """Byte order mark, CRLF, backslashes, and columns in another order."""
    rows = "".join(f"{group},{path}\r\n".replace("/", "\\") for path, group in listing(photos).items())
    (tmp_path / "groups.csv").write_bytes(b"\xef\xbb\xbf" + f"group,path\r\n{rows}".encode())
    prepare(photos, tmp_path / "dataset", PrepareOptions(groups=tmp_path / "groups.csv"))
    splits = splits_of_groups(tmp_path / "dataset", listing(photos))
    assert [1] * 6 == [len(found) for found in splits.values()]


def test_identical_files_join_two_groups(photos: Path, tmp_path: Path) -> None:
    (photos / "a" / "signer0_copy.png").write_bytes((photos / "a" / "signer1_01.png").read_bytes())
    prepare(photos, tmp_path / "dataset", PrepareOptions(group_by="signer[0-9]"))
    splits = splits_of_groups(tmp_path / "dataset", listing(photos))
    assert 1 == len(splits["signer0"] | splits["signer1"])


def test_paths_without_a_group_are_named(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a path has no group") as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions(group_by="(signer[0-4])_"))
    # eight images of signer5: five are shown
    assert "a/signer5_05.png\na/signer5_11.png\na/signer5_17.png\na/signer5_23.png\nb/signer5_05.png\nand 3 more" == (
        caught.value.received
    )


@pytest.mark.parametrize(("pattern", "groups"), [("signer0|signer", 2), ("^.", 1)])
def test_fewer_than_three_groups_of_a_class_are_refused(
    photos: Path, tmp_path: Path, pattern: str, groups: int
) -> None:
    with pytest.raises(InputError, match="cannot be in every split") as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions(group_by=pattern))
    lines = str(caught.value.received).splitlines()
    assert ["a", "b"] == [line[0] for line in lines]
    assert all(line.endswith(f"from 24 images in {groups} groups") for line in lines)


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        pytest.param(lambda rows: [*rows, ("a/gone.png", "x")], "a listed image does not exist", id="gone"),
        pytest.param(lambda rows: rows[1:], "an image is not listed", id="unlisted"),
        pytest.param(lambda rows: [*rows, (rows[0][0], "other")], "image has two groups", id="two-groups"),
        pytest.param(lambda rows: [*rows[1:], (rows[0][0], " ")], "image has no group", id="blank"),
        pytest.param(lambda rows: [*rows[1:], (rows[0][0],)], "image has no group", id="short-row"),
    ],
)
def test_a_list_that_does_not_match_the_images_is_refused(
    photos: Path, tmp_path: Path, edit: Callable[[Rows], Rows], what: str
) -> None:
    groups = write_csv(tmp_path / "groups.csv", edit([*sorted(listing(photos).items())]))
    with pytest.raises(InputError) as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions(groups=groups))
    assert what == caught.value.what


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="missing"),
        pytest.param(b"", id="empty"),
        pytest.param(b"file,signer\na,b\n", id="other-columns"),
        pytest.param(b"path,group\n\xff\xfe,x\n", id="not-utf8"),
        pytest.param(b'path,group\n"a/1.png"x,y\n', id="quotes"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(photos: Path, tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "groups.csv").write_bytes(data)
    with pytest.raises(InputError) as caught:
        prepare(photos, tmp_path / "dataset", PrepareOptions(groups=tmp_path / "groups.csv"))
    assert caught.value.what in ("list of groups cannot be read", "not a list of groups")
    assert tmp_path / "groups.csv" == caught.value.where


def test_two_ways_of_grouping_are_refused() -> None:
    with pytest.raises(UsageError, match="two ways of grouping"):
        PrepareOptions(group_by="x", groups=Path("groups.csv"))


@pytest.mark.skipif(not SIGN_DIGITS.is_dir(), reason="needs ../shared/data/sign_digits")
def test_no_signer_of_the_sign_digits_is_in_two_splits(tmp_path: Path) -> None:
    summary = prepare(SIGN_DIGITS, tmp_path / "dataset", PrepareOptions(groups=SIGN_DIGITS / "signers.csv", copy=True))
    with (SIGN_DIGITS / "signers.csv").open(newline="") as stream:
        signers = {row["path"]: row["group"] for row in csv.DictReader(stream)}
    splits = splits_of_groups(tmp_path / "dataset", signers)
    assert [1] * 50 == [len(found) for found in splits.values()]
    assert {str(digit) for digit in range(10)} == set(summary.counts["test"])
    assert (500, 0) == (sum(sum(of.values()) for of in summary.counts.values()), summary.quarantined)
    shares = [sum(summary.counts[split].values()) / 500 for split in ("train", "val", "test")]
    assert [0.70, 0.15, 0.15] == pytest.approx(shares, abs=0.02)  # no signer has more than 11 of the 500 images

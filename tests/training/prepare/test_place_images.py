from pathlib import Path

from modelport.training.prepare.find_images import FoundImage
from modelport.training.prepare.inspect_image import InspectedImage
from modelport.training.prepare.place_images import name_images


def image(source: str, reencoded: str | None = None) -> InspectedImage:
    found = FoundImage(path=Path("/photos") / source, source=source, label=source.split("/")[0], split=None)
    return InspectedImage(found=found, sha256="", reencoded=reencoded)


def test_names_are_kept_where_they_are_free() -> None:
    images = [image("a/IMG_1.JPG"), image("b/IMG_1.JPG"), image("a/deep/2.png"), image("a/IMG_1.JPG")]
    splits = ["train", "train", "val", "test"]
    expected = ["train/a/IMG_1.JPG", "train/b/IMG_1.JPG", "val/a/2.png", "test/a/IMG_1.JPG"]
    assert expected == name_images(images, splits)


def test_re_encoded_files_are_called_png() -> None:
    assert ["val/a/x.png", "val/a/y.png"] == name_images(
        [image("a/x.bmp", "BMP"), image("a/y.JPG", "CMYK")], ["val"] * 2
    )


def test_names_that_differ_in_case_or_in_the_spelling_of_an_umlaut_get_numbers() -> None:
    """The second ü is u and a combining diaeresis, as macOS writes it."""
    names = ["a/1/x.png", "a/2/X.PNG", "a/3/x.bmp", "a/\u00fc.png", "a/u\u0308.png"]
    images = [image(name, "BMP" if name.endswith("bmp") else None) for name in names]
    expected = ["x.png", "X-2.PNG", "x-3.png", "\u00fc.png", "u\u0308-2.png"]
    assert [f"train/a/{name}" for name in expected] == name_images(images, ["train"] * 5)


def test_a_number_is_not_given_twice() -> None:
    names = ["a/x-2.png", "a/1/x.png", "a/2/x.png", "a/3/x-2.png", "a/4/x.png"]
    expected = ["x-2.png", "x.png", "x-3.png", "x-2-2.png", "x-4.png"]
    assert [f"train/a/{name}" for name in expected] == name_images([image(name) for name in names], ["train"] * 5)


def test_many_files_of_one_name_take_no_quadratic_time() -> None:
    images = [image(f"a/{number}/frame.png") for number in range(20_000)]
    assert 20_000 == len(set(name_images(images, ["train"] * 20_000)))

"""Where labelled images come from."""

import shutil
from pathlib import Path

import pytest
from modelport.contract.dataset.labelled_images import find_labelled_images
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance


def _contract(labels: tuple[str, ...] = ("red", "green", "blue"), dataset: Path | None = None) -> ModelContract:
    return ModelContract(
        pixels=PixelContract(),
        heads=(ClassificationHead(name="label", labels=labels),),
        parameters=1,
        provenance=Provenance(run_id="r", model_sha256="m", dataset=str(dataset) if dataset else None),
    )


def _touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_default_is_the_test_split_of_the_training_run(tmp_path: Path) -> None:
    names = [f"{label}/{number}.png" for label in ("red", "green", "blue") for number in ("000", "001")]
    _touch(tmp_path, *(f"{split}/{name}" for split in ("train", "val", "test") for name in names))
    found = find_labelled_images(_contract(dataset=tmp_path))
    expected = ["blue/000", "blue/001", "green/000", "green/001", "red/000", "red/001"]
    assert [f"test/{name}.png" for name in expected] == list(found.names)


def test_labels_are_indices_into_the_heads_own_order(tmp_path: Path) -> None:
    """Folders come sorted by name, the head's labels need not be."""
    _touch(tmp_path, "red/000.png", "green/000.png", "blue/000.png")
    found = find_labelled_images(_contract(), tmp_path)
    assert dict(zip(found.names, (image.label for image in found.images), strict=True)) == {
        "red/000.png": 0,
        "green/000.png": 1,
        "blue/000.png": 2,
    }


def test_a_data_set_that_moved_ends_in_the_option_that_helps(tmp_path: Path) -> None:
    for contract in (_contract(dataset=tmp_path / "gone"), _contract()):
        with pytest.raises(InputError, match="--data DIR"):
            find_labelled_images(contract)


@pytest.mark.parametrize("nesting", ["", "outer"])
def test_class_folders_may_be_nested_once(tmp_path: Path, nesting: str) -> None:
    _touch(tmp_path / nesting, "red/a.png", "green/deep/b.JPG", "blue/c.png", "blue/notes.txt")
    found = find_labelled_images(_contract(), tmp_path)
    assert sorted((i.path.name, i.label) for i in found.images) == [("a.png", 0), ("b.JPG", 1), ("c.png", 2)]


def test_labels_without_an_image_are_told(tmp_path: Path) -> None:
    _touch(tmp_path, "red/a.png", "green/b.png")
    assert find_labelled_images(_contract(), tmp_path).absent == ("blue",)


def test_classes_that_the_head_lacks_are_refused_listing_both(tmp_path: Path) -> None:
    _touch(tmp_path, "red/a.png", "purple/b.png")
    with pytest.raises(InputError) as caught:
        find_labelled_images(_contract(), tmp_path)
    assert "red, green, blue" in str(caught.value.expected)
    assert "purple, red" in str(caught.value.received)


@pytest.mark.parametrize("nesting", ["", "outer"])
def test_flat_files_take_the_longest_label_before_an_underscore(tmp_path: Path, nesting: str) -> None:
    _touch(tmp_path / nesting, "thumb_1.jpg", "thumb_up_1.jpg", "thumb_up_2_x.png")
    found = find_labelled_images(_contract(("thumb", "thumb_up")), tmp_path)
    assert {image.path.name: image.label for image in found.images} == {
        "thumb_1.jpg": 0,
        "thumb_up_1.jpg": 1,
        "thumb_up_2_x.png": 1,
    }


@pytest.mark.parametrize("name", ["Red_1.png", "redder_1.png", "red.png", "purple_1.png"])
def test_flat_files_of_no_known_label_are_listed_and_refused(tmp_path: Path, name: str) -> None:
    """Labels are compared exactly: case counts, and a label that merely begins a longer word is not one."""
    _touch(tmp_path, "red_1.png", name)
    with pytest.raises(InputError, match="1 of 2 images") as caught:
        find_labelled_images(_contract(), tmp_path)
    assert name == caught.value.received


def test_images_beside_class_folders_are_refused(tmp_path: Path) -> None:
    _touch(tmp_path, "red/a.png", "green/a.png", "loose.png")
    with pytest.raises(InputError, match=r"beside class folders[\s\S]*loose\.png"):
        find_labelled_images(_contract(), tmp_path)


def test_a_folder_without_images_lists_the_extensions_seen(tmp_path: Path) -> None:
    _touch(tmp_path, "red/a.txt")
    with pytest.raises(InputError, match=r"\.txt \(1\)"):
        find_labelled_images(_contract(), tmp_path)
    shutil.rmtree(tmp_path / "red")
    with pytest.raises(InputError, match="an empty folder"):
        find_labelled_images(_contract(), tmp_path)

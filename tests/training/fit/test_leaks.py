import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.errors import InputError
from modelport.contract.narration import Silent
from modelport.training.fit.leaks import check_leaks, count_leaks
from modelport.training.run.image_hashes import hash_images


class Told(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def leaking(dataset: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that copies the data set, and one image of a split into test under another name."""

    def make(source: str, times: int = 1) -> Path:
        root = Path(shutil.copytree(dataset, tmp_path / "leaking"))
        for path in sorted((root / source / "red").iterdir())[:times]:
            shutil.copyfile(path, root / "test" / "red" / f"another-name-{path.name}")
        return root

    return make


@pytest.mark.parametrize("source", ["train", "val"])
def test_a_copy_under_another_name_is_a_leak(leaking: Callable[..., Path], source: str) -> None:
    root = leaking(source, times=2)
    count = len(open_dataset(root).splits["test"])
    with pytest.raises(InputError, match="test set leaked into training") as caught:
        check_leaks(hash_images(open_dataset(root), Silent()), root, Silent(), allowed=False)
    assert f"2 of {count} test images" in str(caught.value.received)
    assert "--allow-leak" in str(caught.value.fix)


def test_an_allowed_leak_is_counted_and_told(leaking: Callable[..., Path]) -> None:
    told = Told()
    leaks = check_leaks(hash_images(open_dataset(leaking("train")), Silent()), "set", told, allowed=True)
    assert {"test_images_also_in_train_or_val": 1, "validation_images_also_in_train": 0} == leaks
    (line,) = told.lines
    assert "1 of" in line


def test_a_copy_within_test_is_no_leak(leaking: Callable[..., Path]) -> None:
    assert [0, 0] == list(count_leaks(hash_images(open_dataset(leaking("test")), Silent())).values())


def test_validation_images_in_train_are_a_leak_too(dataset: Path, tmp_path: Path) -> None:
    """Early stopping, the kept epoch and the test of chance all rest on them."""
    root = Path(shutil.copytree(dataset, tmp_path / "leaking"))
    image = next((root / "train" / "red").iterdir())
    shutil.copyfile(image, root / "val" / "red" / f"another-name{image.suffix}")
    with pytest.raises(InputError, match="validation set leaked into training"):
        check_leaks(hash_images(open_dataset(root), Silent()), root, Silent(), allowed=False)


def test_a_prepared_set_has_no_leak_and_nothing_is_said(dataset: Path) -> None:
    told = Told()
    leaks = check_leaks(hash_images(open_dataset(dataset), Silent()), dataset, told, allowed=True)
    assert [0, 0] == list(leaks.values())
    assert [] == told.lines

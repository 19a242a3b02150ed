from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sklearn_datasets = pytest.importorskip("sklearn.datasets", reason="the demo's digits come with scikit-learn")
from modelport.assets.digits import SIDE, write_digits  # noqa: E402


def test_every_digit_is_written_once_in_the_folder_of_its_class(tmp_path: Path) -> None:
    digits = sklearn_datasets.load_digits()
    assert len(digits.target) == write_digits(tmp_path)
    found = {path.name: len(list(path.iterdir())) for path in tmp_path.iterdir()}
    assert {str(digit): int(count) for digit, count in enumerate(np.bincount(digits.target))} == found


def test_pixels_are_the_digits_stretched_from_16_to_255(tmp_path: Path) -> None:
    write_digits(tmp_path, digits=(3,))
    image = np.asarray(Image.open(min(tmp_path.glob("3/*.png"))))
    digits = sklearn_datasets.load_digits()
    first = digits.images[digits.target == 3][0]
    assert (SIDE, SIDE) == image.shape
    np.testing.assert_allclose(first / 16 * 255, image[:: SIDE // 8, :: SIDE // 8], atol=0.5)


def test_only_the_wanted_digits_are_written(tmp_path: Path) -> None:
    write_digits(tmp_path, digits=(5, 9))
    assert {"5", "9"} == {path.name for path in tmp_path.iterdir()}

"""Pixels and files to compare on, and what Keras answers to them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.image.decode import load_pixels
from modelport.contract.model_contract.model_contract import ModelContract
from numpy.typing import NDArray


@dataclass(frozen=True)
class Oracle:
    """Seven test images as files and as pixels, and the answers of model.keras, loaded here by plain Keras."""

    files: tuple[Path, ...]
    pixels: NDArray[np.float32]
    answers: NDArray[np.float32]


@pytest.fixture(scope="session")
def keras_model(trained_run: Path) -> Any:
    keras = pytest.importorskip("keras", reason="the oracle is Keras")
    return keras.models.load_model(trained_run / "model.keras", compile=False)


@pytest.fixture(scope="session")
def oracle(keras_model: Any, dataset: Path, contract: ModelContract) -> Oracle:
    files = tuple(image.path for image in open_dataset(dataset).splits["test"][::2][:7])
    pixels = np.stack([load_pixels(file, contract.pixels) for file in files])
    return Oracle(files, pixels, np.asarray(keras_model(pixels, training=False)))

"""The demo's data set: scikit-learn's 1,797 handwritten digits as PNG files, in class folders."""

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

#: An 8x8 digit is written at this size, every pixel a block, so that resizing to the model's input has work to do.
SIDE = 72


def write_digits(folder: Path, digits: tuple[int, ...] = tuple(range(10))) -> int:
    """Write FOLDER/DIGIT/NNNN.png, grey, `SIDE` pixels square, ink white on black.

    Args:
        folder: an empty folder.
        digits: which classes to write.

    Returns:
        The number of images.

    References:
        Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI; as shipped by scikit-learn (BSD).
    """
    data = load_digits()
    chosen = [(image, int(digit)) for image, digit in zip(data.images, data.target, strict=True) if digit in digits]
    for number, (image, digit) in enumerate(chosen):
        grey = np.kron(np.round(image * (255 / 16)), np.ones((SIDE // 8, SIDE // 8))).astype(np.uint8)
        path = folder / str(digit) / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey).save(path)
    return len(chosen)

"""A JPEG as decoders see it that repeat chroma values where libjpeg blends them: Dart's package:image, say.

A JPEG of 4:2:0 holds one pair of chroma values for four pixels. libjpeg (Pillow, TensorFlow, Skia) blends neighbours;
package:image gives all four the same pair, and rounds its inverse DCT at another place, by a level at most. Source:
brendan-duncan/image, lib/src/formats/jpeg/_jpeg_quantize_io.dart at 09553ce0, read on 2026-11-21.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: ITU-T T.871 (JFIF), section 7: red and blue by Cr and Cb, green by both.
_RED_CR, _GREEN_CB, _GREEN_CR, _BLUE_CB = 1.402, 0.344136286, 0.714136286, 1.772


def decode_repeating_chroma(jpeg: bytes) -> NDArray[np.uint8]:
    """Decode a JPEG of 4:2:0 without blending chroma.

    Args:
        jpeg: three components, the two of chroma halved in both directions.

    Returns:
        (height, width, 3) uint8, RGB.
    """
    luma = np.asarray(_decoded(jpeg, halved=False))[..., 0].astype(np.float64)
    # at half the size libjpeg takes chroma as it stands in the file
    chroma = np.asarray(_decoded(jpeg, halved=True))[..., 1:].astype(np.float64) - 128
    height, width = luma.shape
    if chroma.shape[:2] != luma.shape:  # a picture of one pixel's width has no half
        chroma = chroma.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    blue, red = chroma[..., 0], chroma[..., 1]
    rgb = [luma + _RED_CR * red, luma - _GREEN_CB * blue - _GREEN_CR * red, luma + _BLUE_CB * blue]
    return np.clip(np.rint(np.stack(rgb, axis=-1)), 0, 255).astype(np.uint8)


def _decoded(jpeg: bytes, *, halved: bool) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    image.draft("YCbCr", (max(image.width // 2, 1), max(image.height // 2, 1)) if halved else image.size)
    image.load()
    return image

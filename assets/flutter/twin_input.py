"""The Python twin of `inputOf` in dart/lib/modelport/image_file.dart: from RGB bytes to the bytes of the input tensor."""

from ...contract.pixels import PixelContract
from .twin_pixels import grey_of, resize_bilinear, scale_values


def image_input(rgb: bytes, height: int, width: int, contract: PixelContract) -> bytes:
    """Return the bytes that enter the model, float32 in this machine's order, or uint8.

    Args:
        rgb: three bytes for each pixel, row by row.
        height: of the image.
        width: of the image.
        contract: of the artifact.
    """
    channels = contract.channels
    pixels = bytes(grey_of(rgb)) if channels == 1 else rgb
    if contract.preprocessing == "in_graph":
        return pixels
    values = resize_bilinear(pixels, height, width, channels, contract.height, contract.width)
    low, high = contract.value_range
    scale_values(values, low, high)
    return values.tobytes()

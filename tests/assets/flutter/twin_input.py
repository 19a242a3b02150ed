"""The Python twin of `inputOf` in dart/lib/modelport/image_file.dart: RGB bytes to the bytes of the input tensor."""

from modelport.contract.image.pixels import PixelContract
from modelport.tests.assets.flutter.twin_pixels import float_input, grey_of


def image_input(rgb: bytes, height: int, width: int, contract: PixelContract) -> bytes:
    """Return the bytes that enter the model, float32 in this machine's order, or uint8.

    Args:
        rgb: three bytes for each pixel, row by row.
        height: of the image.
        width: of the image.
        contract: of the artifact.
    """
    if contract.preprocessing == "in_graph":
        return bytes(grey_of(rgb)) if contract.channels == 1 else rgb
    sizes = height, width, contract.channels, contract.height, contract.width
    return float_input(rgb, *sizes, *contract.value_range).tobytes()

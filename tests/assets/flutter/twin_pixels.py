"""The Python twin of dart/lib/modelport/pixels.dart and exif.dart, line by line.

A twin proves the arithmetic, not the Dart. A test reads the Dart with a Dart grammar, writes it as Python, and compares
that with this file, statement by statement (tests/assets/flutter/test_flutter_twin_is_the_dart.py). So it is written
as Dart is: loops and indices, no numpy. `float32_list` rounds what it is given, as Dart's Float32List does.
"""

from array import array
from math import floor
from typing import TypeAlias

Float32List: TypeAlias = "array[float]"
Int32List: TypeAlias = "array[int]"


def float32_list(length: int) -> Float32List:
    """Return zeros that hold float32."""
    return array("f", bytes(4 * length))


def int32_list(length: int) -> Int32List:
    """Return zeros that hold int32."""
    return array("i", bytes(4 * length))


def uint8_list(length: int) -> bytearray:
    """Return zeros that hold uint8."""
    return bytearray(length)


def sublist_view(values: bytearray, start: int, end: int) -> bytes:
    """Return a part of the bytes."""
    return bytes(values[start:end])


def to_float32(value: float) -> float:
    """Round to the nearest float32."""
    cell = float32_list(1)
    cell[0] = value
    return cell[0]


def positions_of(size: int, wanted: int) -> Float32List:
    """Return where each wanted position lies along `size` pixels: half-pixel centres, in float32."""
    scale = to_float32(size / wanted)
    positions = float32_list(wanted)
    for index in range(wanted):
        positions[index] = to_float32((index + 0.5) * scale) - 0.5
    return positions


def lowers_of(positions: Float32List) -> Int32List:
    """Return the pixel before each position."""
    lowers = int32_list(len(positions))
    for index in range(len(positions)):
        lower = floor(positions[index])
        lowers[index] = 0 if lower < 0 else lower
    return lowers


def uppers_of(positions: Float32List, size: int) -> Int32List:
    """Return the pixel after each position."""
    uppers = int32_list(len(positions))
    for index in range(len(positions)):
        upper = floor(positions[index]) + 1
        uppers[index] = upper if upper < size else size - 1
    return uppers


def weights_of(positions: Float32List) -> Float32List:
    """Return how much the pixel after each position counts, in [0, 1]."""
    weights = float32_list(len(positions))
    for index in range(len(positions)):
        weights[index] = positions[index] - floor(positions[index])
    return weights


def resize_bilinear(
    pixels: bytes | bytearray, height: int, width: int, channels: int, new_height: int, new_width: int
) -> Float32List:
    """Resize bilinearly, without antialias, stretching both sides. Pixels are row by row, channels last."""
    resized = float32_list(new_height * new_width * channels)
    if height == new_height and width == new_width:
        for index in range(len(resized)):
            resized[index] = float(pixels[index])
        return resized
    down = positions_of(height, new_height)
    above = lowers_of(down)
    below = uppers_of(down, height)
    down_weights = weights_of(down)
    across = positions_of(width, new_width)
    left = lowers_of(across)
    right = uppers_of(across, width)
    across_weights = weights_of(across)
    mixed = float32_list(3)
    target = 0
    for row in range(new_height):
        for column in range(new_width):
            for channel in range(channels):
                above_left = pixels[(above[row] * width + left[column]) * channels + channel]
                above_right = pixels[(above[row] * width + right[column]) * channels + channel]
                below_left = pixels[(below[row] * width + left[column]) * channels + channel]
                below_right = pixels[(below[row] * width + right[column]) * channels + channel]
                mixed[0] = (above_right - above_left) * across_weights[column]
                mixed[0] = above_left + mixed[0]
                mixed[1] = (below_right - below_left) * across_weights[column]
                mixed[1] = below_left + mixed[1]
                mixed[2] = mixed[1] - mixed[0]
                mixed[2] = mixed[2] * down_weights[row]
                resized[target] = mixed[0] + mixed[2]
                target += 1
    return resized


def scale_values(values: Float32List, low: float, high: float) -> None:
    """Bring 0 to 255 into `low` to `high`, in place."""
    factor = to_float32((high - low) / 255)
    offset = to_float32(low)
    for index in range(len(values)):
        values[index] = values[index] * factor
        values[index] = values[index] + offset


def float_input(
    rgb: bytes, height: int, width: int, channels: int, new_height: int, new_width: int, low: float, high: float
) -> Float32List:
    """Return what a model of floats takes: one channel or three, resized, and scaled to `low` to `high`."""
    pixels = grey_of(rgb) if channels == 1 else rgb
    values = resize_bilinear(pixels, height, width, channels, new_height, new_width)
    scale_values(values, low, high)
    return values


def grey_of(rgb: bytes) -> bytearray:
    """Return the brightness of each pixel, as Pillow and the ITU-R 601-2 luma transform have it."""
    grey = uint8_list(len(rgb) // 3)
    for index in range(len(grey)):
        red = rgb[index * 3]
        green = rgb[index * 3 + 1]
        blue = rgb[index * 3 + 2]
        grey[index] = (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16
    return grey


def without_exif(file: bytes) -> bytes:
    """Return the bytes without APP1 segments, where EXIF is; what is no JPEG, or a damaged one, comes back as it is."""
    if len(file) < 4 or file[0] != 255 or file[1] != 216:
        return file
    kept = uint8_list(len(file))
    kept[0] = 255
    kept[1] = 216
    count = 2
    place = 2
    while place + 4 <= len(file) and file[place] == 255 and file[place + 1] != 218:
        if file[place + 1] == 255:
            place += 1
            continue
        length = 2 + file[place + 2] * 256 + file[place + 3]
        if place + length > len(file):
            return file
        if file[place + 1] != 225:
            for index in range(length):
                kept[count + index] = file[place + index]
            count += length
        place += length
    for index in range(place, len(file)):
        kept[count] = file[index]
        count += 1
    return sublist_view(kept, 0, count)

"""Releases of TensorFlow Lite: the oldest that must run a file, and how to compare two."""

from ..errors import InputError

#: The oldest TensorFlow Lite that must run the .tflite files: the lower of what tflite_flutter 0.12.1 (2025-10-28, the
#: newest on 2026-11-21) bundles: LiteRT 1.4.0 on Android (its pull request 299), TensorFlowLiteSwift 2.12.0 on iOS (its
#: podspec). See docs/adr/0002.
DEFAULT_MIN_TFLITE = "2.12.0"


def release_key(release: str) -> tuple[int, ...]:
    """Return "2.17.0" as (2, 17, 0), for comparing.

    Raises:
        InputError: not numbers with dots between them.

    Example:
        >>> release_key("2.4.0") < release_key("2.17.0")
        True
    """
    if not is_release(release):
        raise InputError("not a release of TensorFlow Lite", expected="numbers such as 2.12.0", received=release)
    return tuple(map(int, (*release.split("."), "0")[:3]))


def is_release(text: str) -> bool:
    """Return whether a text is two or three numbers with dots between them."""
    parts = text.split(".")
    return 2 <= len(parts) <= 3 and all(part.isascii() and part.isdigit() for part in parts)

"""Which runtime each release of tflite_flutter brings to a phone, and which release a file needs."""

from typing import NamedTuple

from ....contract.errors import InputError
from ....contract.model_contract.tflite_release import release_key


class Runtime(NamedTuple):
    """A runtime by its name, and the TensorFlow Lite whose operators it serves at least."""

    name: str
    tflite: str


_TFLITE_2_12 = Runtime("TensorFlow Lite 2.12.0", "2.12.0")
#: LiteRT continues TensorFlow Lite, whose last release under that name is 2.17.0 (org.tensorflow:tensorflow-lite).
_LITERT_1_4 = Runtime("LiteRT 1.4.0", "2.17.0")

#: Release of tflite_flutter to the runtime on each platform; the newest last. Read on 2026-11-21: its changelog at
#: pub.dev and pull request 299 of tensorflow/flutter-tflite (android/build.gradle), its ios/tflite_flutter.podspec.
#: Releases before 0.11.0 lack what lib/modelport calls. On desktops the app brings the runtime itself.
BUNDLED: dict[str, dict[str, Runtime]] = {
    "0.11.0": {"Android": _TFLITE_2_12, "iOS": _TFLITE_2_12},
    "0.12.0": {"Android": _TFLITE_2_12, "iOS": _TFLITE_2_12},
    "0.12.1": {"Android": _LITERT_1_4, "iOS": _TFLITE_2_12},
}
NEWEST = "0.12.1"

#: What is added to a pubspec. `image` decodes; from 4.2.0 on it tells grey with alpha from colours (its changelog).
TFLITE_FLUTTER = "^0.12.1"
IMAGE = "^4.2.0"


def oldest_runtime(release: str = NEWEST) -> Runtime:
    """Return the runtime of the platform where a release of tflite_flutter brings the oldest."""
    return min(BUNDLED[release].values(), key=lambda runtime: release_key(runtime.tflite))


def oldest_plugin(needed: str | None, where: object) -> str:
    """Return the oldest release of tflite_flutter that runs a file on every platform.

    Args:
        needed: the TensorFlow Lite that the file's operators need; None: any.
        where: the file, for the error.

    Raises:
        InputError: no release runs it everywhere.

    Example:
        >>> oldest_plugin("2.4.0", "model.tflite")
        '0.11.0'
    """
    for release in BUNDLED:
        if needed is None or release_key(oldest_runtime(release).tflite) >= release_key(needed):
            return release
    brings = ", ".join(f"{runtime.name} on {platform}" for platform, runtime in BUNDLED[NEWEST].items())
    raise InputError(
        "no tflite_flutter brings a runtime that runs this file on every platform",
        where=where,
        expected=f"what tflite_flutter {NEWEST}, the newest known, brings: {brings}",
        received=f"operators that need TensorFlow Lite {needed}",
        fix="modelport quantize RUN, then modelport validate RUN: all of its recipes run there",
    )

"""A runtime by name and version, as pip writes it: "tflite-runtime==2.14.0"."""

from dataclasses import dataclass

from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from ...contract.errors import InputError

#: Package to its first version that runs with NumPy 2, which older ones do not refuse by their metadata; () is none.
#: Sources: TensorFlow's release notes of 2.18, ONNX Runtime's of 1.19; tflite-runtime ended at 2.14.0. ai-edge-litert
#: 1.0.1 raises SystemError with NumPy 2.4.6 when it opens a file, 1.2.0 does not: run on 2026-11-21.
FIRST_WITH_NUMPY_2: dict[str, tuple[int, ...]] = {
    "tflite-runtime": (),
    "tensorflow": (2, 18),
    "onnxruntime": (1, 19),
    "ai-edge-litert": (1, 2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One release of one runtime."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"

    @property
    def packages(self) -> tuple[str, ...]:
        """What is asked of pip: the package, and an older NumPy where it would take one that it cannot run with."""
        first = FIRST_WITH_NUMPY_2[self.name]
        needs_older = not first or Version(self.version).release < first
        return (str(self), *(["numpy<2"] if needs_older else []))


def as_requirement(text: str) -> Requirement | None:
    """Return what NAME==VERSION names; None where `text` has no such form, and is a path.

    Raises:
        InputError: a package that is no runtime: what nothing here runs on is not installed.

    Example:
        >>> as_requirement("TFLite_Runtime==2.14.0").packages
        ('tflite-runtime==2.14.0', 'numpy<2')
    """
    given, _, release = text.partition("==")
    try:
        name, _ = canonicalize_name(given, validate=True), Version(release)
    except (InvalidName, InvalidVersion):
        return None
    if name not in FIRST_WITH_NUMPY_2:
        raise InputError("not a runtime", where=text, expected=", ".join(FIRST_WITH_NUMPY_2), received=name)
    return Requirement(name=name, version=release.strip())

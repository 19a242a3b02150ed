"""Which of two releases of a package is older: as pip has it (PEP 440), for whatever pip installs.

No file that a worker imports uses this: another interpreter may have no `packaging`. Releases of TensorFlow Lite, which
are numbers alone, are compared in tflite_release.py.
"""

from packaging.version import InvalidVersion, Version

#: Older than any release.
_OLDEST = Version("0.dev0")


def package_version(text: str) -> Version | None:
    """Return a version without what a build adds, such as "+cpu", which says nothing of its age; None: it is none."""
    try:
        return Version(Version(text).public)
    except InvalidVersion:
        return None


def age_key(text: str) -> Version:
    """Return a key that sorts versions from old to new; what is no version counts as older than any.

    Example:
        >>> age_key("2.9") < age_key("2.17.0.dev1") < age_key("2.17.0rc1") < age_key("2.17") == age_key("2.17.0+cpu")
        True
    """
    return package_version(text) or _OLDEST

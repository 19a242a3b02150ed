"""Where what can be made again is kept between calls."""

import os
import sys
from pathlib import Path

#: Names the folder to use instead of the system's.
VARIABLE = "MODELPORT_CACHE"


def cache_folder() -> Path:
    """Return modelport's cache folder, which may not exist: MODELPORT_CACHE, or a folder where the system keeps such.

    References:
        The XDG base directory specification; Apple's File System Programming Guide; Microsoft's known folders.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named).absolute()
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "modelport" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "modelport"
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else home / ".cache") / "modelport"  # the specification ignores relative ones

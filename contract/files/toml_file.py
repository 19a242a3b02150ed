"""Reading TOML that people write."""

import tomllib
from pathlib import Path
from typing import Any

from ..errors import InputError


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file, with a byte order mark or without one.

    Raises:
        InputError: it is missing, broken (with line and column), or nested too deeply.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError("file cannot be read", where=path, received=error.strerror) from error
    except (ValueError, RecursionError) as error:  # ValueError: no UTF-8, or no TOML; its message ends in the place
        raise InputError("file is not TOML that can be read", where=path, received=error) from error

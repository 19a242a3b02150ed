"""Reading JSON that may be missing or broken."""

import json
from pathlib import Path
from typing import Any

from ..errors import InputError


def read_json(path: str | Path) -> Any:
    """Read a JSON file; raises InputError with the file's name where it is missing, broken, or nested too deeply."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError("file is missing", where=path) from error
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, no JSON, a number of 5,000 digits
        raise InputError("file is not JSON that can be read", where=path, received=error) from error

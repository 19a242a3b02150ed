"""Say which extra is missing before anything starts."""

import importlib.util

from ..contract.errors import MissingExtraError


def require_extra(package: str, *, needed_for: str) -> None:
    """Raise MissingExtraError unless `package`, which the extra [tensorflow] brings, is installed."""
    if importlib.util.find_spec(package) is None:
        raise MissingExtraError(package, needed_for=needed_for)

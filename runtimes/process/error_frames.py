"""Errors of ours on their way from a worker process to the one that asked."""

from typing import Any

from ...contract.errors import (
    InputError,
    JudgedAndFailed,
    MissingExtraError,
    ModelportError,
    RuntimeFailure,
    UsageError,
)

_KINDS = {kind.__name__: kind for kind in (InputError, JudgedAndFailed, MissingExtraError, RuntimeFailure, UsageError)}
_FIELDS = ("where", "expected", "received", "fix")


def error_to_json(error: ModelportError) -> dict[str, Any]:
    """Return a dictionary of texts; of an error of a class that has no name here, an InputError."""
    kind = type(error).__name__
    texts = {name: None if (value := getattr(error, name)) is None else str(value) for name in _FIELDS}
    return {"kind": kind if kind in _KINDS else "InputError", "what": error.what, **texts}


def error_from_json(value: dict[str, Any]) -> ModelportError:
    """Return the error that `error_to_json` wrote down: the same class, exit code and text.

    Of what it did not write, which native code in a worker can send, return a RuntimeFailure that shows it.
    """
    texts = {name: value.get(name) for name in _FIELDS}
    if not isinstance(value.get("what"), str) or value.get("kind") not in [*_KINDS]:
        return RuntimeFailure("a worker sent an error that cannot be read", received=str(value)[:300])
    kind = _KINDS[value["kind"]]
    error = kind.__new__(kind)
    ModelportError.__init__(error, value["what"], **texts)
    return error

"""Run ids and tool versions."""

import secrets
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

_TOOLS = ("modelport", "tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "ai-edge-litert", "numpy", "pillow")


def new_run_id() -> str:
    """Return a name for a run: UTC time and four random bytes, such as "20261121T012633Z-9f86d081"."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def utc_now() -> str:
    """Return the time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def tool_versions(*names: str) -> dict[str, str]:
    """Return the versions of the named packages (default: all that decide about a model), without importing them."""
    found = {}
    for name in names or _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

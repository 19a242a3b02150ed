r"""What stdout cannot hold is written as JSON writes it, \ud83d\udc26 say: an emoji in a label stops nothing."""

import codecs
import sys

_NAME = "modelport.json_escape"


def escape_what_stdout_cannot_hold() -> None:
    """Let sys.stdout and sys.stderr escape letters beyond their encoding, such as cp1252 of a pipe on Windows."""
    codecs.register_error(_NAME, _escape)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # tests and notebooks put other objects there
            stream.reconfigure(errors=_NAME)


def _escape(error: UnicodeError) -> tuple[str, int]:
    r"""Return the escapes of what an encoder stopped at: one \uXXXX for each UTF-16 unit, which JSON reads back."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True)), error.end

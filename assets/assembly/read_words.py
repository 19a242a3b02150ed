"""The words that can be assembled, from a file."""

from pathlib import Path

from ...contract.errors import InputError
from ...contract.options.option import Option
from .text_assembler import AssemblyOptions

#: Of a page and of an app.
ALLOWED_SEQUENCES = Option(
    "the words that can be assembled, one a line",
    name="allowed_sequences",
    kind="path",
    metavar="FILE",
    unset="all",
    example="words.txt",
)


def assembly_options(file: Path | None) -> AssemblyOptions:
    """Return the options with the words of `file`, one a line; with all words where there is none.

    Raises:
        InputError: the file is missing, not UTF-8, empty, or holds a line of several words.
    """
    if file is None:
        return AssemblyOptions()
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("allowed sequences cannot be read", where=file, expected="UTF-8", received=error) from error
    words = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not words:
        raise InputError("allowed sequences are empty", where=file, expected="one word a line")
    try:
        return AssemblyOptions(allowed_sequences=words)
    except ValueError as error:
        raise InputError(
            "allowed sequences are not words", where=file, expected="one word a line, without spaces", received=error
        ) from error

"""Positional SOURCE and DESTINATION, or the options that older scripts have in their place."""

from typing import Any

from ...contract.errors import UsageError

_SOURCE, _DESTINATION = ("dataset_dir", "input_dir"), ("output_dir",)


def source_and_destination(given: dict[str, Any], source_name: str, default: str | None = None) -> tuple[str, str]:
    """Take "words", "dataset_dir", "input_dir" and "output_dir" out of `given`, and return source and destination.

    Args:
        given: what click parsed; "words" are the positional arguments.
        source_name: what the help calls the source.
        default: of the destination; None: there is none.

    Raises:
        UsageError: one is missing, or given twice.
    """
    words = list(given.pop("words"))
    named = [[given.pop(name, None) for name in names] for names in (_SOURCE, _DESTINATION)]
    twice = [name for values in named for name in list(filter(None, values))[1:]]
    source, destination = (next(filter(None, values), None) for values in named)
    source = source or (words.pop(0) if words else None)
    destination = destination or (words.pop(0) if words else None)
    words += twice
    received = " ".join(filter(None, [source, destination, *words])) or "none"
    destination = destination or default
    if source is None or destination is None or words:
        raise UsageError(
            "two folders are needed" if default is None or words else "a data set is needed",
            expected=f"{source_name} and a destination" + (f" (default: {default})" if default else ""),
            received=received,
        )
    return source, destination

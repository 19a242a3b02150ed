"""Options that take names separated by commas."""

from collections.abc import Collection

from ..contract.errors import UsageError


def parse_names(text: str, known: Collection[str], option: str) -> tuple[str, ...]:
    """Return the names in `text`, or all that are known for "all", in the order of `known`.

    Raises:
        UsageError: an unknown name; the known ones are listed.
    """
    asked = set(known) if text == "all" else {word.strip() for word in text.split(",")}
    unknown = sorted(asked - set(known))
    if unknown:
        raise UsageError("unknown name", where=option, expected=", ".join(["all", *known]), received=", ".join(unknown))
    return tuple(name for name in known if name in asked)

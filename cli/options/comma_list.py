"""Options that take names separated by commas."""

from collections.abc import Collection

from ...contract.errors import UsageError


def parse_names(text: str, known: Collection[str], option: str) -> tuple[str, ...]:
    """Return the names in `text`, or all that are known for "all", in the order of `known`.

    Raises:
        UsageError: an unknown name; the known ones are listed.
    """
    asked = {word.strip() for word in text.split(",")}
    unknown = sorted(asked - {"all", *known})
    if unknown:
        received = ", ".join(name or "an empty name" for name in unknown)
        raise UsageError("unknown name", where=option, expected=", ".join(["all", *known]), received=received)
    return tuple(name for name in known if name in asked or "all" in asked)


def parse_only(texts: Collection[str]) -> tuple[str, ...]:
    """Split what --only was given at commas; one that names nothing, an empty variable of a script, is no wish for all.

    Raises:
        UsageError: a text without a name.
    """
    found = [[name.strip() for name in text.split(",") if name.strip()] for text in texts]
    if not all(found):
        raise UsageError("--only names nothing", expected="such as --only tflite,onnx", fix="drop --only to judge all")
    return tuple(dict.fromkeys(name for names in found for name in names))

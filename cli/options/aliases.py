"""--alias OLD=NEW, as `convert` and `deliver backend` take it."""

from ...contract.errors import UsageError


def read_aliases(texts: tuple[str, ...]) -> dict[str, str]:
    """Return old label to new label; raises UsageError on a text without both, and on two for one label."""
    for text in texts:
        if not all(text.partition("=")):
            raise UsageError("not an alias", where="--alias", expected="OLD=NEW, such as del=delete", received=text)
    aliases = dict(text.split("=", 1) for text in texts)
    if len(aliases) < len(set(texts)):
        raise UsageError("a label has two aliases", where="--alias", expected="one for each", received=", ".join(texts))
    return aliases

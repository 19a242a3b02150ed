"""Text from elsewhere as one line that shows all it holds: names of files, labels, messages of runtimes."""

#: They have no glyph of their own and are part of words in Persian and Hindi, and of emoji.
_JOINERS = "\u200c\u200d"


def shown(text: str) -> str:
    r"""Return text in which what has no glyph is an escape: line ends, orders to terminals, reversed writing.

    Example:
        >>> print(shown("a\nb \x1b[31m \u202egnp.exe"))
        a\nb \x1b[31m \u202egnp.exe

    """
    return "".join(
        letter if letter.isprintable() or letter in _JOINERS else ascii(letter)[1:-1] for letter in str(text)
    )

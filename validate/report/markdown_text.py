"""Text from elsewhere inside GitHub Markdown: names and messages stay text, whatever they hold.

References:
    GitHub Flavored Markdown 0.29, https://github.github.com/gfm/: code spans (6.3), tables (4.10).

"""

import re

from .shown_text import shown

#: What would become a tag, a link, a picture, a span of code or of mathematics, or the end of a table's cell.
_ACTIVE = re.compile(r"[\\`*<>|~$&]|!(?=\[)|(?<=\])[(\[]|(?<!\w)_|_(?!\w)")


def plain(text: str) -> str:
    r"""Return text that GitHub shows as it is: no tag, link or picture comes to life, and nobody is called.

    Example:
        >>> print(plain("a|b <img> ![x](y)"))
        a\|b \<img\> \![x]\(y)

    """
    text = _ACTIVE.sub(lambda found: f"\\{found[0]}", shown(text))
    # a word joiner is not seen, and neither a person nor an address is recognized with it
    return re.sub(r"@(?=\w)", "@\u2060", re.sub(r"(?=://)|(?<=www)(?=\.)", "\u2060", text))


def code(text: str, *, in_table: bool = False) -> str:
    """Return text as a span of code, fenced by one more backtick than it holds; a table would end a cell at "|".

    Example:
        >>> print(code("model.onnx"), code("a`b"))
        `model.onnx` ``a`b``

    """
    text = shown(text).replace("|", "\\|") if in_table else shown(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def table_row(cells: object) -> str:
    """Return a row of cells that are Markdown already."""
    assert isinstance(cells, tuple | list)
    return f"| {' | '.join(cells)} |"


def ruler(columns: int, numbers: range) -> str:
    """Return the line below a table's head; numbers stand right."""
    return table_row(["---:" if column in numbers else "---" for column in range(columns)])

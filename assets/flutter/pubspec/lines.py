"""Read the lines of a pubspec.yaml as far as adding to it needs, and refuse what could mean something else.

No YAML library writes a file back as it was, so lines are added to the text; but only where every line is of a kind
that is read here: block mappings and sequences, plain or quoted values on one line, block scalars, flow collections
that end on their line. Anchors, aliases, tags, tabs, several documents and open quotes are refused.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_KEY = r"""(?P<key>[A-Za-z0-9_][A-Za-z0-9_.\-]*|"[^"\\]*"|'[^']*')"""
_PAIR = re.compile(_KEY + r"[ ]*:(?:[ ]+(?P<value>.*))?$")
_BLOCK_SCALAR = re.compile(r"[|>](?:[1-9]?-?|-[1-9])(?:[ ]+#.*)?$")  # one with "+" keeps blank lines that follow
_UNREADABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff]")
_NAMES = {"\t": "a tab", "\r": "a line end of the old Mac kind"}
_QUOTED = re.compile(r"""(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^']|'')*)')(?:[ ]+#.*)?$""")
_FLOW_PIECES = re.compile(r"""[ ]+#.*|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
_COMMENT = re.compile(r"[ ]+#.*")


class NotUnderstoodError(Exception):
    """A line that is not of a kind that is read here; the text says why."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that says something: no blank, no comment, no part of a longer text.

    Attributes:
        number: from 1.
        indent: column of its key, or of its dash.
        dash: whether it begins an item of a sequence.
        key: its key without quotes; "" where it has none.
        value: behind the colon or the dash, without quotes and comment; None unless it is a text of one line, or "".
        end: number of the last line of its value, which a block scalar and a plain text may have further down.
    """

    number: int
    indent: int
    dash: bool
    key: str
    value: str | None
    end: int


def read_lines(texts: Sequence[str]) -> list[Line]:
    """Return the lines that say something.

    Args:
        texts: the lines of the file, without their ends.

    Raises:
        NotUnderstoodError: a line is of another kind, or a key of the file occurs twice.
    """
    found: list[Line] = []
    below = 0  # lines up to this number belong to the value of an earlier line
    for number, text in enumerate(texts, 1):
        if unreadable := _UNREADABLE.search(text):
            named = _NAMES.get(unreadable[0], f"the character {ord(unreadable[0]):#04x}")
            raise NotUnderstoodError(number, f"it holds {named}")
        if number <= below or not text.strip(" ") or text.lstrip(" ").startswith("#"):
            continue
        if text.rstrip(" ") == "---" and not found:
            continue
        line = _read_line(texts, number)
        below = line.end
        found.append(line)
    roots(found)
    return found


def roots(lines: Sequence[Line]) -> list[Line]:
    """Return the keys of the file.

    Raises:
        NotUnderstoodError: the file does not begin at its left edge, or is not a mapping, or a key occurs twice.
    """
    if lines and (lines[0].indent or lines[0].dash):
        raise NotUnderstoodError(lines[0].number, "the file does not begin with a key at the left edge")
    return _direct(lines)


def below(lines: Sequence[Line], parent: Line) -> list[Line]:
    """Return all lines below `parent`, whose items may stand in its own column."""
    rest = lines[lines.index(parent) + 1 :]
    for count, line in enumerate(rest):
        if line.indent < parent.indent or (line.indent == parent.indent and not (line.dash and not parent.dash)):
            return list(rest[:count])
    return list(rest)


def children(lines: Sequence[Line], parent: Line) -> list[Line]:
    """Return the keys or items directly below `parent`.

    Raises:
        NotUnderstoodError: they do not stand in one column, keys and items are mixed, or a key occurs twice.
    """
    return _direct(below(lines, parent))


def _direct(inside: Sequence[Line]) -> list[Line]:
    """Return the keys or items of one collection, whose lines, and those below them, are `inside`."""
    found: list[Line] = []
    for line in inside:
        first, last = (found[0], found[-1]) if found else (line, line)
        if line.indent < first.indent:
            raise NotUnderstoodError(line.number, "it stands further left than its neighbours")
        if line.indent > first.indent:
            continue
        if line.dash and not first.dash:  # the items of a key may stand in its own column
            if last.value != "":
                raise NotUnderstoodError(line.number, "an item stands where a key should")
            continue
        if first.dash and not line.dash:
            raise NotUnderstoodError(line.number, "a key stands where an item should")
        if not line.dash and line.key in {one.key for one in found}:
            raise NotUnderstoodError(line.number, f"the key {line.key!r} occurs twice")
        found.append(line)
    return found


def _read_line(texts: Sequence[str], number: int) -> Line:
    text = texts[number - 1].rstrip(" ")
    rest = text.lstrip(" ")
    indent = column = len(text) - len(rest)
    dash = rest == "-" or rest.startswith("- ")
    if dash:
        rest = rest[1:].lstrip(" ")
    pair = _PAIR.match(rest)
    if dash and pair:
        column = len(text) - len(rest)
    if pair is None and not dash:
        raise NotUnderstoodError(number, "it is neither a key with a colon nor an item with a dash")
    value, may_go_on = _read_value(number, (pair["value"] or "") if pair else rest)
    end = may_go_on(texts, number, column) if may_go_on else number
    key = pair["key"].strip("\"'") if pair else ""
    return Line(number=number, indent=indent, dash=dash, key=key, value=value if end == number else None, end=end)


def _read_value(number: int, given: str) -> tuple[str | None, Callable[[Sequence[str], int, int], int] | None]:
    """Return the value, and what finds its last line where it may go on below."""
    if not given or given.startswith("#"):
        return "", None
    if _BLOCK_SCALAR.match(given):
        return None, _end_of_block
    if quoted := _QUOTED.match(given):
        text = quoted["double"] or quoted["single"] or ""
        return (None if "\\" in text or "''" in text else text), None
    if given[0] in "[{":
        _check_flow(number, given)
        return None, None
    if given[0] in "\"'&*!|>%@`,]}" or given == "?" or given.startswith(("? ", "- ")):
        raise NotUnderstoodError(number, "its value is not a plain or quoted text on one line")
    plain = _COMMENT.sub("", given)
    if ": " in plain or plain.endswith(":"):
        raise NotUnderstoodError(number, "it has two colons")
    return plain, _end_of_plain


def _end_of_block(texts: Sequence[str], number: int, column: int) -> int:
    """Return the number of the last line, from `number` on, that stands further right than `column`."""
    last = number
    for later, text in enumerate(texts[number:], number + 1):
        if text.strip(" ") and _column(text) <= column:
            break
        last = later if text.strip(" ") else last
    return last


def _end_of_plain(texts: Sequence[str], number: int, column: int) -> int:
    """Return the same for a plain text, which a comment ends."""
    last = number
    for later, text in enumerate(texts[number:], number + 1):
        if text.lstrip(" ").startswith("#") or (text.strip(" ") and _column(text) <= column):
            break
        last = later if text.strip(" ") else last
    return last


def _column(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _check_flow(number: int, given: str) -> None:
    """Raise NotUnderstoodError unless a flow collection of plain and quoted texts ends on its line."""
    bare = _FLOW_PIECES.sub("", given).rstrip(" ")
    depth = 0
    for place, letter in enumerate(bare):
        depth += (letter in "[{") - (letter in "]}")
        if letter in "\"'&*!" or depth < 0 or (depth == 0 and place < len(bare) - 1):
            raise NotUnderstoodError(number, "its braces or brackets hold more than plain and quoted texts")
    if depth:
        raise NotUnderstoodError(number, "its braces or brackets do not end on the line")

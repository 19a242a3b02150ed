"""HTML and SVG, element by element. What is not Markup is escaped, so that no text becomes a tag."""

import html

from ..report.shown_text import shown

_VOID = frozenset({"meta", "img", "link", "br"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | None


def element(tag: str, *children: Child, **attributes: str | None) -> Markup:
    r"""Return one element. A trailing underscore of an attribute's name goes, others become hyphens; None is left out.

    Example:
        >>> print(element("p", "1 < 2", class_="a\"b", aria_label="x"))
        <p class="a&quot;b" aria-label="x">1 &lt; 2</p>

    """
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{named}>")
    return Markup(f"<{tag}{named}>{join(*children)}</{tag}>")


def join(*children: Child) -> Markup:
    """Return children one after the other, escaped where they are no Markup."""
    return Markup("".join(one if isinstance(one, Markup) else escaped(one) for one in children if one is not None))


def escaped(text: str) -> str:
    """Return text for an element or an attribute, in one line; what has no glyph becomes an escape."""
    return html.escape(shown(text), quote=True)


def table(
    caption: str,
    columns: tuple[str, ...],
    rows: list[tuple[Child, ...]],
    numbers: tuple[int, ...] = (),
    *,
    kind: str = "cards",
) -> Markup:
    """Return a table; of kind "cards" it is a list on a narrow screen. Its first column names the row.

    The roles are said, because browsers forget them where a table is laid out as blocks.
    """
    head = [
        element("th", name, scope="col", role="columnheader", class_="number" if at in numbers else None)
        for at, name in enumerate(columns)
    ]
    body = [element("tr", *_cells(columns, row, numbers), role="row") for row in rows]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *head, role="row"), role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        role="table",
        class_=kind,
    )


def _cells(columns: tuple[str, ...], row: tuple[Child, ...], numbers: tuple[int, ...]) -> list[Markup]:
    first, *others = row
    cells = [element("th", first, scope="row", role="rowheader")]
    for at, (name, value) in enumerate(zip(columns[1:], others, strict=True), 1):
        kind = "number" if at in numbers else None
        inner = element("span", value, class_="value")
        cells.append(element("td", inner, role="cell", class_=kind, data_label=name))
    return cells

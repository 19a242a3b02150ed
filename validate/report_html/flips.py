"""Of the page: what changed in the confusion matrix, and the images that flipped, with both answers."""

import base64
from collections.abc import Iterable, Mapping

from ...contract.image.image_formats import JPEG, image_format_of
from ..report.report import Report
from ..report.rows import shown_heads
from ..report.thumbnails import SHOWN_FLIPS
from ..scores.head_scores import ClassificationScores, ConfusionChange, Flip, Parity
from .elements import Markup, element, table

#: Labels on each side of a plot of confusion changes; cells of 30 CSS pixels are read on a telephone.
_MOST_LABELS = 12
#: Rows of the table below it.
_MOST_CHANGES = 8
#: Images that are shown; the rest is in report.json.
_MOST_IMAGES = 48

_CELL = 30


def confusion_sections(report: Report) -> list[Markup]:
    """Return a plot and a table for each artifact and head whose confusion matrix is not the reference's."""
    return [
        element(
            "article",
            element("h3", element("bdi", title)),
            confusion_plot(parity.confusion_changes, title),
            _changes_table(parity.confusion_changes, title),
            class_="confusion",
        )
        for title, parity in _parities(report)
        if parity.confusion_changes
    ]


def confusion_plot(changes: tuple[ConfusionChange, ...], title: str) -> Markup:
    """Return the cells that changed as a matrix, truth by answer: images of the artifact minus the reference's."""
    rows, columns = _labels(changes, "truth"), _labels(changes, "answer")
    names = max(map(len, map(_short, (*rows, *columns))))
    left = 12 + 7 * names
    is_turned = max(map(len, map(_short, columns))) > 3
    top = left if is_turned else 24
    width, height = left + _CELL * len(columns) + 4, top + _CELL * len(rows) + 4
    parts = [
        element("text", _short(label), x=str(left - 6), y=str(top + _CELL * at + 19), text_anchor="end")
        for at, label in enumerate(rows)
    ]
    for at, label in enumerate(columns):
        x, y = left + _CELL * at + (19 if is_turned else (_CELL - 2) // 2), top - 6
        turn = {"transform": f"rotate(-90 {x} {y})"} if is_turned else {"text_anchor": "middle"}
        parts.append(element("text", _short(label), x=str(x), y=str(y), **turn))
    by_cell = {(one.truth, one.answer): one.artifact - one.reference for one in changes}
    for y, truth in enumerate(rows):
        for x, answer in enumerate(columns):
            parts += _cell(left + _CELL * x, top + _CELL * y, truth == answer, by_cell.get((truth, answer), 0))
    shown = sum(one.truth in rows and one.answer in columns for one in changes)
    left_out = f"; {len(changes) - shown} of {len(changes)} changed cells are not shown" if shown < len(changes) else ""
    label = f"{title}: change of the confusion matrix, {len(rows)} true labels by {len(columns)} answers{left_out}"
    plot = element(
        "svg", *parts, viewBox=f"0 0 {width} {height}", width=str(width), class_="matrix", role="img", aria_label=label
    )
    legend = "Rows: truth. Columns: answers. Images more (+) or fewer (-) than the reference; framed: right answers"
    return element("figure", plot, element("figcaption", f"{legend}{left_out}."))


def flip_gallery(report: Report, *, thumbnails: bool) -> list[Markup]:
    """Return one figure for each image that flipped: its truth, the reference's answer, and those of the artifacts."""
    found = _by_image(report)
    heads = {head for head, _ in found}
    figures = [
        _figure(flips, head if len(heads) > 1 else None, report.thumbnails if thumbnails else None)
        for (head, _), flips in sorted(found.items(), key=lambda item: -len(item[1]))[:_MOST_IMAGES]
    ]
    total = sum(parity.changed for _, parity in _parities(report))
    pieces = [element("div", *figures, class_="gallery")] if figures else []
    if total:
        named = sum(map(len, list(found.values()))) if len(found) <= _MOST_IMAGES else None
        if named != total:
            pieces.append(element("p", f"{total} flips in all; report.json names more of them.", class_="note"))
    return pieces


Flips = list[tuple[str, Flip]]


def _by_image(report: Report) -> dict[tuple[str, str], Flips]:
    """Return (head, image) to the artifacts that answer it otherwise."""
    found: dict[tuple[str, str], Flips] = {}
    for outcome in report.outcomes:
        for scores in shown_heads(outcome):
            if isinstance(scores, ClassificationScores) and scores.parity:
                for flip in scores.parity.flips[:SHOWN_FLIPS]:
                    found.setdefault((scores.head, flip.image), []).append((outcome.artifact.path, flip))
    return found


def _figure(flips: Flips, head: str | None, thumbnails: Mapping[str, bytes] | None) -> Markup:
    first = flips[0][1]
    truth = "truth not known" if first.truth is None else first.truth
    answers = [
        element(
            "li",
            element("bdi", path, class_="name"),
            " says ",
            element("strong", element("bdi", "NaN" if flip.artifact is None else flip.artifact)),
            f" ({flip.artifact_probability:.2f}) " if flip.artifact is not None else " ",
            element("span", _kind(flip), class_=f"kind {_kind(flip).split()[0]}"),
        )
        for path, flip in flips
    ]
    said = "" if head is None else f"{head}: "
    return element(
        "figure",
        _picture(first.image, thumbnails),
        element(
            "figcaption",
            element("p", f"{said}truth ", element("strong", element("bdi", truth))),
            element(
                "p",
                "reference says ",
                element("strong", element("bdi", first.reference)),
                f" ({first.reference_probability:.2f})",
            ),
            element("ul", *answers),
            element("p", element("bdi", first.image), class_="file"),
        ),
        class_="flip",
    )


def _picture(name: str, thumbnails: Mapping[str, bytes] | None) -> Markup | None:
    if thumbnails is None:
        return None
    if name not in thumbnails:
        return element("div", "no picture", class_="no-picture")
    data = thumbnails[name]
    media_type = (image_format_of(data) or JPEG).media_type
    source = f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
    return element("img", src=source, alt=f"image {name}")


def _kind(flip: Flip) -> str:
    if flip.truth is None:
        return "changed"
    if flip.reference == flip.truth:
        return "lost"
    return "won" if flip.artifact == flip.truth else "wrong before and after"


def _parities(report: Report) -> Iterable[tuple[str, Parity]]:
    """Yield each artifact, with its head where it has several, and how near it is to the reference."""
    for outcome in report.outcomes:
        heads = shown_heads(outcome)
        for scores in heads:
            if isinstance(scores, ClassificationScores) and scores.parity:
                name = outcome.artifact.path
                yield (f"{name}, head {scores.head}" if len(heads) > 1 else name), scores.parity


def _labels(changes: tuple[ConfusionChange, ...], side: str) -> list[str]:
    """Return the labels of one side that changed most, in the order in which they first occur among them."""
    weight: dict[str, int] = {}
    for one in changes:
        label = getattr(one, side)
        weight[label] = weight.get(label, 0) + abs(one.artifact - one.reference)
    return sorted(sorted(weight, key=lambda label: -weight[label])[:_MOST_LABELS])


def _cell(x: int, y: int, is_right: bool, value: int) -> list[Markup]:
    good = (value > 0) == is_right
    kind = "cell none" if not value else "cell better" if good else "cell worse"
    side = str(_CELL - 2)
    frame = " right" if is_right else ""
    parts = [element("rect", x=str(x), y=str(y), width=side, height=side, rx="3", class_=kind + frame)]
    if value:
        middle = str(x + (_CELL - 2) // 2)
        parts.append(element("text", f"{value:+d}", x=middle, y=str(y + 18), text_anchor="middle", class_="count"))
    return parts


def _changes_table(changes: tuple[ConfusionChange, ...], title: str) -> Markup:
    rows: list[tuple[str | None, ...]] = [
        (one.truth, one.answer, str(one.reference), str(one.artifact), f"{one.artifact - one.reference:+d}")
        for one in changes[:_MOST_CHANGES]
    ]
    more = f", the largest {_MOST_CHANGES} of {len(changes)}" if len(changes) > _MOST_CHANGES else ""
    columns = ("truth", "answered as", "reference", "artifact", "change")
    return element("div", table(f"Changes of {title}{more}", columns, rows, (2, 3, 4), kind="small"), class_="changes")


def _short(label: str) -> str:
    return label if len(label) <= 14 else f"{label[:13]}…"

"""report.html, as Python's HTML parser reads it: self-contained, escaped, complete, and readable without colours."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.verdict import Verdict
from modelport.validate.report.report import NO_FLOOR, Report
from modelport.validate.report_html.elements import Markup
from modelport.validate.report_html.page import to_html
from modelport.validate.report_html.plots import accuracy_plots, drop_plots, error_plots
from modelport.validate.report_html.svg import bar, interval, scale_of

VOID = {"meta", "img", "link", "br"}


class Page(HTMLParser):
    """A tree flattened: tags with attributes, their text, and whether all that was opened was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.style = "", ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert len(attributes) == len(dict(attributes)), f"an attribute twice: {attributes}"
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data + "\n"

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def page(report: Report, **how: Any) -> Page:
    found = Page(to_html(report, **how))
    assert [] == found.open
    return found


def test_nothing_is_fetched_and_nothing_runs(hostile_report: Report) -> None:
    found = page(hostile_report)
    assert not {"script", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in found.tags}
    for _, attributes in found.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "data", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("data:image/", "data:,", "#"))
    assert not re.search(r"url\(|@import", found.style)
    (policy,) = (one["content"] for one in found.all("meta") if one.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'; ")


def test_hostile_names_are_text(hostile_report: Report) -> None:
    found = page(hostile_report)
    for name in (
        '<script>alert("red")</script>',
        "<img src=x onerror=alert(1)>|`b`",
        "he\"ad'&amp;<b>",
        "@octocat ![x](http://evil.example/x.png) [y](javascript:alert(1)) <!--",
        "::error::x %0A]]>&\\u202eon\\x1b[31m\\x00\\ud800`|`.onnx",
    ):
        assert name in found.text
    to_html(hostile_report).encode("utf-8")


def test_every_artifact_finding_and_budget_is_there(eventful_report: Report) -> None:
    found = page(eventful_report)
    for outcome in eventful_report.outcomes:
        assert outcome.artifact.path in found.text
        for finding in outcome.findings:
            assert finding.verdict is Verdict.PASS or finding.sentence in found.text
        for key in outcome.budgets:
            assert f"{key} " in found.text
    assert f"\n{eventful_report.run_id}\n" in found.text
    assert eventful_report.model_sha256 in found.text
    assert NO_FLOOR not in found.text


def test_headings_tables_and_plots_are_for_those_who_do_not_see_them(eventful_report: Report) -> None:
    found = page(eventful_report)
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch("h[1-6]", tag)]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert all(one.get("scope") in ("col", "row") for one in found.all("th"))
    assert len(found.all("table")) == len(found.all("caption"))
    assert all(one.get("alt") for one in found.all("img"))
    assert all(one.get("aria-hidden") or one.get("aria-label") for one in found.all("svg"))
    assert [{"lang": "en"}] == found.all("html")
    targets = {str(attributes["id"]) for _, attributes in found.tags if "id" in attributes}
    assert targets == {str(one["href"])[1:] for one in found.all("a")}


@pytest.mark.parametrize(
    ("plots", "key", "head"),
    [(accuracy_plots, "min_top1", "label"), (drop_plots, "max_drop_points", "label"), (error_plots, "max_mae", "age")],
)
def test_a_plot_draws_the_budget_of_its_own_head(
    eventful_report: Report, plots: Callable[[Report], Iterator[Markup]], key: str, head: str
) -> None:
    def drawn(**budgets: float) -> list[Markup]:
        held = {key: Budget(key=key, value=value, source="file") for key, value in budgets.items()}
        return [
            *plots(replace(eventful_report, outcomes=tuple(replace(o, budgets=held) for o in eventful_report.outcomes)))
        ]

    own = f"heads.{head}.{key}"
    assert drawn(**{key: 0.6}) == drawn(**{own: 0.6}) == drawn(**{key: 0.9, own: 0.6})
    assert drawn(**{key: 0.6}) != drawn(**{key: 0.9})


def test_a_verdict_is_a_word_and_a_sign_beside_its_colour(eventful_report: Report) -> None:
    text = page(eventful_report).text
    for sign, word in (("✕ ", "fail"), ("✓ ", "pass"), ("– ", "not judged")):
        assert f"{sign}\n{word}\n" in text


def test_flips_show_both_answers_and_the_image_that_was_judged(eventful_report: Report) -> None:
    found = page(eventful_report)
    pictures = {one["alt"] for one in found.all("img")}
    assert {f"image {name}" for name in eventful_report.thumbnails} >= pictures
    assert "image test/blue/005.png" in pictures
    assert "reference says \nblue\n" in found.text
    assert "\n says \nred\n" in found.text


def test_without_thumbnails_no_picture_is_there_and_the_answers_are(eventful_report: Report) -> None:
    found = page(eventful_report, thumbnails=False)
    assert [] == found.all("img")
    assert "data:image" not in to_html(eventful_report, thumbnails=False)
    assert "reference says \nblue\n" in found.text


def test_a_report_without_artifacts_scores_or_reference_is_a_page(eventful_report: Report) -> None:
    bare = tuple(replace(one, doors={}, size_bytes=0, budgets={}) for one in eventful_report.outcomes)
    for outcomes in ((), bare):
        found = page(replace(eventful_report, outcomes=outcomes, reference=None, thumbnails={}))
        assert 1 == len(found.all("h1"))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_plot_stays_within_its_frame_whatever_the_number(bad: float) -> None:
    scale = scale_of([1.0, 2.0], least=1.0, low=0.0)
    for plot in (bar(scale, bad, "x", limit=1.5), interval(scale, 1.0, (bad, bad), "x", line=bad)):
        places = [float(found) for found in re.findall(r'"(-?[\d.]+|nan|inf)%"', plot)]
        assert all(0 <= place <= 100 for place in places)


@pytest.mark.parametrize(
    ("values", "how", "expected"),
    [
        pytest.param([3.2, 11.9], {"least": 1.0, "low": 0.0}, (0, 15, (0, 5, 10, 15)), id="sizes"),
        pytest.param([92.0, 98.0], {"least": 10.0, "high": 100.0}, (90, 100, (90, 95, 100)), id="percent"),
        pytest.param([-1.4, 1.4], {"least": 1.0}, (-2, 2, (-2, -1, 0, 1, 2)), id="around-zero"),
        pytest.param([0.0], {"least": 1.0}, (-0.5, 0.5, (-0.5, 0, 0.5)), id="one-value"),
    ],
)
def test_axes_end_at_round_numbers(values: list[float], how: dict[str, float], expected: tuple[Any, ...]) -> None:
    scale = scale_of(values, **how)
    low, high, ticks = expected
    assert (low, high) == pytest.approx((scale.low, scale.high))
    assert ticks == pytest.approx(scale.ticks)

"""report.md with hostile names, as another implementation of Markdown renders it, and within GitHub's limit."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.report.markdown import LONGEST, to_markdown
from modelport.validate.report.markdown_text import code, plain
from modelport.validate.report.report import Report

markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py, which reads Markdown, comes with rich")

OURS = {
    "details",
    "summary",
    "sub",
    "h3",
    "p",
    "ul",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "strong",
}


class Tags(HTMLParser):
    """Collects tags, and the text outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.code: list[str] = []
        self.text = ""
        self._in_code = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.add(tag)
        self._in_code = self._in_code or tag == "code"
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_code = self._in_code and tag != "code"

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.code[-1] += data
        else:
            self.text += data


def rendered(text: str) -> Tags:
    return Tags(markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def test_hostile_names_make_no_tag_no_link_and_call_nobody(hostile_report: Report) -> None:
    found = rendered(to_markdown(hostile_report))
    assert found.tags <= OURS
    assert not re.search(r"@\w", found.text)
    assert "http://" not in found.text


def test_hostile_names_stay_readable(hostile_report: Report) -> None:
    found = rendered(to_markdown(hostile_report))
    assert "@octocat ![x](http://evil.example/x.png) [y](javascript:alert(1)) <!--" in found.code
    assert "head he\"ad'&amp;<b>" in found.text


def test_every_row_has_as_many_cells_as_the_head(hostile_report: Report) -> None:
    html = markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").render(to_markdown(hostile_report))
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    assert len(hostile_report.outcomes) + 1 == len(rows)
    assert {8} == {len(re.findall(r"<t[hd]", row)) for row in rows}


@pytest.mark.parametrize("text", ["a`b", "``", "`a", " ", "", "a\nb", "x`y``z", "trailing`"])
def test_a_span_of_code_holds_the_text_itself(text: str) -> None:
    shown = text.replace("\n", "\\n")
    assert [shown.strip() or shown] == [
        found.strip() or found for found in rendered(f"x {code(text)} y").code
    ] or not text.strip()


@pytest.mark.parametrize(
    "text",
    ["*a* _b_ ~c~", "# a", "- a", "1. a", "a & b &lt;", "\\*", "[a][b] [c](d)", "<a>b</a>", "a  \nb", "$x$ $$y$$"],
)
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    found = rendered(f"x {plain(text)}")
    assert f"x {text}".replace("\n", "\\n") == found.text.strip()
    assert {"p"} == found.tags


def test_a_comment_fits_github_and_ends_in_the_counts(eventful_report: Report) -> None:
    """300 artifacts with 20 findings each would be 300,000 characters."""
    sentences = tuple(Finding(key="x", verdict=Verdict.FAIL, sentence="a sentence " * 5) for _ in range(20))
    outcome = replace(eventful_report.outcomes[0], findings=sentences)
    text = to_markdown(replace(eventful_report, outcomes=(outcome,) * 300))
    assert len(text) <= LONGEST
    assert text.splitlines()[-1] == "0 pass, 300 fail, 0 undecided, 0 not judged on 60 images"
    assert "more lines: see report.json" in text
    assert text.count("<details>") == text.count("</details>")


def test_the_first_line_says_what_came_out(eventful_report: Report) -> None:
    assert to_markdown(eventful_report).startswith(
        "### ❌ modelport: 1 pass, 6 fail, 0 undecided, 1 not judged on 60 images\n"
    )

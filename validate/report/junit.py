"""junit.xml: one test suite for each artifact, one test case for each of its budgets and of what else was looked at.

References:
    https://github.com/testmoapp/junitxml: no standard, but what Jenkins, GitLab and others agree on (2026-11-21).
    Characters of XML 1.0: https://www.w3.org/TR/xml/#charsets.

"""

import re
from xml.etree import ElementTree

from ..findings.outcome import Outcome
from ..findings.verdict import Finding, Verdict
from .report import NO_FLOOR, Report

Element = ElementTree.Element

#: What XML 1.0 cannot hold, not even as a reference.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def to_junit(report: Report) -> str:
    """Return the report as JUnit XML.

    A case that fails is a failure, one that could not be judged is an error. One that is undecided is skipped, and with
    `--strict` a failure. A budget that was held against nothing, because its artifact gave no answers, is an error: no
    reader may take it for kept.
    """
    root = Element("testsuites", {"name": "modelport"})
    for outcome in report.outcomes:
        suite = ElementTree.SubElement(root, "testsuite")
        _attributes(suite, name=outcome.artifact.path, timestamp=report.created)
        for finding in (*outcome.findings, *_unheld(outcome)):
            suite.append(_case(outcome.artifact.path, finding, strict=report.strict))
    root.append(_judgement(report))
    for element in (*root, root):
        _count(element)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _judgement(report: Report) -> Element:
    """Return what is judged of the whole: with `--strict`, a floor for the model, and that no image was lost."""
    suite = Element("testsuite")
    _attributes(suite, name="modelport: the whole judgement", timestamp=report.created)
    lost = f"{report.lost_images} images of the reference are not in the test split"
    for key, holds, sentence in (
        ("floor", report.has_floor, NO_FLOOR),
        ("lost images", not report.lost_images, lost),
    ):
        verdict = Verdict.PASS if holds else Verdict.UNDECIDED
        finding = Finding(key=key, verdict=verdict, sentence="" if holds else sentence)
        suite.append(_case("modelport", finding, strict=report.strict))
    notes = ElementTree.SubElement(suite, "system-out")
    notes.text = _text("\n".join(report.sentences))
    return suite


def _unheld(outcome: Outcome) -> list[Finding]:
    """Return a case for each budget without a finding."""
    held = {finding.key for finding in outcome.findings}
    why = next((one.sentence for one in outcome.findings if one.verdict is not Verdict.PASS), "it gave no answers")
    return [
        Finding(key=key, verdict=Verdict.NOT_JUDGED, sentence=f"{key} not judged: {why}")
        for key in outcome.budgets
        if key not in held
    ]


def _case(path: str, finding: Finding, *, strict: bool) -> Element:
    place = ", ".join(part for part in (finding.door, finding.head) if part)
    case = Element("testcase")
    _attributes(case, name=f"{finding.key} ({place})" if place else finding.key, classname=path)
    tags = {
        Verdict.FAIL: "failure",
        Verdict.NOT_JUDGED: "error",
        Verdict.UNDECIDED: "failure" if strict else "skipped",
    }
    if finding.verdict in tags:
        child = ElementTree.SubElement(case, tags[finding.verdict])
        _attributes(child, message=finding.sentence)
        if tags[finding.verdict] != "skipped":
            _attributes(child, type=str(finding.verdict))
        child.text = _text(finding.sentence)
    elif finding.sentence:
        ElementTree.SubElement(case, "system-out").text = _text(finding.sentence)
    return case


def _count(suite: Element) -> None:
    counts = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in counts.items():
        suite.set(name, str(sum(1 for _ in suite.iter(tag))))
    suite.set("time", "0")


def _attributes(element: Element, **values: str) -> None:
    for name, value in values.items():
        element.set(name, _text(value))


def _text(text: str) -> str:
    """Write what XML cannot hold as an escape."""
    return _NOT_XML.sub(lambda found: ascii(found[0])[1:-1], text)

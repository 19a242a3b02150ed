"""report.html: the whole judgement as one page that needs nothing else, no script and no network."""

from ..findings.outcome import Outcome
from ..findings.verdict import Finding, Verdict
from ..report.report import NO_FLOOR, Report
from ..report.rows import finding_place
from .elements import Child, Markup, element, join
from .facts import artifact_table, baseline_section, budget_section, heads_table, provenance, settings_note
from .flips import confusion_sections, flip_gallery
from .plots import accuracy_plots, drop_plots, error_plots, size_plot
from .style import STYLE

#: Nothing is fetched and nothing runs, whatever a label or a file's name holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

SIGNS = {Verdict.PASS: "✓", Verdict.FAIL: "✕", Verdict.UNDECIDED: "?", Verdict.NOT_JUDGED: "–"}

#: Sentences of one artifact that the page shows; a broken one can have hundreds.
_MOST_SENTENCES = 20


def to_html(report: Report, *, thumbnails: bool = True) -> str:
    """Return the page.

    Args:
        report: the judgement.
        thumbnails: whether it shows small pictures of the images that flipped.

    """
    sections = [
        (name, title, pieces) for name, title, pieces in _sections(report, thumbnails=thumbnails) if any(pieces)
    ]
    links = [element("li", element("a", title, href=f"#{name}")) for name, title, _ in sections]
    body = element(
        "body",
        element("header", *_header(report), element("nav", element("ul", *links), aria_label="Sections")),
        element(
            "main",
            *(
                element("section", element("h2", title), *pieces, id=name, class_="section")
                for name, title, pieces in sections
            ),
        ),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="robots", content="noindex"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"modelport: {report.last_line}"),
        element("link", rel="icon", href="data:,"),
        element("style", Markup(STYLE)),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _sections(report: Report, *, thumbnails: bool) -> list[tuple[str, str, list[Child]]]:
    drops = list(drop_plots(report))
    return [
        ("artifacts", "Artifacts", [artifact_table(report, badge), heads_table(report)]),
        ("findings", "What was found", [*_findings(report)]),
        ("baseline", "Since the baseline", [*baseline_section(report, badge)]),
        ("size", "Size against budget", [size_plot(report)]),
        ("accuracy", "Accuracy", [*accuracy_plots(report), *error_plots(report)]),
        ("drop", "Drop against the reference", [*drops]),
        ("confusion", "Confusion, against the reference", _confusions(report)),
        ("flips", "Images that flipped", [*flip_gallery(report, thumbnails=thumbnails)]),
        ("budgets", "Budgets", [*budget_section(report, badge)]),
        ("provenance", "Where this comes from", [provenance(report), settings_note(report)]),
    ]


def badge(verdict: Verdict) -> Markup:
    """Return a verdict as a sign and a word, so that nobody needs its colour."""
    sign = element("span", f"{SIGNS[verdict]} ", aria_hidden="true")
    return element("span", sign, str(verdict), class_=f"verdict {str(verdict).replace(' ', '-')}")


def _header(report: Report) -> list[Markup]:
    counts = [
        element("li", element("span", _badge_text(count, verdict), class_=f"verdict {str(verdict).replace(' ', '-')}"))
        for verdict, count in report.counts.items()
        if count
    ]
    return [
        element("p", "modelport · verdict", class_="eyebrow"),
        element("h1", _title(report)),
        element("p", _lead(report), class_="lead"),
        element("ul", *counts, class_="counts"),
    ]


def _badge_text(count: int, verdict: Verdict) -> Markup:
    return join(element("span", f"{SIGNS[verdict]} ", aria_hidden="true"), f"{count} {verdict}")


def _title(report: Report) -> str:
    """Say in one sentence what came out."""
    counts, total = report.counts, len(report.outcomes)
    noun = "artifact" if total == 1 else "artifacts"
    if counts[Verdict.PASS] == total:
        return "The artifact passes" if total == 1 else f"All {total} artifacts pass"
    words = {Verdict.FAIL: ("fails", "fail"), Verdict.NOT_JUDGED: ("was not judged", "were not judged")}
    words[Verdict.UNDECIDED] = ("is undecided", "are undecided")
    parts = [f"{counts[verdict]} {words[verdict][counts[verdict] > 1]}" for verdict in words if counts[verdict]]
    first, *rest = parts
    number, _, verb = first.partition(" ")
    return ", ".join([f"{number} of {total} {noun} {verb}", *rest])


def _lead(report: Report) -> str:
    text = f"Judged on {report.n:,} images: {report.images}."
    if report.reference:
        low, high = (100 * bound for bound in report.reference.top1_interval)
        top1 = 100 * report.reference.top1_fraction
        text += f" The reference, model.keras, is right on {top1:.1f} % of them [{low:.1f}, {high:.1f}]."
    problems = report.counts[Verdict.FAIL] + report.counts[Verdict.NOT_JUDGED]
    if report.exit_code and not problems:
        why = [f"{report.counts[Verdict.UNDECIDED]} undecided"] if report.counts[Verdict.UNDECIDED] else []
        why += ["no floor for its accuracy"] if not report.has_floor else []
        why += [f"{report.lost_images} lost images"] if report.lost_images else []
        text += f" With --strict the judgement fails: {', '.join(why)}."
    return text


def _findings(report: Report) -> list[Markup]:
    """Return what is no plain pass, artifact by artifact, then what is to be known of the whole judgement."""
    found = [_finding(outcome) for outcome in report.outcomes if outcome.verdict is not Verdict.PASS]
    passing = [outcome.artifact.path for outcome in report.outcomes if outcome.verdict is Verdict.PASS]
    if passing:
        text = f"Within every budget: {', '.join(passing)}."
        found.append(element("p", text))
    notes = [element("li", sentence) for sentence in report.sentences if sentence != NO_FLOOR]
    if not report.has_floor:
        notes.insert(0, element("li", element("strong", NO_FLOOR)))
    if notes:
        found += [element("h3", "About the whole judgement"), element("ul", *notes, class_="notes")]
    return found


def _finding(outcome: Outcome) -> Markup:
    said = [finding for finding in outcome.findings if finding.verdict is not Verdict.PASS]
    said.sort(key=lambda finding: (not _is_diagnosis(finding), finding.verdict is not Verdict.FAIL))
    lines = [_sentence(outcome, finding) for finding in said[:_MOST_SENTENCES]]
    if len(said) > _MOST_SENTENCES:
        lines.append(element("li", f"... and {len(said) - _MOST_SENTENCES} more in report.json."))
    kind = str(outcome.verdict).replace(" ", "-")
    title = element("h3", element("bdi", outcome.artifact.path), badge(outcome.verdict))
    return element("article", title, element("ul", *lines), class_=f"finding is-{kind}")


def _sentence(outcome: Outcome, finding: Finding) -> Markup:
    mixed = len({one.verdict for one in outcome.findings} - {Verdict.PASS}) > 1
    text = f"{finding_place(outcome, finding)}{finding.sentence}"
    return element(
        "li",
        f"{finding.verdict}: {text}" if mixed else text,
        class_="diagnosis" if _is_diagnosis(finding) else None,
    )


def _is_diagnosis(finding: Finding) -> bool:
    return finding.key.startswith("diagnosis")


def _confusions(report: Report) -> list[Child]:
    found = confusion_sections(report)
    return [element("div", *found, class_="confusions")] if found else []

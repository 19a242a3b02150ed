"""Write the report."""

from pathlib import Path

from ..contract.errors import UsageError
from ..contract.files.atomic_write import write_json, write_text
from .report.junit import to_junit
from .report.markdown import to_markdown
from .report.report import Report
from .report_html.page import to_html


def write_report(
    report: Report, folder: str | Path, *, junit: str | Path | None = None, thumbnails: bool = True
) -> Path:
    """Write report.json, report.md and report.html to `folder`; return the path of report.md.

    Args:
        report: the judgement.
        folder: of the three.
        junit: where JUnit XML goes as well.
        thumbnails: whether the page shows small pictures of the images that flipped.

    Raises:
        UsageError: a file cannot be written.

    """
    path = Path(folder, "report.json")
    texts = {
        Path(folder, "report.md"): to_markdown(report),
        Path(folder, "report.html"): to_html(report, thumbnails=thumbnails),
    }
    if junit is not None:
        texts[Path(junit)] = to_junit(report)
    try:
        write_json(path, report.to_json())
        for path, text in texts.items():
            # half a character, from a file's name that is no UTF-8, becomes its escape
            write_text(path, text.encode("utf-8", "backslashreplace").decode("utf-8"))
    except OSError as error:
        fix = "name a file that can be written: --report DIR, --junit FILE"
        raise UsageError("report cannot be written", where=path, received=error.strerror, fix=fix) from error
    return Path(folder, "report.md")

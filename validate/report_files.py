"""Write the report."""

from pathlib import Path

from ..contract.atomic_write import write_json, write_text
from ..contract.errors import UsageError
from .report import Report
from .report_markdown import to_markdown


def write_report(report: Report, folder: str | Path) -> Path:
    """Write report.json and report.md to `folder`; return the path of report.md."""
    page = Path(folder, "report.md")
    try:
        write_json(Path(folder, "report.json"), report.to_json())
        write_text(page, to_markdown(report))
    except OSError as error:
        raise UsageError("report cannot be written", where=folder, received=error.strerror) from error
    return page

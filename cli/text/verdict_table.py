"""A report on the terminal: the table, a sentence for each problem, and the counts as the last line."""

import re
import sys

from ...validate.findings.verdict import Verdict
from ...validate.report.baseline_rows import baseline_lines
from ...validate.report.report import Report
from ...validate.report.rows import COLUMNS, NUMBERS, headline, problem_sentences, table_rows
from ...validate.report.shown_text import shown

_STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.UNDECIDED: "yellow", Verdict.NOT_JUDGED: "magenta"}

#: More than the table can need: whatever the terminal or pipe, a cut number is worse than a long line.
_WIDTH = 400

#: An artifact's name says its recipe.
_SHOWN = [column for column, name in enumerate(COLUMNS) if name != "recipe"]


#: What GitHub's runner takes for a command: at the start of a line, and of an older kind anywhere in it.
_COMMAND = re.compile(r"(?<=^):(?=:)|#(?=#\[)")


def print_report(report: Report, page: object) -> None:
    """Print what came out to stdout; `page` is the path of the written report.

    Names, labels and what a baseline holds come from elsewhere: each sentence stays one line, which orders nothing.
    """
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True, width=_WIDTH)
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1))
    for column in _SHOWN:
        table.add_column(COLUMNS[column], justify="right" if column in NUMBERS else "left")
    for row in table_rows(report):
        cells = [_inert(row.cells[column]) for column in _SHOWN]
        table.add_row(*map(Text, cells[:-1]), Text(cells[-1], style=_STYLES[row.verdict]))
    console.print(_inert(headline(report)), markup=False)
    console.print(table)
    for sentence in (*problem_sentences(report), *baseline_lines(report), *report.sentences):
        console.print(_inert(sentence), markup=False)
    console.print(_inert(f"{report.last_line}; report: {page}"), markup=False)


def _inert(text: str) -> str:
    """Return text as one line that is no order, neither to a terminal nor to a CI runner."""
    return _COMMAND.sub(lambda found: f"\\x{ord(found[0]):02x}", shown(text).strip())

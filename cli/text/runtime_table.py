"""Artifacts against runtimes as a table on the terminal, and a sentence for each runtime that does not serve one."""

import sys

from ...assets.judged.oldest_runtime import Trial
from ...assets.judged.try_runtimes import Tried

#: More than the table can need, as in verdict_table.py.
_WIDTH = 400
_STYLES = {True: "green", False: "bold red", None: "magenta"}


def print_tried(tried: tuple[Tried, ...]) -> None:
    """Print what came out to stdout."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True, width=_WIDTH)
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1))
    for column in ("artifact", *(tried[0].trials if tried else ()), "oldest that serves it"):
        table.add_column(column)
    for one in tried:
        cells = [Text(cell_of(trial), style=_STYLES[trial.serves]) for trial in one.trials.values()]
        table.add_row(one.artifact.path, *cells, one.artifact.oldest_runtime or "none")
    console.print(table)
    for sentence in _sentences(tried):
        console.print(sentence, markup=False)


def cell_of(trial: Trial) -> str:
    """Return top-1 where it answered, else "refused", or "-" where it was not run; and what its budgets say to it.

    Example:
        >>> cell_of(Trial(runtime="tflite-runtime 2.14.0", serves=False, top1_fraction=0.1))
        'top-1 10.0 %, outside its budgets'
    """
    if trial.top1_fraction is None:
        return {True: "within its budgets", False: "refused", None: "-"}[trial.serves]
    served = ", undecided" if trial.sentences else ""
    judged = {True: served, False: ", outside its budgets", None: ", not judged"}[trial.serves]
    return f"top-1 {100 * trial.top1_fraction:.1f} %{judged}"


def _sentences(tried: tuple[Tried, ...]) -> list[str]:
    """Return why a runtime does not serve an artifact that it has the means to open."""
    told = [
        f"{one.artifact.path}, {asked}: {sentence}"
        for one in tried
        for asked, trial in one.trials.items()
        for sentence in trial.sentences
        if trial.serves is False or (trial.serves is None and trial.top1_fraction is not None)
    ]
    if any(trial.serves and trial.sentences for one in tried for trial in one.trials.values()):
        told.append("undecided: the drop is within its budget, and the images are too few to settle it.")
    return told

"""The table that ends `modelport ship`: the steps, and the artifacts with their verdicts and where they went."""

import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

from ...assets.ship.plan.plan import ShipPlan
from ...assets.ship.ship import Shipped
from ...assets.ship.steps.artifacts import artifact_rows

_STYLES = {"done": "green", "kept": "cyan", "failed": "bold red", "refused": "bold red", "would do": "yellow"}

#: More than the table can need: a cut number is worse than a long line.
_WIDTH = 400


def ship_to_json(plan: ShipPlan, done: Shipped) -> dict[str, Any]:
    """Return what --json prints."""
    return {
        "file": str(plan.file),
        "run": str(plan.run),
        "exit_code": done.exit_code,
        "steps": [asdict(row) for row in done.rows],
        "errors": [str(error) for error in done.errors],
        "artifacts": [asdict(row) for row in artifact_rows(plan, done.record)],
    }


def print_ship(plan: ShipPlan, done: Shipped) -> None:
    """Print the table to stdout; the last line counts the steps."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True, width=_WIDTH)
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1))
    for name in ("step", "state", "seconds", "what came out"):
        table.add_column(name, justify="right" if name == "seconds" else "left")
    for row in done.rows:
        state = Text(row.state, style=_STYLES.get(row.state, ""))
        table.add_row(Text(row.step), state, f"{row.seconds:.1f}" if row.seconds else "-", Text(row.came))
    rows = artifact_rows(plan, done.record)
    if rows:
        table.add_section()
        table.add_row("artifact", "", "MB", "verdict; delivered to")
    for one in rows:
        went = ", ".join(one.delivered) or "nowhere"
        table.add_row(Text(one.path), "", f"{one.size_bytes / 1e6:.2f}", Text(f"{one.verdict}; {went}"))
    console.print(table)
    counts = Counter(row.state for row in done.rows)
    seconds = sum(row.seconds for row in done.rows)
    console.print(
        f"{', '.join(f'{count} {state}' for state, count in counts.items())}; {seconds:.1f} s; {plan.run}", markup=False
    )

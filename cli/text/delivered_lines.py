"""What a delivery of files prints: its notes, then what became of the files, or all of it as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ...assets.delivery.deliver_files import Delivered


def tell_delivery(made: Any, place: dict[str, str], lines: Sequence[str], *, as_json: bool) -> None:
    """Print notes to standard error, and the rest to standard output.

    Args:
        made: what was delivered, a dataclass with `notes`.
        place: where, for the JSON, such as {"site": "public"}.
        lines: for people.
        as_json: print `place` and `made` in place of the lines.
    """
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(json.dumps(place | asdict(made), indent=2, ensure_ascii=False) if as_json else "\n".join(lines))


def changes_line(files: "Delivered") -> str:
    """Return how many files were written and so on, such as "1 file written, 12 kept"."""
    removed = [f"{len(files.removed)} removed"] * bool(files.removed)
    return ", ".join([f"{files_of(len(files.written))} written", f"{len(files.kept)} kept", *removed])


def files_of(count: int) -> str:
    """Return a number of files in words, such as "1 file"."""
    return f"{count} file{'s' * (count != 1)}"

"""`modelport deliver web`."""

from pathlib import Path
from typing import Any

import click

from ...assets.assembly.read_words import ALLOWED_SEQUENCES, assembly_options
from ...assets.web.options import WebOptions
from ..narration import Terminal
from ..options.option_of import click_option, option_like
from ..text.delivered_lines import changes_line, tell_delivery

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("run", type=PATH)
@click.argument("site", type=PATH)
@click_option(WebOptions, "title")
@click_option(WebOptions, "artifact")
@click_option(WebOptions, "tfjs")
@option_like(ALLOWED_SEQUENCES)
@click_option(WebOptions, "overwrite")
@click.option("--json", "as_json", is_flag=True, help="Print what was delivered as JSON.")
def deliver_web(run: Path, site: Path, allowed_sequences: Path | None, as_json: bool, **given: Any) -> None:
    """Write SITE, a static page with the TensorFlow.js model of RUN: put it on any web server.

    One draws on it where contract.json has a drawing part (modelport train --drawing); else one shows photos, or the
    camera. It shows the three likeliest labels and assembles text. It sends nothing, works offline after the first
    visit, and on a phone. TensorFlow.js comes along, the very files that modelport knows by their hashes.

    \b
    Example:
      modelport convert run --to tfjs && modelport validate run
      modelport deliver web run site --title "Which digit?"
      python -m http.server 8000 --directory site
    """
    from ...assets.web.deliver_web import deliver_web as deliver

    options = WebOptions(assembly=assembly_options(allowed_sequences), **given)
    made = deliver(run, site, options, narrator=Terminal())
    lines = [
        f"{made.kind} page in {site}: {made.artifact}, {made.judged}",
        f"{made.size_bytes / 1e6:.2f} MB, {changes_line(made.files)}; version {made.version}",
        *(f"left there, because it was edited: {name}" for name in made.files.edited),
        f"Browsers open no model from file://. Look at it: python -m http.server 8000 --directory {site}",
    ]
    tell_delivery(made, {"site": str(site)}, lines, as_json=as_json)

"""`modelport deliver web`."""

from pathlib import Path
from typing import Any

import click

from ..narration import Terminal
from ..text.delivered_lines import changes_line, tell_delivery

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("run", type=PATH)
@click.argument("site", type=PATH)
@click.option("--title", help="Of the page; any text.")
@click.option(
    "--artifact",
    metavar="PATH",
    help="A TensorFlow.js model of the run, such as tfjs or tfjs.float16.  [default: the smallest that passed]",
)
@click.option(
    "--tfjs",
    type=PATH,
    metavar="FOLDER",
    help="Take TensorFlow.js from here: a node_modules folder, or one with the tarballs of npm pack.  "
    "[default: MODELPORT_NODE_MODULES, else npm]",
)
@click.option("--allowed-sequences", type=PATH, metavar="FILE", help="The words that can be assembled, one a line.")
@click.option("--overwrite", is_flag=True, help="Replace files in SITE that are not as they were delivered.")
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
    from ...assets.assembly.read_words import assembly_options
    from ...assets.web.deliver_web import WebOptions
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

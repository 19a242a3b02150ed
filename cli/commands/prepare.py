"""`modelport prepare IMAGES DATASET`."""

import json
from pathlib import Path
from typing import Any

import click

from ...training.prepare.options import DEFAULT_RATIOS, DEFAULT_SEED, PrepareOptions, parse_ratios
from ..narration import Terminal
from ..options.older_spellings import source_and_destination
from ..options.seed_range import SEED

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("words", nargs=-1, metavar="IMAGES DATASET")
@click.option("--ratios", metavar="T/V/T", help=f"Shares of train, val and test.  [default: {DEFAULT_RATIOS}]")
@click.option("--seed", type=SEED, help=f"Another seed gives another split.  [default: {DEFAULT_SEED}]")
@click.option("--group-by", metavar="REGEX", help="Keep images together whose paths match alike (first capture group).")
@click.option("--groups", type=FOLDER, metavar="FILE.csv", help="Keep images together by a list: columns path,group.")
@click.option("--copy", is_flag=True, help="Copy files.  [default: hard links, copies where those cannot be made]")
@click.option("--overwrite", is_flag=True, help="Replace the data set that DATASET holds, whole.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.option("--input_dir", hidden=True, help="Older spelling of IMAGES.")
@click.option("--output_dir", hidden=True, help="Older spelling of DATASET.")
def prepare(ratios: str | None, as_json: bool, **given: Any) -> None:
    """Split IMAGES, a folder of class folders, into train, val and test below DATASET.

    Every file is decoded; what cannot be is left out and listed in DATASET/dataset.json. Identical files, and the
    images of one group, always land in one split. IMAGES that has train, val and test already keeps them.

    \b
    Example:
      modelport prepare photos dataset
      modelport prepare photos dataset --group-by '(signer[0-9]+)_' --overwrite
    """
    source, destination = source_and_destination(given, "IMAGES")
    chosen = PrepareOptions(ratios=parse_ratios(ratios) if ratios else None, **given)
    from ...training.prepare.prepare import prepare as run_stage

    summary = run_stage(source, destination, chosen, Terminal())
    click.echo(json.dumps(summary.to_json(), indent=2) if as_json else summary.to_text())

"""`modelport deliver archive`."""

import json
from pathlib import Path
from typing import Any

import click

from ...assets.archive.options import ArchiveOptions
from ...contract.options.older_names import LICENSES, under_newer_names
from ..narration import Terminal
from ..options.option_of import click_option


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("destination", type=click.Path(path_type=Path), metavar="FILE.zip")
@click_option(ArchiveOptions, "profile")
@click_option(ArchiveOptions, "name")
@click_option(ArchiveOptions, "include")
@click_option(ArchiveOptions, "license")
@click_option(ArchiveOptions, "data_license")
@click.option("--licence", hidden=True, help="Older spelling of --license.")
@click.option("--data-licence", hidden=True, help="Older spelling of --data-license.")
@click_option(ArchiveOptions, "with_failed")
@click_option(ArchiveOptions, "overwrite")
@click.option("--json", "as_json", is_flag=True, help="Print what was delivered as JSON.")
def deliver_archive(run: Path, destination: Path, include: str | None, as_json: bool, **given: Any) -> None:
    """Write one file with the judged models of RUN, their labels, a model card, the licence, and SHA256SUMS.

    FILE.zip.sha256 lies beside it. The same run gives the same bytes. What failed, or was not judged, is refused; what
    is undecided by more than an interval is left out of a bundle of all, and the card says so.

    \b
    Example:
      modelport deliver archive run release.zip --include tflite,onnx --license LICENSE
      modelport deliver archive run graph.zip --profile retrain
    """
    from ..options.comma_list import parse_only

    names = parse_only((include,)) if include is not None else ()
    told, notes = under_newer_names(given, LICENSES, lambda name: f"--{name.replace('_', '-')}")
    options, narrator = ArchiveOptions(include=names, **told), Terminal()
    for note in notes:
        narrator.say(note)
    from ...assets.archive.deliver_archive import deliver_archive as deliver

    done = deliver(run, destination, options, narrator=narrator)
    if as_json:
        facts = {"path": str(done.path), "size_bytes": done.size_bytes, "sha256": done.sha256, "files": done.files}
        verdicts = {one.name: str(one.judged.verdict) for one in done.artifacts}
        facts |= {"verdicts": verdicts, "left_out": done.left_out, "is_new": done.is_new}
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    state = "wrote" if done.is_new else "kept, as it holds the same,"
    size = f"{done.size_bytes / 1e6:.2f} MB"
    click.echo(
        f"{state} {done.path}: {len(done.files)} files, {size}, sha256 {done.sha256[:12]}; {done.sums.name} beside it"
    )

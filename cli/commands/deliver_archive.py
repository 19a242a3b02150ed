"""`modelport deliver archive`."""

import json
from pathlib import Path
from typing import Any

import click

from ...assets.archive.options import ArchiveOptions
from ...assets.archive.profiles import PROFILES, RELEASE
from ..narration import Terminal


def _help_of_profiles() -> str:
    return (
        "; ".join(f"{name}: {profile.says}" for name, profile in PROFILES.items()) + f". Without one: {RELEASE.says}."
    )


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("destination", type=click.Path(path_type=Path), metavar="FILE.zip")
@click.option("--profile", type=click.Choice(list(PROFILES)), help=_help_of_profiles())
@click.option("--name", metavar="TEXT", help="Of the model, in the card.  [default: the run's id]")
@click.option(
    "--include",
    metavar="NAMES",
    help="Formats, recipes or paths, separated by commas. Without a profile only these go in; with one, these too.",
)
@click.option("--licence", "--license", metavar="TEXT|FILE", help='Of the model: a file, or such as "Apache-2.0".')
@click.option("--data-licence", metavar="TEXT", help="Of the images that it was trained on.")
@click.option("--with-failed", is_flag=True, help="Put in what did not pass, too; the card says so.")
@click.option("--overwrite", is_flag=True, help="Replace FILE.zip where it holds something else.")
@click.option("--json", "as_json", is_flag=True, help="Print what was delivered as JSON.")
def deliver_archive(run: Path, destination: Path, include: str | None, as_json: bool, **given: Any) -> None:
    """Write one file with the judged models of RUN, their labels, a model card, the licence, and SHA256SUMS.

    FILE.zip.sha256 lies beside it. The same run gives the same bytes. What failed, or was not judged, is refused; what
    is undecided by more than an interval is left out of a bundle of all, and the card says so.

    \b
    Example:
      modelport deliver archive run release.zip --include tflite,onnx --licence LICENSE
      modelport deliver archive run graph.zip --profile retrain
    """
    from ..options.comma_list import parse_only

    names = parse_only((include,)) if include is not None else ()
    options = ArchiveOptions(include=names, **given)
    from ...assets.archive.deliver_archive import deliver_archive as deliver

    done = deliver(run, destination, options, narrator=Terminal())
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

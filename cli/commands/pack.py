"""`modelport pack`."""

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("gate", type=click.Path(path_type=Path), metavar="GATE.zip")
@click.option(
    "--images", default=1000, show_default=True, help="Test images: a stratified sample, all if there are fewer."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Labelled images, as modelport validate takes them. Default: the test split of the training run.",
)
@click.option("--overwrite", is_flag=True, help="Replace GATE.zip.")
@click.option("--json", "as_json", is_flag=True, help="Print what was packed as JSON.")
def pack(run: Path, gate: Path, images: int, data: Path | None, overwrite: bool, as_json: bool) -> None:
    """Write one file with which a CI job judges any artifact of RUN: images, labels, reference, contract and lock.

    The job needs neither the data set nor the run folder nor TensorFlow. The same run gives the same bytes.

    \b
    Example:
      modelport pack run gate.zip --images 1000
      modelport validate gate.zip --artifact build/model.tflite
    """
    from ...validate.pack.write_pack import write_pack
    from ..narration import Terminal

    packed = write_pack(run, gate, images=images, data=data, overwrite=overwrite, narrator=Terminal())
    if as_json:
        click.echo(json.dumps(asdict(packed), indent=2))
        return
    click.echo(
        f"{packed.images:,} of {packed.of_images:,} test images in {gate}, {packed.size_bytes / 1e6:.2f} MB, "
        f"sha256 {packed.sha256[:12]}. Next: modelport validate {gate} --artifact FILE"
    )

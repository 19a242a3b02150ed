"""`modelport predict`."""

import json
from pathlib import Path

import click

from ..narration import Terminal


@click.command()
@click.argument("artifact", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--top", default=3, show_default=True, type=click.IntRange(min=1), help="Labels an image.")
@click.option("--contract", type=click.Path(path_type=Path), help="contract.json, if it is not beside the artifact.")
@click.option("--json", "as_json", is_flag=True, help="Print the answers as JSON.")
def predict(artifact: Path, images: tuple[Path, ...], top: int, contract: Path | None, as_json: bool) -> None:
    """Run any ARTIFACT of a run, the Keras model too, on IMAGES, and print the most probable labels.

    \b
    Example:
      modelport predict run/model.full_int8.tflite photo.jpg --top 5
    """
    from ...runtimes.predict import predict_images

    answers = predict_images(artifact, images, contract=contract, narrator=Terminal())
    if as_json:
        listed = [{"image": str(answer.image), "heads": answer.top(top)} for answer in answers]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for answer in answers:
        for name, entries in answer.top(top).items():
            shown = "  ".join(f"{entry['label']} {entry['score']:.3f}" for entry in entries)
            click.echo(f"{answer.image}  {name}: {shown}")

"""`modelport quantize`."""

import json
from dataclasses import asdict
from typing import Any

import click

from ...contract.recipes import ON_IMAGES, RECIPES
from ...quantize.recipes import PATHS
from ...quantize.representative_options import RepresentativeOptions
from ..narration import Terminal
from ..options.comma_list import parse_names
from ..options.form_options import form_options, read_form, read_tflite_options, tflite_options
from ..options.ignored_options import refuse_given
from ..options.option_of import click_option
from ..quiet import quiet
from ..require import require_extra

_SAYS = ". ".join(f"{name}: {RECIPES[name].says}" for name in PATHS)


@click.command()
@click.argument("run")
@click.option("--recipes", default="all", show_default=True, help=f"Separated by commas, or all. {_SAYS}.")
@click_option(RepresentativeOptions, "data")
@click_option(RepresentativeOptions, "representative_images")
@click_option(RepresentativeOptions, "representative_data")
@click_option(RepresentativeOptions, "seed")
@form_options
@tflite_options
@click.option("--overwrite", is_flag=True, help="Write anew what is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print the artifacts as JSON.")
@click.pass_context
def quantize(context: click.Context, /, run: str, recipes: str, overwrite: bool, as_json: bool, **given: Any) -> None:
    """Write smaller .tflite versions of the model of RUN, float32 in and out, and record them in artifacts.json.

    \b
    Example:
      modelport quantize run --recipes dynamic_int8,full_int8
      modelport quantize run --recipes full_int8 --preprocessing in-graph
    """
    names = parse_names(recipes, PATHS, "--recipes")
    if not {*names} & {*ON_IMAGES}:
        needs = f"{' or '.join(ON_IMAGES)} among --recipes"
        refuse_given(context, ["data", "representative_data", "representative_images", "seed"], needs=needs)
    form, tflite = read_form(given), read_tflite_options(given)
    require_extra("tensorflow", needed_for="modelport quantize")
    narrator = Terminal()
    with quiet(run, "quantize"):
        from ...quantize.quantize import quantize as quantize_run

        artifacts = quantize_run(run, names, form=form, tflite=tflite, overwrite=overwrite, narrator=narrator, **given)
    if as_json:
        click.echo(json.dumps([asdict(artifact) for artifact in artifacts], indent=2))
    else:
        click.echo(f"{len(artifacts)} artifacts in {run}. Next: modelport validate {run}")

"""`modelport demo`."""

from pathlib import Path

import click

from ...training.train_options import TrainOptions
from ..narration import Terminal
from ..options.option_of import click_option
from ..quiet import quiet
from ..require import require_extra


@click.command()
@click.argument("folder", default="modelport-demo", type=click.Path(path_type=Path))
@click.option("--epochs", type=click.IntRange(min=1), help="Default: 6 from scratch, 8 in two phases.")
@click_option(TrainOptions, "seed", help="Of split, training and calibration.")
@click.pass_context
def demo(context: click.Context, folder: Path, epochs: int | None, seed: int) -> None:
    """Go the whole way in FOLDER (default: modelport-demo): prepare, train, convert, quantize, validate.

    The images are scikit-learn's handwritten digits, the network is MobileNetV3Large. Nothing is downloaded; some four
    minutes on two cores.

    \b
    Example:
      modelport demo
    """
    require_extra("tensorflow", needed_for="modelport demo")
    narrator = Terminal()
    with quiet(folder / "run", "demo"):
        from ...assets.demo import make_demo

        result = make_demo(folder, epochs=epochs, seed=seed, narrator=narrator)
    narrator.say("4/4 validate  every artifact against the Keras model's answers on the test images")
    context.exit(judge_and_print(result.run, narrator))


def judge_and_print(run: Path, narrator: Terminal) -> int:
    """Judge the run against the default budgets, whatever ./modelport.toml says, and print the table.

    Returns:
        The exit code.
    """
    from ...validate.judge import judge_run
    from ...validate.write_report import write_report
    from ..text.verdict_table import print_report

    report = judge_run(run, narrator=narrator)
    print_report(report, write_report(report, run / "validation"))
    return report.exit_code

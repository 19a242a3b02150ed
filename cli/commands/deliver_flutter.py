"""`modelport deliver flutter`."""

from pathlib import Path

import click

from ...assets.assembly.read_words import ALLOWED_SEQUENCES, assembly_options
from ...assets.flutter.options import FlutterOptions
from ...convert.options.asked_form import AskedForm
from ..narration import Terminal
from ..options.option_of import click_option, option_like
from ..text.delivered_lines import changes_line, tell_delivery

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("run", type=PATH)
@click.argument("app", type=PATH, metavar="APP_OR_FOLDER")
@click_option(AskedForm, "preprocessing")
@option_like(ALLOWED_SEQUENCES)
@click_option(FlutterOptions, "data")
@click_option(FlutterOptions, "overwrite")
@click.option("--json", "as_json", is_flag=True, help="Print what was delivered as JSON.")
def deliver_flutter(
    run: Path,
    app: Path,
    preprocessing: str,
    allowed_sequences: Path | None,
    data: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Put the model of RUN that ships into a Flutter app: model, Dart sources, tests, and lines in pubspec.yaml.

    What stands in pubspec.yaml stays as it is, byte for byte. A new or empty folder gets the files, and a pubspec to
    copy from. The model is the smallest .tflite that passed and that the runtimes of tflite_flutter run.

    \b
    Example:
      modelport validate run
      modelport deliver flutter run ../my_app
      modelport deliver flutter run ../my_app --preprocessing in-graph
    """
    from ...assets.flutter.app_files import FRAGMENT
    from ...assets.flutter.deliver_flutter import deliver_flutter as deliver

    assembly, form = assembly_options(allowed_sequences), AskedForm(preprocessing=preprocessing).form.preprocessing
    options = FlutterOptions(preprocessing=form, assembly=assembly, data=data, overwrite=overwrite)
    made = deliver(run, app, options, narrator=Terminal())
    lines = [
        f"{made.artifact} is {app / 'assets/model/model.tflite'}: {made.judged}",
        f"{changes_line(made.files)}; {_pubspec_line(made.pubspec, app / FRAGMENT)}",
        "Next, in the app: flutter pub get && flutter test && flutter test integration_test, the last on a device",
    ]
    tell_delivery(made, {"app": str(app)}, lines, as_json=as_json)


def _pubspec_line(added: tuple[str, ...] | None, fragment: Path) -> str:
    if added is None:
        return f"no pubspec.yaml here: copy the files into the app, and what {fragment} says"
    return f"pubspec.yaml: {', '.join(added) if added else 'nothing to add'}"

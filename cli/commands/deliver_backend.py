"""`modelport deliver backend`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ...assets.backend.find.options import OVERWRITE, PROFILE, BackendOptions
from ...contract.errors import UsageError
from ..narration import Terminal
from ..options.aliases import read_aliases
from ..options.form_options import form_options, read_form
from ..options.ignored_options import refuse_given
from ..options.option_of import click_option, option_like
from ..quiet import quiet
from ..require import require_extra

_OF_PROFILE = ("profile", "overwrite")
_NOT_OF_ROLLBACK = (
    *("format", "like_labels", "aliases", "value_range", "preprocessing", "data"),
    *("max_drop_points", "old_is_broken", "allow_label_change", *_OF_PROFILE),
)


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="RUN BACKEND_DIR", type=click.Path(path_type=Path))
@click_option(BackendOptions, "format")
@click_option(BackendOptions, "model_file")
@click_option(BackendOptions, "like_labels")
@click_option(BackendOptions, "aliases")
@form_options
@click_option(BackendOptions, "data")
@click_option(BackendOptions, "max_drop_points")
@click_option(BackendOptions, "old_is_broken")
@click_option(BackendOptions, "allow_label_change")
@option_like(PROFILE)
@click.option("--rollback", is_flag=True, help="Restore what lay there before; again: what lay there before that.")
@option_like(OVERWRITE)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_context
def deliver_backend(context: click.Context, /, places: tuple[Path, ...], as_json: bool, **given: Any) -> None:
    """Put the model of RUN where the service of BACKEND_DIR loads its own, in one step; or take it back.

    The new model has the old one's tensors and its order of labels, so only the model file changes. It is judged, and
    compared with the old one on the same images, before it goes in. Everything that ever lay there is kept.

    \b
    Example:
      modelport deliver backend run ../service
      modelport deliver backend run ../service --alias del=delete --max-drop-points 0
      modelport deliver backend --rollback ../service
    """
    from ..text.backend_lines import delivery_lines, profile_lines, rollback_lines

    if len(places) != 2 and not (given["rollback"] and len(places) == 1):
        raise UsageError("two places are needed", expected="RUN BACKEND_DIR", received=" ".join(map(str, places)))
    if given["rollback"]:
        from ...assets.backend.store.swap import roll_back

        refuse_given(context, _NOT_OF_ROLLBACK, needs="a delivery: drop --rollback")
        swapped = roll_back(places[-1], given["model_file"])
        return _tell(rollback_lines(places[-1], swapped), swapped, as_json=as_json)
    run, backend = places[0], places[-1]
    if given["profile"]:
        from ...assets.backend.kaggle_profile import fill_colab_backend

        refuse_given(context, [name for name in _NOT_OF_ROLLBACK if name not in _OF_PROFILE], needs="no --profile")
        filled = fill_colab_backend(run, backend, overwrite=given["overwrite"])
        return _tell(profile_lines(filled), filled, as_json=as_json)
    require_extra("tensorflow", needed_for="modelport deliver backend")
    options, narrator = _options(given), Terminal()
    with quiet(run, "deliver_backend"):
        from ...assets.backend.deliver_backend import deliver_backend as deliver

        done = deliver(run, backend, options, overwrite=given["overwrite"], narrator=narrator)
    return _tell(delivery_lines(done), done, as_json=as_json)


def _options(given: dict[str, Any]) -> BackendOptions:
    from ...validate.budgets.file import read_budgets

    straight = ("format", "model_file", "like_labels", "data", "allow_label_change", "max_drop_points", "old_is_broken")
    return BackendOptions(
        form=read_form(given),
        aliases=read_aliases(given["aliases"]),
        budgets=read_budgets(),
        **{name: given[name] for name in straight},
    )


def _tell(lines: list[str], done: Any, *, as_json: bool) -> None:
    click.echo(json.dumps(asdict(done), indent=2, default=str) if as_json else "\n".join(lines))

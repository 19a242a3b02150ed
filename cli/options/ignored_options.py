"""An option that would change nothing is refused, so that nobody believes that it did."""

from collections.abc import Collection

import click
from click.core import ParameterSource

from ...contract.errors import UsageError


def refuse_given(context: click.Context, names: Collection[str], *, needs: str) -> None:
    """Raise UsageError if the command line has one of these options.

    Args:
        context: of the running command.
        names: its parameters' names, as in its signature.
        needs: the words without which they change nothing, such as "tflite among --to".
    """
    flags = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name in names and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    ]
    if flags:
        given = " and ".join(flags)
        raise UsageError("options would change nothing", expected=needs, received=given, fix=f"drop {given}")

"""The command line's option of a field: type, range, default and help come from where the field stands."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from ...contract.options.option import Option, options_of

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def click_option(owner: type, name: str, *older: str, **own: Any) -> Decorator:
    """Return the click.option of a field that is annotated with an Option.

    Args:
        owner: a dataclass of options.
        name: of its field, and of the command's parameter.
        older: spellings that older scripts have.
        own: what this command says otherwise, as click.option takes it.
    """
    return option_like(options_of(owner)[name], *older, **own)


def click_options(owner: type, *names: str) -> Decorator:
    """Return the click.options of these fields, in this order; where none is named, of all with an Option."""
    named = names or tuple(options_of(owner))
    return lambda command: reduce(lambda made, name: click_option(owner, name)(made), reversed(named), command)


def option_like(told: Option, *older: str, **own: Any) -> Decorator:
    """Return the click.option of an Option that has a name, a kind and a flag."""
    flag = f"{told.spelt}/--no-{told.spelt[2:]}" if told.kind == "switch" and told.default else told.spelt
    has_default = told.default is not None and told.default is not False
    says: dict[str, Any] = {"default": told.default, "show_default": True} if has_default else {}
    says |= {"type": _type_of(told), "metavar": told.metavar, "help": help_of(told)}
    many: dict[str, dict[str, Any]] = {"size": {"nargs": 2}, "table": {"multiple": True}, "paths": {"multiple": True}}
    says |= {"is_flag": True} if told.kind == "switch" and not told.default else many.get(told.kind, {})
    return click.option(flag, *older, told.name, **says | own)


def help_of(told: Option) -> str:
    """Return the sentences of `--help`, with what counts where the option is not given."""
    is_choice = told.says.split(":")[0] in told.choices  # which is written as it is
    lead = f"{told.says if is_choice else told.says[0].upper() + told.says[1:]}."
    unset = f" [default: {told.unset}]" if told.unset else ""
    return " ".join(filter(None, (lead, told.more, unset)))


def _type_of(told: Option) -> Any:
    if told.choices:
        return click.Choice(told.choices)
    if told.kind in ("whole", "size"):
        low, high = (None if end is None else int(end) for end in (told.low, told.high))
        return click.IntRange(low, high)
    if told.kind == "number":
        is_open = told.above is not None
        return click.FloatRange(told.above if is_open else told.low, told.high, min_open=is_open)
    if told.kind in ("path", "paths"):
        return click.Path(path_type=Path)
    return None if told.kind == "switch" else str

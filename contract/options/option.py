"""What an option is, written once: beside the field that holds its value.

The command line (cli/options/option_of.py), modelport.toml (assets/ship/plan/keys.py) and Python read the same Option.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from ..errors import UsageError
from .kinds import KINDS, in_range, reach

#: What numpy.random.seed takes, which keras.utils.set_random_seed calls; it answers others with "Seed must be between 0
#: and 2**32 - 1" (NumPy 2.4.6, Keras 3.15.1).
MOST_SEED = 2**32 - 1

_KIND_OF: dict[Any, str] = {
    bool: "switch",
    int: "whole",
    float: "number",
    str: "text",
    Path: "path",
    str | Path: "path",
    tuple[int, int]: "size",
    tuple[str, ...]: "texts",
    tuple[Path, ...]: "paths",
    dict[str, str]: "table",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One option, as the annotation of a field: `epochs: Annotated[int, Option("epochs of both phases", low=1)] = 50`.

    `options_of` fills in name, kind, default and whether it may be None from the field.

    Attributes:
        says: what it does, with its unit: a clause in lower case without a full stop, for `--help` and modelport.toml.
        more: sentences for `--help` alone.
        unset: what counts where it is None.
        low, above, high: range of a number, or of both of a size; `above` is an open end. None: no end.
        choices: the only values of a text, or of each text of a list.
        example: shown in modelport.toml where there is no default.
        metavar: shown in `--help` in the place of the value.
        flag: on the command line, if it is not the name with dashes.
        needed: whether its table of modelport.toml is no use without it.
        kind: of KINDS; empty: by the type of the field.
    """

    says: str
    more: str = ""
    unset: str = ""
    low: float | None = None
    above: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    example: object = None
    metavar: str | None = None
    flag: str = ""
    needed: bool = False
    kind: str = ""
    name: str = ""
    default: object = None
    is_optional: bool = False

    @property
    def spelt(self) -> str:
        """How the command line spells it."""
        return self.flag or f"--{self.name.replace('_', '-')}"

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return f"{'some' if self.kind == 'texts' else 'one'} of {', '.join(self.choices)}"
        return KINDS[self.kind].expected + reach(self.low, self.above, self.high)

    def problem_of(self, value: object) -> str | None:
        """Return what is wrong with a value: "expected ...; received ..."; None if nothing is."""
        return None if self.fits(value) else f"expected {self.expected}; received {shown(value)}"

    def fits(self, value: Any) -> bool:
        """Return whether the value is of the kind, in range, and one of the choices."""
        if not KINDS[self.kind].fits(value):
            return False
        values = value if isinstance(value, list | tuple) else [value]
        if self.kind in ("whole", "number", "size"):
            return all(in_range(one, self.low, self.above, self.high, is_whole=self.kind != "number") for one in values)
        return not self.choices or all(one in self.choices for one in values)


@cache
def options_of(owner: type) -> Mapping[str, Option]:
    """Return name to option of the fields of a dataclass that are annotated with one, in their order."""
    found = {}
    for field in fields(owner):
        told = next((one for one in getattr(field.type, "__metadata__", ()) if isinstance(one, Option)), None)
        if told is None:
            continue
        held = get_args(field.type)[0]
        optional = get_origin(held) is UnionType and NoneType in get_args(held)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        found[field.name] = replace(
            told,
            name=field.name,
            kind=told.kind or _kind_of(held),
            default=None if default is MISSING or default in ((), {}) else default,
            is_optional=optional,
        )
    return found


def given_options(owner: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a dataclass among values by name; those that are None are left to their defaults."""
    return {name: given[name] for name in options_of(owner) if given.get(name) is not None}


def _kind_of(held: Any) -> str:
    if get_origin(held) is not UnionType:
        return _KIND_OF[held]
    parts = [part for part in get_args(held) if part is not NoneType]
    return _KIND_OF[parts[0] if len(parts) == 1 else str | Path]


def check_options(options: object) -> None:
    """Check every option of a dataclass; for `__post_init__`.

    Raises:
        UsageError: values that an option cannot have; all of them are named.
    """
    wrong = []
    owner: Any = type(options)  # to mypy type[object] is not hashable
    for name, told in options_of(owner).items():
        value = getattr(options, name)
        is_unset = value is None and told.is_optional
        if not (is_unset or told.kind == "spelt" or told.fits(value)):
            wrong.append((told, value))
    if len(wrong) == 1:
        ((told, value),) = wrong
        raise UsageError("option is out of range", where=told.spelt, expected=told.expected, received=shown(value))
    if wrong:
        lines = [f"{told.spelt}: {told.problem_of(value)}" for told, value in wrong]
        raise UsageError(f"{len(wrong)} options are out of range", received="\n".join(lines))


def shown(value: object) -> str:
    """Return a value for a message, not longer than a line."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."

"""Settings from environment variables and an optional TOML file; the environment wins."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...contract.errors import UsageError
from ...contract.files.toml_file import read_toml
from .model.settings import Settings, settings, variable_of

#: Names the TOML file.
CONFIG_VARIABLE = "MODELPORT_CONFIG"

#: Variables of other parts of modelport, which mean nothing here.
OTHERS = ("MODELPORT_CACHE", "MODELPORT_NODE_MODULES", "MODELPORT_TFJS_BACKEND", "MODELPORT_SCREENSHOTS")

_PREFIX = "MODELPORT_"
_TYPES: dict[str, type] = {"switch": bool, "whole": int, "number": float, "text": str, "path": Path}
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings; a variable of the environment stands before the same key of the TOML file.

    Args:
        environment: os.environ, or what a test puts in its place. MODELPORT_CONFIG names the TOML file.

    Raises:
        UsageError: an unknown variable that begins with MODELPORT_, an unknown key, a value of another type.
        InputError: the TOML file cannot be read.
    """
    known = {variable_of(name): name for name in settings()}
    strange = [name for name in environment if name.startswith(_PREFIX)]
    for name in sorted(set(strange) - {*known, CONFIG_VARIABLE, *OTHERS}):
        raise _unknown("environment variable", name, (*known, CONFIG_VARIABLE))
    values = _from_file(Path(file)) if (file := environment.get(CONFIG_VARIABLE)) else {}
    values |= {known[name]: _parsed(known[name], environment[name], name) for name in known if name in environment}
    return Settings(**values)


def _from_file(file: Path) -> dict[str, Any]:
    content = read_toml(file)
    names = tuple(settings())
    for key in content:
        if key not in names:
            raise _unknown("key", key, names, where=file)
    base = file.absolute().parent  # a path in a file is meant from where the file lies
    return {key: _typed(key, value, f"{file}, {key}", base) for key, value in content.items()}


def _typed(name: str, value: Any, where: str, base: Path) -> Any:
    """Return a TOML value as the field wants it; a whole number is a fraction, too."""
    kind = _TYPES[settings()[name].kind]
    if kind is Path and isinstance(value, str) and value:
        return base / value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise UsageError("setting has another type", where=where, expected=kind.__name__, received=repr(value))
    return value


def _parsed(name: str, text: str, variable: str) -> Any:
    """Return the text of an environment variable as the field wants it."""
    kind, plain = _TYPES[settings()[name].kind], text.strip()
    if kind is bool and plain.lower() in (*_TRUE, *_FALSE):
        return plain.lower() in _TRUE
    if kind is Path and plain:
        return Path(plain)
    try:
        if kind in (int, float):
            return kind(plain)
    except ValueError:
        pass
    if kind is not str:
        expected = {bool: "1 or 0", Path: "a path", int: "a whole number", float: "a number"}[kind]
        raise UsageError("setting cannot be read", where=variable, expected=expected, received=repr(text))
    return plain


def _unknown(what: str, name: str, known: Any, where: object = None) -> UsageError:
    short = {text.removeprefix(_PREFIX): text for text in known}
    near = [short[text] for text in difflib.get_close_matches(name.removeprefix(_PREFIX), short, n=1, cutoff=0.6)]
    place = name if where is None else f"{where}, {name}"
    fix = f"did you mean {near[0]}?" if near else "leave it out; --help lists what there is"
    return UsageError(f"unknown {what}", where=place, fix=fix)

"""Installed packages against what modelport needs (its metadata) and what it was measured with (constraints.txt)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, requires
from importlib.resources import files

from packaging import requirements
from packaging.utils import canonicalize_name

from ...contract.model_contract.package_version import age_key
from .finding import Finding

#: Extras whose packages are listed one by one.
_LISTED = ("base", "tensorflow")
INSTALL = {"base": "pip install modelport", "tensorflow": 'pip install "modelport[tensorflow]"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A package that modelport asks for.

    Attributes:
        name: normalized: lower case, hyphens.
        floor: the oldest release that is allowed; "" where any is.
        extra: "base" or the extra's name.
    """

    name: str
    floor: str
    extra: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    """What is needed, what it was measured with, and what is there.

    Attributes:
        needed: in the order of setup.cfg; empty where modelport runs from a folder and was never installed.
        measured: package to the release in constraints.txt.
        installed: package to release.
    """

    needed: tuple[Requirement, ...]
    measured: Mapping[str, str]
    installed: Mapping[str, str]


def measure_packages() -> PackageFacts:
    """Read modelport's metadata, constraints.txt and the installed distributions; nothing is imported."""
    try:
        lines = requires("modelport") or []
    except PackageNotFoundError:
        lines = []
    pins = files("modelport").joinpath("constraints.txt")
    return PackageFacts(
        needed=tuple(filter(None, map(parse_requirement, lines))),
        measured=parse_pins(pins.read_text(encoding="utf-8")) if pins.is_file() else {},
        installed={canonicalize_name(found.name): found.version for found in distributions() if found.name},
    )


def parse_requirement(line: str) -> Requirement | None:
    r"""Return one line of Requires-Dist, or None for another extra of modelport itself.

    Example:
        >>> parse_requirement('scikit-learn>=1.5; extra == "tensorflow"')
        Requirement(name='scikit-learn', floor='1.5', extra='tensorflow')
    """
    asked = requirements.Requirement(line)
    name, extra = canonicalize_name(asked.name), re.search(r'extra == "([^"]+)', str(asked.marker))
    if name == "modelport":
        return None
    floor = next((one.version for one in asked.specifier if one.operator == ">="), "")
    return Requirement(name=name, floor=floor, extra=extra[1] if extra else "base")


def parse_pins(text: str) -> dict[str, str]:
    """Return package to release of the lines NAME==RELEASE."""
    pins = (line.partition("==") for line in text.splitlines() if not line.startswith("#"))
    return {canonicalize_name(name): release.strip() for name, equals, release in pins if equals}


def judge_packages(facts: PackageFacts) -> list[Finding]:
    """Return a line for each package of the base and of [tensorflow], and one for all others together."""
    if not facts.needed:
        says = "not known: modelport was not installed with pip, so nothing says what it needs"
        paste = "pip install -e . in the clone"
        return [Finding(group="Packages", name="needed", state="note", says=says, paste=paste)]
    if not facts.measured:
        says = "constraints.txt is not in this install, so releases are compared with the oldest allowed alone"
        return [Finding(group="Packages", name="measured", state="note", says=says), *_each(facts)]
    return [*_each(facts), _others(facts)]


def _each(facts: PackageFacts) -> Iterator[Finding]:
    for need in facts.needed:
        if need.extra in _LISTED:
            yield _judge(need, facts.installed.get(need.name), facts.measured.get(need.name))


def _judge(need: Requirement, installed: str | None, measured: str | None) -> Finding:
    group = "Packages, base" if need.extra == "base" else f"Packages, [{need.extra}]"
    pin = f"constraints.txt: {measured}" if measured else "not in constraints.txt"
    if installed is None:
        state, says, paste = "problem" if need.extra == "base" else "note", f"missing ({pin})", INSTALL[need.extra]
    elif need.floor and age_key(installed) < age_key(need.floor):
        state, says = "problem", f"{installed} is too old: modelport needs {need.floor} or newer"
        paste = f'pip install "{need.name}>={need.floor}"'
    elif measured is None or age_key(installed) == age_key(measured):
        return Finding(group=group, name=need.name, state="ok", says=f"{installed} (as measured)")
    else:
        older = age_key(installed) < age_key(measured)
        state, says = "note", f"{installed} is {'older' if older else 'newer'} than measured ({pin})"
        paste = f"pip install {need.name}=={measured}"
        return Finding(group=group, name=need.name, state="note", says=says, paste=paste)
    stops = need.name if state == "problem" else None
    return Finding(group=group, name=need.name, state=state, says=says, stops=stops, paste=paste)  # type: ignore[arg-type]


def _others(facts: PackageFacts) -> Finding:
    listed = {need.name for need in facts.needed if need.extra in _LISTED}
    both = sorted(facts.measured.keys() & facts.installed.keys() - listed)
    other = [name for name in both if age_key(facts.measured[name]) != age_key(facts.installed[name])]
    shown = ", ".join(f"{name} {facts.installed[name]} (measured {facts.measured[name]})" for name in other[:5])
    more = f" and {len(other) - 5} more" if len(other) > 5 else ""
    return Finding(
        group="Packages",
        name="what these need",
        state="note" if other else "ok",
        says=f"{len(both) - len(other)} of {len(both)} as measured" + (f"; not: {shown}{more}" if other else ""),
        paste="pip install -c constraints.txt ..., in a clone" if other else None,
    )

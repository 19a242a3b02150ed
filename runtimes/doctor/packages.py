"""Installed packages against what modelport needs (its metadata) and what it was measured with (constraints.txt)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, requires
from importlib.resources import files

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
        installed={normalized(found.name): found.version for found in distributions() if found.name},
    )


def parse_requirement(line: str) -> Requirement | None:
    r"""Return one line of Requires-Dist, or None for another extra of modelport itself.

    Example:
        >>> parse_requirement('scikit-learn>=1.5; extra == "tensorflow"')
        Requirement(name='scikit-learn', floor='1.5', extra='tensorflow')
    """
    package = re.match(r"[A-Za-z0-9._-]+", line)
    if package is None or normalized(package[0]) == "modelport":
        return None
    floor, extra = re.search(r">=\s*([0-9][0-9.]*)", line), re.search(r"extra\s*==\s*['\"]([^'\"]+)", line)
    return Requirement(
        name=normalized(package[0]), floor=floor[1] if floor else "", extra=extra[1] if extra else "base"
    )


def parse_pins(text: str) -> dict[str, str]:
    """Return package to release of the lines NAME==RELEASE."""
    pins = (line.partition("==") for line in text.splitlines() if not line.startswith("#"))
    return {normalized(name): release.strip() for name, equals, release in pins if equals}


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
    elif need.floor and release_key(installed) < release_key(need.floor):
        state, says = "problem", f"{installed} is too old: modelport needs {need.floor} or newer"
        paste = f'pip install "{need.name}>={need.floor}"'
    elif measured is None or release_key(installed) == release_key(measured):
        return Finding(group=group, name=need.name, state="ok", says=f"{installed} (as measured)")
    else:
        older = release_key(installed) < release_key(measured)
        state, says = "note", f"{installed} is {'older' if older else 'newer'} than measured ({pin})"
        paste = f"pip install {need.name}=={measured}"
        return Finding(group=group, name=need.name, state="note", says=says, paste=paste)
    stops = need.name if state == "problem" else None
    return Finding(group=group, name=need.name, state=state, says=says, stops=stops, paste=paste)  # type: ignore[arg-type]


def _others(facts: PackageFacts) -> Finding:
    listed = {need.name for need in facts.needed if need.extra in _LISTED}
    both = sorted(facts.measured.keys() & facts.installed.keys() - listed)
    other = [name for name in both if release_key(facts.measured[name]) != release_key(facts.installed[name])]
    shown = ", ".join(f"{name} {facts.installed[name]} (measured {facts.measured[name]})" for name in other[:5])
    more = f" and {len(other) - 5} more" if len(other) > 5 else ""
    return Finding(
        group="Packages",
        name="what these need",
        state="note" if other else "ok",
        says=f"{len(both) - len(other)} of {len(both)} as measured" + (f"; not: {shown}{more}" if other else ""),
        paste="pip install -c constraints.txt ..., in a clone" if other else None,
    )


def normalized(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def release_key(release: str) -> tuple[int, ...]:
    """Return the numbers that a release begins with, without zeros at the end: enough for floors and pins.

    Example:
        >>> release_key("2.20") == release_key("2.20.0"), release_key("2.9.1rc2") < release_key("2.20")
        (True, True)
    """
    numbers = re.match(r"(?:\d+!)?(\d+(?:\.\d+)*)", release)
    parts = [int(part) for part in numbers[1].split(".")] if numbers else []
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)

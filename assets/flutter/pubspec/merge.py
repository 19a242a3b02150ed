"""Add what lib/modelport needs to the text of a pubspec.yaml; every byte that stood there stays."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ....contract.errors import InputError
from .flavors import flavor_notes
from .lines import Line, NotUnderstoodError, below, children, read_lines, roots
from .tflite_flutter_versions import IMAGE, TFLITE_FLUTTER
from .version import oldest_allowed, release_of

ASSETS = "assets/model/"

#: Section, key and value of what is added; "sdk" stands for a package of Flutter's own.
_SDK = "sdk"
_WANTED = (
    ("dependencies", "image", IMAGE),
    ("dependencies", "tflite_flutter", TFLITE_FLUTTER),
    ("dev_dependencies", "flutter_test", _SDK),
    ("dev_dependencies", "integration_test", _SDK),
)
_PACKAGE_SECTIONS = ("dependencies", "dev_dependencies", "dependency_overrides")


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedPubspec:
    """What came out.

    Attributes:
        text: of the file.
        added: what was added, one line each, such as "dependencies: image: ^4.2.0".
        notes: what the user should know about what stood there.
    """

    text: str
    added: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Additions:
    """Lines to insert, by the number of the line above them."""

    at: dict[int, list[str]] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)

    def insert(self, number: int, lines: Sequence[str], told: str) -> None:
        self.at.setdefault(number, []).extend(lines)
        self.added.append(told)


def fragment() -> str:
    """Return all that is added, as a pubspec of its own: what to paste where a file cannot be merged."""
    lines: list[str] = []
    for section in ("dependencies", "dev_dependencies"):
        lines.append(f"{section}:")
        for _, key, value in (wanted for wanted in _WANTED if wanted[0] == section):
            lines += _entry(key, value, 2)
    return "\n".join([*lines, "flutter:", "  assets:", f"    - {ASSETS}"]) + "\n"


def merge_pubspec(text: str, *, oldest_plugin: str, where: object) -> MergedPubspec:
    """Return `text` with the packages and assets that are not in it yet.

    Args:
        text: of a Flutter app's pubspec.yaml; its line ends, comments, order and quotes stay as they are.
        oldest_plugin: the oldest tflite_flutter that runs the model.
        where: the file, for errors.

    Raises:
        InputError: a line is of a kind that is not edited, or a package is there in too old a version.
    """
    bare = [line.removesuffix("\r") for line in _split(text.removeprefix("\ufeff"))]
    try:
        read = read_lines(bare)
        _check_app(read)
        notes = _check_packages(read, {"tflite_flutter": oldest_plugin, "image": IMAGE}, where)
        notes += flavor_notes(read, ASSETS)
        additions = _plan(read, len(bare))
    except NotUnderstoodError as error:
        raise _refused(error, text, where) from error
    merged = _insert(text, additions)
    return MergedPubspec(text=merged, added=tuple(additions.added), notes=notes)


def _check_app(read: Sequence[Line]) -> None:
    if "name" not in {line.key for line in roots(read)}:
        raise NotUnderstoodError(1, "a pubspec has a name")


def _check_packages(read: Sequence[Line], oldest: dict[str, str], where: object) -> tuple[str, ...]:
    """Return notes on packages that are there; raise InputError where one may be too old."""
    notes = []
    for package, release in oldest.items():
        found = {section: line for section in _PACKAGE_SECTIONS if (line := _package(read, section, package))}
        if "dev_dependencies" in found and "dependencies" not in found:
            raise _too_old(package, release, found["dev_dependencies"], where, "it is there for tests only")
        decides = found.get("dependency_overrides") or found.get("dependencies")
        if decides is None:
            continue
        if below(read, decides) or decides.value is None:
            notes.append(f"{package} comes from where line {decides.number} says: it must be {release} or newer")
            continue
        allowed = oldest_allowed(decides.value)
        if allowed is None or allowed < release_of(release):
            raise _too_old(package, release, decides, where, f"{package}: {decides.value or 'any'}")
    return tuple(notes)


def _package(read: Sequence[Line], section: str, package: str) -> Line | None:
    parent = next((line for line in roots(read) if line.key == section), None)
    listed = children(read, parent) if parent else []
    return next((line for line in listed if line.key == package), None)


def _too_old(package: str, release: str, line: Line, where: object, received: str) -> InputError:
    pinned = {key: value for _, key, value in _WANTED}[package]
    return InputError(
        f"pubspec lets in a {package} that cannot run what is delivered",
        where=f"{where}, line {line.number}",
        expected=f"{release.lstrip('^')} or newer under dependencies",
        received=received,
        fix=f"write {package}: {pinned}, and the same command again",
    )


def _plan(read: Sequence[Line], count: int) -> _Additions:
    additions, new = _Additions(), dict[str, list[str]]()
    for section, key, value in _WANTED:
        parent = next((line for line in roots(read) if line.key == section), None)
        told = f"{section}: {key}: {'{sdk: flutter}' if value == _SDK else value}"
        if any(_package(read, other, key) for other in (section, "dependencies")):
            continue
        if parent is None:
            new.setdefault(section, [f"{section}:"]).extend(_entry(key, value, 2))
            additions.added.append(told)
            continue
        listed = _mapping(read, parent)
        indent = listed[0].indent if listed else 2
        additions.insert(_last(read, parent), _entry(key, value, indent), told)
    _plan_assets(read, additions, new)
    for lines in new.values():
        additions.at.setdefault(count, []).extend(["", *lines])
    return additions


def _plan_assets(read: Sequence[Line], additions: _Additions, new: dict[str, list[str]]) -> None:
    told = f"flutter: assets: {ASSETS}"
    flutter = next((line for line in roots(read) if line.key == "flutter"), None)
    if flutter is None:
        new["flutter"] = ["flutter:", "  assets:", f"    - {ASSETS}"]
        additions.added.append(told)
        return
    listed = _mapping(read, flutter)
    indent = listed[0].indent if listed else 2
    assets = next((line for line in listed if line.key == "assets"), None)
    if assets is None:
        text = [f"{' ' * indent}assets:", f"{' ' * (indent + 2)}- {ASSETS}"]
        additions.insert(_last(read, flutter), text, told)
        return
    items = children(read, assets)
    if assets.value != "" or any(not item.dash for item in items):
        raise NotUnderstoodError(assets.number, "its assets are not a list with a line for each")
    inside = [line for line in below(read, assets) if line.key in ("", "path")]
    if any(line.value == ASSETS for line in inside):
        return
    column = items[0].indent if items else assets.indent + 2
    additions.insert(_last(read, assets), [f"{' ' * column}- {ASSETS}"], told)


def _mapping(read: Sequence[Line], parent: Line) -> list[Line]:
    """Return the keys below a section; an empty section has none."""
    listed = children(read, parent)
    if parent.value != "" or any(line.dash for line in listed):
        raise NotUnderstoodError(parent.number, f"{parent.key} is not a mapping with a line for each key")
    return listed


def _last(read: Sequence[Line], parent: Line) -> int:
    return max(line.end for line in (parent, *below(read, parent)))


def _entry(key: str, value: str, indent: int) -> list[str]:
    margin = " " * indent
    return [f"{margin}{key}:", f"{margin}{margin}sdk: flutter"] if value == _SDK else [f"{margin}{key}: {value}"]


def _insert(text: str, additions: _Additions) -> str:
    """Return the text with the lines added, each with the line end of the line above it."""
    lines = _split(text, keep_ends=True)
    usual = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    made: list[str] = []
    for number, line in enumerate(lines, 1):
        added = additions.at.get(number, [])
        end = "\r\n" if line.endswith("\r\n") else "\n" if line.endswith("\n") else ""
        made.append(line if end or not added else line + usual)
        made += [one + (end or usual) for one in added]
    return "".join(made)


def _split(text: str, *, keep_ends: bool = False) -> list[str]:
    """Return the lines; `str.splitlines` knows ends that YAML does not."""
    lines = [line + "\n" * keep_ends for line in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    return lines if lines[-1] else lines[:-1]


def _refused(error: NotUnderstoodError, text: str, where: object) -> InputError:
    lines = _split(text.removeprefix("\ufeff"))
    line = lines[error.number - 1] if error.number <= len(lines) else "an empty file"
    return InputError(
        "pubspec is written in a way that is not edited, and stays as it is",
        where=f"{where}, line {error.number}",
        expected="block mappings, each value on a line, without anchors, tags and tabs",
        received=f"{line.strip()}\n({error})",
        fix="deliver into a new folder, copy its files into the app, and paste into pubspec.yaml:\n" + fragment(),
    )

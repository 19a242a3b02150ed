"""What the file system of the working folder can do: probed by really making each thing in a temporary folder."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding

GROUP = "Working folder"
#: Windows without long paths stops at 260 characters (MAX_PATH).
_LONG = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFacts:
    """What could be made in a folder; each of the last four is None where nothing can be written.

    Attributes:
        folder: its path.
        refusal: why nothing can be written; None: it can.
        has_links: hard links.
        has_unicode: names beyond ASCII.
        has_long_paths: paths of more than 300 characters.
        minds_case: whether `a` and `A` are two files.
    """

    folder: str
    refusal: str | None = None
    has_links: bool | None = None
    has_unicode: bool | None = None
    has_long_paths: bool | None = None
    minds_case: bool | None = None


def working_folder() -> Path:
    """Return the working folder; where it was deleted, the name that the shell knows it by."""
    try:
        return Path.cwd()
    except OSError:
        return Path(os.environ.get("PWD") or "(deleted)")


def measure_working_folder() -> FolderFacts:
    """Measure the folder that this process is in, which may have been deleted under it."""
    try:
        return measure_folder(Path.cwd())
    except OSError as error:
        gone = isinstance(error, FileNotFoundError)
        refusal = "it was deleted while this terminal was in it" if gone else error.strerror or str(error)
        return FolderFacts(folder=str(working_folder()), refusal=refusal)


def measure_folder(folder: Path) -> FolderFacts:
    """Make a temporary folder in `folder`, try, and remove it."""
    try:
        with tempfile.TemporaryDirectory(prefix=".modelport-doctor-", dir=folder, ignore_cleanup_errors=True) as made:
            root = Path(made)
            (root / "file").write_bytes(b"")
            return FolderFacts(
                folder=str(folder),
                has_links=_works(lambda: os.link(root / "file", root / "link")),
                has_unicode=_works(lambda: (root / "\N{BIRD} \N{LATIN SMALL LETTER U WITH DIAERESIS}").mkdir()),
                has_long_paths=_works(lambda: _make_long(root)),
                minds_case=not (root / "FILE").exists(),
            )
    except OSError as error:
        return FolderFacts(folder=str(folder), refusal=error.strerror or str(error))


def judge_folder(facts: FolderFacts) -> list[Finding]:
    """Return what the facts mean."""
    if facts.refusal is not None:
        says = f"nothing can be written to {facts.folder}: {facts.refusal}"
        paste = "cd to a folder of yours, or name one as the output"
        return [
            Finding(group=GROUP, name="writing", state="note", says=says, stops="results written here", paste=paste)
        ]
    return [
        Finding(group=GROUP, name="writing", state="ok", says=f"works in {facts.folder}"),
        _judge(
            "hard links",
            facts.has_links,
            "work: prepare needs no second copy of the images",
            "do not work: prepare copies every image, which takes its size again",
        ),
        _judge(
            "names",
            facts.has_unicode,
            "may hold any letter",
            "may not hold letters beyond ASCII: rename such class folders",
        ),
        _judge(
            "long paths",
            facts.has_long_paths,
            f"work beyond {_LONG} characters",
            "stop at 260 characters: keep the data set near the root of the disk, or enable Win32 long paths",
        ),
        Finding(
            group=GROUP,
            name="case",
            state="ok",
            says="A and a are two files" if facts.minds_case else "A and a are one file, as prepare expects",
        ),
    ]


def _judge(name: str, works: bool | None, yes: str, no: str) -> Finding:
    return Finding(group=GROUP, name=name, state="ok" if works else "note", says=yes if works else no)


def _works(act: Callable[[], object]) -> bool:
    try:
        act()
    except (OSError, ValueError):
        return False
    return True


def _make_long(root: Path) -> None:
    folder = root
    while len(str(folder)) <= _LONG:
        folder = folder / ("x" * 50)
        folder.mkdir()
    (folder / "file").write_bytes(b"")

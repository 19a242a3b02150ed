"""`modelport deliver archive`: one file with the models, their labels, a model card, the licence, and the sums."""

from dataclasses import dataclass
from pathlib import Path

from ...contract.errors import InputError, UsageError
from ...contract.files.atomic_write import place, staged, write_text
from ...contract.files.hashing import sha256_of_file
from ...contract.narration import Narrator, Silent
from ...contract.run.run_folder import RunFolder
from ..judged.judged_run import read_judgement
from .bundle_zip import write_bundle
from .card_facts import read_facts
from .members import BundledArtifact, choose_contents
from .model_card import write_card
from .options import ArchiveOptions

#: In every bundle, and in one whose licence was given.
CARD, LICENCE = "MODEL_CARD.md", "LICENSE"

#: Largest text that is taken as a licence; the longest of SPDX' list has some 40 kB.
_MOST_LICENCE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredArchive:
    """What was written.

    Attributes:
        path, sums: of the bundle, and of the file with its sha256.
        size_bytes, sha256: of the bundle.
        files: names in it.
        artifacts: those of them that were judged.
        left_out: paths of artifacts that are undecided by more than an interval, where all were wanted.
        is_new: whether it was written; False: the same bytes were there.
    """

    path: Path
    sums: Path
    size_bytes: int
    sha256: str
    files: tuple[str, ...]
    artifacts: tuple[BundledArtifact, ...]
    left_out: tuple[str, ...]
    is_new: bool


def deliver_archive(
    run: str | Path, destination: str | Path, options: ArchiveOptions | None = None, *, narrator: Narrator | None = None
) -> DeliveredArchive:
    """Write a bundle of a judged run, and FILE.zip.sha256 beside it. The same run gives the same bytes.

    Args:
        run: the run folder; `model.tflite` is chosen and recorded there if the profile has it.
        destination: FILE.zip.
        options: see ArchiveOptions.
        narrator: is told what goes in.

    Raises:
        InputError: no run, no report of it, a file that is missing, or an artifact that did not pass.
        UsageError: the destination exists with other bytes, or is no .zip; options that name nothing.
    """
    folder, destination, options = RunFolder(Path(run)), Path(destination), options or ArchiveOptions()
    _check(destination)
    licence = read_licence(options.license)
    facts, judgement = read_facts(folder), read_judgement(folder)
    contents = choose_contents(folder, facts.contract, judgement, options)
    card = write_card(facts, contents, options, licence)
    members: dict[str, Path | bytes] = {CARD: card.encode()}
    members |= ({} if licence is None else {LICENCE: licence}) | contents.files
    narrator = narrator or Silent()
    for one in contents.artifacts:
        narrator.say(f"{one.name:<28} {one.judged.summary}")
    for one in contents.left_out:
        narrator.say(f"left out {one.name:<19} {one.judged.summary}")
    with staged(destination) as part:
        write_bundle(part, contents.folder, members)
        digest = sha256_of_file(part)
        is_new = not (destination.is_file() and sha256_of_file(destination) == digest)
        if is_new:
            _refuse_other(destination, options.overwrite)
            place(part, destination)
    sums = destination.with_name(f"{destination.name}.sha256")
    line = f"{digest}  {destination.name}\n"
    if is_new or not sums.is_file() or sums.read_bytes() != line.encode():
        write_text(sums, line)
    return DeliveredArchive(
        path=destination,
        sums=sums,
        size_bytes=destination.stat().st_size,
        sha256=digest,
        files=tuple(members),
        artifacts=contents.artifacts,
        left_out=tuple(one.artifact.path for one in contents.left_out),
        is_new=is_new,
    )


def read_licence(given: str | None) -> bytes | None:
    """Return the text of LICENSE: that of the file `given`, or `given` itself; None where nothing was given.

    Raises:
        InputError: it looks like a file's name, and there is no such file, or no text in it.
    """
    if given is None:
        return None
    path = Path(given)
    if "\n" not in given and len(given) < 4096 and path.is_file():
        data = path.read_bytes() if path.stat().st_size <= _MOST_LICENCE_BYTES else b"\xff"
        try:
            if data.decode("utf-8-sig").strip():
                return data
        except UnicodeDecodeError:
            pass
        raise InputError("licence is no text", where=given, expected="UTF-8, at most 1 MiB, and not empty")
    if not any(letter.isspace() for letter in given) and "://" not in given and _is_like_a_path(path, given):
        raise InputError("licence file does not exist", where=given, expected='a file, or a text such as "Apache-2.0"')
    return f"{given.strip()}\n".encode()


def _is_like_a_path(path: Path, given: str) -> bool:
    return "/" in given or "\\" in given or path.suffix.lower() in (".txt", ".md")


def _check(destination: Path) -> None:
    if destination.suffix.lower() != ".zip":
        fix = "modelport deliver archive RUN release.zip"
        raise UsageError("an archive is a .zip file", where=destination, fix=fix)
    if destination.is_dir():
        raise UsageError("output is a folder", where=destination, fix="choose another name")


def _refuse_other(destination: Path, overwrite: bool) -> None:
    if destination.exists() and not overwrite:
        fix = "choose another name, or pass --overwrite"
        raise UsageError("output exists, with other content", where=destination, fix=fix)

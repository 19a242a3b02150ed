"""Write a bundle: the same members give the same bytes, in another process, time zone or folder, too."""

import hashlib
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from ...contract.files.disk import reached
from ...contract.files.inner_path import check_inner_paths
from ...contract.files.plain_zip import plain_entry

#: In every bundle: a line "sha256  name" for each other file, as sha256sum -c reads it.
SUMS = "SHA256SUMS"

_BLOCK_BYTES = 1 << 20


def write_bundle(part: Path, folder: str, members: Mapping[str, Path | bytes]) -> None:
    """Write the archive `part`, in the order of `members`, then SHA256SUMS.

    Args:
        part: a path that does not exist.
        folder: of all names, in the bundle; "" is its root.
        members: name to a file or its bytes.

    Raises:
        InputError: a name that some system would unpack elsewhere, or over another.
    """
    check_inner_paths([*members, SUMS], part)
    inside = f"{folder}/" if folder else ""
    sums = dict[str, str]()
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            sums[name] = _add(archive, inside + name, content)
            reached("write member", part)
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        _add(archive, inside + SUMS, lines.encode())
    reached("write", part)


def _add(archive: zipfile.ZipFile, name: str, content: Path | bytes) -> str:
    """Copy a file in, without holding it in memory; return the sha256 of what was copied."""
    if isinstance(content, bytes):
        return _copy(archive, name, BytesIO(content), len(content))
    with open(content, "rb") as source:
        return _copy(archive, name, source, content.stat().st_size)


def _copy(archive: zipfile.ZipFile, name: str, source: BinaryIO, size: int) -> str:
    entry, digest = plain_entry(name), hashlib.sha256()
    entry.file_size = size  # so that an entry beyond 2 GiB gets the header that it needs
    with archive.open(entry, "w") as target:
        while block := source.read(_BLOCK_BYTES):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()

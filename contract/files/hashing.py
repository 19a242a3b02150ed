"""sha256 of files and folders."""

import hashlib
from pathlib import Path


def sha256_of_file(path: str | Path) -> str:
    """Return the hexadecimal sha256 of the file's bytes."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of(path: str | Path) -> str:
    """Return the sha256 of a file, or of a folder's sorted relative names and the sha256 of each file."""
    path = Path(path)
    if path.is_file():
        return sha256_of_file(path)
    lines = [f"{sha256_of_file(file)}  {file.relative_to(path).as_posix()}\n" for file in files_below(path)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def size_bytes_of(path: str | Path) -> int:
    """Return the size in bytes of a file, or the sum over all files of a folder."""
    path = Path(path)
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in files_below(path))


def files_below(folder: Path) -> list[Path]:
    """Return all files below `folder`, sorted by their path with forward slashes."""
    return sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix())

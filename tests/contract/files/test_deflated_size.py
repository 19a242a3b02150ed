"""Against Python's zipfile."""

import random
import zipfile
from pathlib import Path

from modelport.contract.files.deflated_size import deflated_bytes_of


def test_a_file_has_the_size_that_a_zip_gives_it(tmp_path: Path) -> None:
    """Larger than one read, half of it noise."""
    file = tmp_path / "model.bin"
    file.write_bytes(random.Random(0).randbytes(1_200_000) + bytes(1_200_000))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(file, "model.bin")
        assert archive.getinfo("model.bin").compress_size == deflated_bytes_of(file)
    assert 1_200_000 < deflated_bytes_of(file) < 1_210_000


def test_a_folder_has_the_sum_over_its_files(tmp_path: Path) -> None:
    for name in ("a/model.json", "a/b/shard.bin"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"weights " * 1000)
    one = deflated_bytes_of(tmp_path / "a" / "model.json")
    assert 2 * one == deflated_bytes_of(tmp_path / "a")


def test_an_empty_file_takes_what_deflate_takes_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert deflated_bytes_of(tmp_path / "empty") == 2

import hashlib
from pathlib import Path

from modelport.contract.files.hashing import sha256_of, sha256_of_file, size_bytes_of

#: FIPS 180-2, appendix B.1: the message "abc".
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def test_a_file_has_the_published_hash(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert ABC == sha256_of_file(tmp_path / "x") == sha256_of(tmp_path / "x") == sha256_of(str(tmp_path / "x"))


def test_a_folder_is_the_hash_of_what_sha256sum_prints(tmp_path: Path) -> None:
    root = folder(tmp_path / "x", {"b": b"abc", "a/c": b"abc", "a.txt": b"abc"})
    expected = f"{ABC}  a.txt\n{ABC}  a/c\n{ABC}  b\n"
    assert hashlib.sha256(expected.encode()).hexdigest() == sha256_of(root)


def test_a_folder_changes_with_a_byte_and_with_a_name(tmp_path: Path) -> None:
    variants = [{"a": b"1", "b": b"2"}, {"a": b"1", "b": b"3"}, {"a": b"1", "c": b"2"}, {"a": b"1", "x/b": b"2"}]
    assert 4 == len({sha256_of(folder(tmp_path / str(n), files)) for n, files in enumerate(variants)})


def test_sizes_are_bytes_of_all_files(tmp_path: Path) -> None:
    root = folder(tmp_path / "x", {"a": b"123", "deep/b": b"45"})
    assert 5 == size_bytes_of(root)
    assert 2 == size_bytes_of(root / "deep" / "b")

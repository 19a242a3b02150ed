from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.contract.labels.labels_file import check_unique, read_labels, write_labels


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"A\nB\nC\n", id="unix"),
        pytest.param(b"A\r\nB\r\nC\r\n", id="windows"),
        pytest.param(b"\xef\xbb\xbfA\nB\nC", id="byte-order-mark"),
        pytest.param(b"A\nB\nC\n\n\r\n", id="empty-lines-at-the-end"),
        pytest.param(b"A \n B\nC\t\n", id="blanks"),
    ],
)
def test_labels_are_read_as_users_save_them(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "labels.txt").write_bytes(data)
    assert ("A", "B", "C") == read_labels(tmp_path / "labels.txt") == read_labels(str(tmp_path / "labels.txt"))


def test_the_order_is_the_files_and_not_the_alphabets(tmp_path: Path) -> None:
    """A service paired a graph with labels in another order."""
    (tmp_path / "labels.txt").write_text("e\nh\no\nt\n")
    assert ("e", "h", "o", "t") == read_labels(tmp_path / "labels.txt")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(b"", "labels file is empty", id="empty"),
        pytest.param(b"A\n\nB\n", "labels file has an empty line", id="gap"),
        pytest.param(b"A\nB\nA\n", "a label occurs twice", id="twice"),
        pytest.param(b"A\n\xff\n", "labels cannot be read", id="not-utf8"),
        pytest.param("A\nB\n".encode("utf-16"), "labels cannot be read", id="utf16-of-windows"),
        pytest.param(None, "labels cannot be read", id="missing"),
    ],
)
def test_labels_that_name_no_outputs_are_refused(tmp_path: Path, data: bytes | None, what: str) -> None:
    if data is not None:
        (tmp_path / "labels.txt").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_labels(tmp_path / "labels.txt")
    assert (what, tmp_path / "labels.txt") == (caught.value.what, caught.value.where)


def test_written_labels_come_back(tmp_path: Path) -> None:
    labels = ("grün", "two words", "del", "0", "日本")
    write_labels(tmp_path / "labels.txt", labels)
    assert "grün\ntwo words\ndel\n0\n日本\n".encode() == (tmp_path / "labels.txt").read_bytes()
    assert labels == read_labels(tmp_path / "labels.txt")


def test_a_folder_name_that_is_not_utf8_is_no_label() -> None:
    """What os.listdir makes of the byte 0xff, which no labels file could hold."""
    with pytest.raises(InputError, match="UTF-8") as caught:
        check_unique(("good", "bad\udcff"), "photos")
    assert ("photos", "'bad\\udcff'") == (caught.value.where, caught.value.received)
    str(caught.value).encode()


@pytest.mark.parametrize("label", ["", " ", "a\nb", "a\r", "\u2028x", " a", "a "])
def test_a_label_that_would_not_come_back_is_refused(label: str) -> None:
    with pytest.raises(InputError, match="empty, holds a line break, or begins or ends with a blank"):
        check_unique(("good", label), "head")

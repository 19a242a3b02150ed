from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.contract.files.json_file import read_json


def test_json_is_read_from_a_path_and_from_its_name(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": [1, "ü"]}', encoding="utf-8")
    assert {"a": [1, "ü"]} == read_json(tmp_path / "x.json") == read_json(str(tmp_path / "x.json"))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param(None, "file is missing", id="missing"),
        pytest.param(b"", "file is not JSON that can be read", id="empty"),
        pytest.param(b'{"a": ', "file is not JSON that can be read", id="cut"),
        pytest.param(b"\xff\xfe", "file is not JSON that can be read", id="not-utf8"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "file is not JSON that can be read", id="nested-too-deeply"),
        pytest.param(b"9" * 5_000, "file is not JSON that can be read", id="a-number-without-end"),
    ],
)
def test_what_cannot_be_read_is_an_input_error_with_its_name(tmp_path: Path, data: bytes | None, what: str) -> None:
    if data is not None:
        (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_json(tmp_path / "x.json")
    assert (what, tmp_path / "x.json") == (caught.value.what, caught.value.where)


def test_a_folder_in_the_place_of_a_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not JSON"):
        read_json(tmp_path)

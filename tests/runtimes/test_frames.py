import io
import struct
from typing import Any

import numpy as np
import pytest
from modelport.runtimes.frames import MAX_HEADER_BYTES, read_frame, write_frame


def written(header: dict[str, Any], *arrays: Any) -> bytes:
    stream = io.BytesIO()
    write_frame(stream, header, arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.arange(24, dtype=np.float32).reshape(2, 3, 4), id="float32"),
        pytest.param(np.arange(6, dtype=np.uint8), id="uint8"),
        pytest.param(np.array([[0.5]], np.float16), id="float16"),
        pytest.param(np.arange(12.0).reshape(3, 4).T, id="not-contiguous"),
        pytest.param(np.zeros((0, 3), np.float32), id="empty"),
        pytest.param(np.array(1, np.int64), id="scalar"),
    ],
)
def test_an_array_comes_back_with_dtype_shape_and_values(array: Any) -> None:
    header, (back,) = read_frame(io.BytesIO(written({"ask": "pixels"}, array)))
    assert {"ask": "pixels"} == header
    assert array.dtype == back.dtype
    np.testing.assert_array_equal(array, back, strict=True)


def test_frames_follow_each_other() -> None:
    stream = io.BytesIO(written({"n": 1}, np.zeros(3)) + written({"n": 2}))
    assert [{"n": 1}, {"n": 2}] == [read_frame(stream)[0] for _ in range(2)]


def test_the_layout_is_the_documented_one() -> None:
    header = b'{"a": 1, "arrays": [{"dtype": "|u1", "shape": [2]}]}'
    assert struct.pack("<I", len(header)) + header + b"\x07\x08" == written({"a": 1}, np.array([7, 8], np.uint8))


def test_a_frame_cut_anywhere_is_an_end_of_file() -> None:
    whole = written({"ask": "pixels"}, np.arange(3, dtype=np.float32))
    for size in range(len(whole)):
        with pytest.raises(EOFError):
            read_frame(io.BytesIO(whole[:size]))


def test_a_header_of_gigabytes_is_not_read() -> None:
    with pytest.raises(ValueError, match="not a frame"):
        read_frame(io.BytesIO(struct.pack("<I", MAX_HEADER_BYTES + 1) + b"{}"))


def test_other_text_than_json_is_not_a_frame() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        read_frame(io.BytesIO(struct.pack("<I", 4) + b"oops"))

import io
import struct
from typing import Any

import numpy as np
import pytest
from modelport.runtimes.process.frames import MAX_HEADER_BYTES, read_frame, write_frame


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


def frame(text: str, content: bytes = b"") -> io.BytesIO:
    return io.BytesIO(struct.pack("<I", len(text)) + text.encode() + content)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{}", id="no-arrays"),
        pytest.param("[1]", id="a-list"),
        pytest.param("[" * 100_000, id="nested-too-deep"),
        pytest.param('{"arrays": 3}', id="arrays-are-a-number"),
        pytest.param('{"arrays": [3]}', id="array-is-a-number"),
        pytest.param('{"arrays": [{"dtype": "nope", "shape": [1]}]}', id="unknown-dtype"),
        pytest.param('{"arrays": [{"dtype": "|O", "shape": [1]}]}', id="objects"),
        pytest.param('{"arrays": [{"dtype": ["<f4"], "shape": [1]}]}', id="dtype-is-a-list"),
        pytest.param('{"arrays": [{"dtype": "<f4", "shape": 1}]}', id="shape-is-a-number"),
        pytest.param('{"arrays": [{"dtype": "<f4", "shape": [-4]}]}', id="negative"),
        pytest.param('{"arrays": [{"dtype": "<f4", "shape": [1.5]}]}', id="fraction"),
        pytest.param('{"arrays": [{"dtype": "<f4", "shape": [true]}]}', id="truth"),
        pytest.param('{"arrays": [{"dtype": "<f4", "shape": [' + "1," * 64 + "1]}]}", id="65-dimensions"),
        pytest.param('{"arrays": [{"shape": [1]}]}', id="no-dtype"),
    ],
)
def test_a_header_that_nobody_writes_is_not_a_frame(text: str) -> None:
    """Native code of a model can write on its worker's pipe; whatever it is, it is one kind of error."""
    with pytest.raises(ValueError, match="not a frame"):
        read_frame(frame(text, bytes(64)))


@pytest.mark.parametrize("shape", ["[10000000000000]", "[4611686018427387904, 4611686018427387904]", "[5, 5]"])
def test_arrays_that_declare_more_than_the_limit_are_not_read(shape: str) -> None:
    stream = frame(f'{{"arrays": [{{"dtype": "<f4", "shape": {shape}}}]}}', bytes(100))
    with pytest.raises(ValueError, match="more than the 99 that are read"):
        read_frame(stream, most_bytes=99)
    assert 100 == len(stream.read()), "its content was read"


def test_arrays_count_together_against_the_limit() -> None:
    whole = written({}, np.zeros(10, np.uint8), np.zeros(10, np.uint8))
    assert 2 == len(read_frame(io.BytesIO(whole), most_bytes=20)[1])
    with pytest.raises(ValueError, match="it declares 20 bytes"):
        read_frame(io.BytesIO(whole), most_bytes=19)


class OutOfMemory(np.ndarray[Any, Any]):
    def tobytes(self, order: Any = "C") -> bytes:
        raise MemoryError


def test_what_cannot_be_written_whole_is_not_begun() -> None:
    """Else the reader waits for the rest until its time limit, and memory that is short reads as a hang."""
    stream = io.BytesIO()
    with pytest.raises(MemoryError):
        write_frame(stream, {}, [np.zeros(2), np.zeros(2).view(OutOfMemory)])
    assert b"" == stream.getvalue()


@pytest.mark.parametrize("values", [["text"], [b"bytes"], [None], [1j]])
def test_what_holds_no_numbers_is_not_written(values: list[Any]) -> None:
    stream = io.BytesIO()
    with pytest.raises(ValueError, match="is no answer"):
        write_frame(stream, {}, [np.array(values)])
    assert b"" == stream.getvalue()


def test_other_text_than_json_is_not_a_frame() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        read_frame(io.BytesIO(struct.pack("<I", 4) + b"oops"))

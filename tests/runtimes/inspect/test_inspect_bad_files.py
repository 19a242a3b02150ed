"""Files that lie about what they are, or want to hurt who reads them: an error of ours, in bounded time and memory."""

import gzip
import io
import json
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.inspect.inspect_file import inspect_here
from modelport.runtimes.tflite.tables import load_tflite

#: Seconds that any of these files may take; the slowest takes a tenth of it here.
SECONDS = 10.0

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345678\n".format("0" * 64)


def archive(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            zipped.writestr(name, data)
    return file.getvalue()


def keras(config: bytes, **members: bytes) -> bytes:
    return archive({"config.json": config, "metadata.json": b'{"keras_version": "3.0.0"}'} | members)


def varint_field(number: int, value: int) -> bytes:
    return bytes([number << 3, value])


def bytes_field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def array_file() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


#: A SavedModel's schema version and one graph; a GraphDef with one node; a tensor of three floats. By hand.
SAVED_MODEL = varint_field(1, 1) + bytes_field(2, bytes_field(2, bytes_field(1, bytes_field(1, b"x"))))
GRAPH = bytes_field(1, bytes_field(1, b"x") + bytes_field(2, b"Placeholder"))
TENSOR = varint_field(1, 3) + varint_field(2, 1) + bytes_field(9, bytes(12))
XML = b'<?xml version="1.0"?>\n'


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        pytest.param("m.tflite", b"", "the file is empty", id="empty"),
        pytest.param("m.tflite", LFS.encode(), "a Git LFS pointer, not the model", id="lfs-pointer"),
        pytest.param("m.onnx", LFS.replace("\n", "\r\n").encode(), "a Git LFS pointer", id="lfs-pointer-crlf"),
        pytest.param("m.h5", b"<!DOCTYPE html><html><body>Sign in</body>", "a web page saved", id="html"),
        pytest.param("m.h5", b"\xef\xbb\xbf\n <HTML>", "a web page saved", id="html-with-byte-order-mark"),
        pytest.param("m.onnx", XML + b"<!-- by hand -->\n<!DOCTYPE html>", "a web page saved", id="xhtml"),
        pytest.param("m.onnx", b"<!---->" * 70 + b"x", "not a model in a format", id="comments-only"),
        pytest.param("m.xml", XML + b'<net name="resnet" version="11"/>', "not a model in a format", id="openvino"),
        pytest.param("m.tflite", bytes(range(256)) * 40, "not a model in a format", id="garbage"),
        pytest.param("m.tflite", b"hello, this is a note", "not a model in a format", id="text"),
        pytest.param("m.keras", b"PK\x03\x04 and no more", "a damaged ZIP archive", id="truncated-zip"),
        pytest.param("m.keras", archive({"a.txt": b"x"}), "an incomplete .keras archive", id="zip-that-is-no-keras"),
        pytest.param("m.zip", archive({"a.txt": b"x"}), "a ZIP archive that holds no Keras model", id="another-zip"),
        pytest.param("m.zip", archive({"contract.json": b"", "artifacts.json": b""}), "a gate pack", id="gate-pack"),
        pytest.param("m.keras", archive({"a.npy": array_file()}), "NumPy arrays", id="npz"),
        pytest.param("m.onnx", archive({"x/data.pkl": b""}), "a PyTorch checkpoint", id="pytorch"),
        pytest.param("m.onnx", array_file(), "a NumPy array", id="npy"),
        pytest.param("m.keras", b"\x80\x04\x95 a pickle.", "a Python pickle", id="pickle"),
        pytest.param("m.tflite", gzip.compress(b"x"), "a gzip archive", id="gzip"),
        pytest.param("m.tflite", b"\x89PNG\r\n\x1a\n", "an image (PNG)", id="png"),
        pytest.param("m.tflite", b"RIFF\x1a\0\0\0WEBPVP8L", "an image (WEBP)", id="webp"),
        pytest.param("m.onnx", b"\0\0\0\x1cftypavif\0\0\0\0", "an image (AVIF)", id="avif"),
        pytest.param(
            "model.pb", SAVED_MODEL, "a SavedModel's saved_model.pb, not a frozen graph", id="saved-model-as-graph"
        ),
        pytest.param("saved_model.pb", SAVED_MODEL, "a SavedModel is a folder", id="one-file-of-a-saved-model"),
        pytest.param("output_0.pb", TENSOR, "an ONNX tensor", id="onnx-tensor"),
    ],
)
def test_an_impostor_is_named(tmp_path: Path, name: str, data: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        inspect_here(tmp_path / name)
    assert str(caught.value).startswith(sentence)
    assert str(tmp_path / name) in str(caught.value).splitlines()[0]


def test_a_graph_named_as_a_saved_model_is_told_by_its_content(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow", reason="reading a GraphDef needs the extra [tensorflow]")
    (tmp_path / "saved_model.pb").write_bytes(GRAPH)
    assert "frozen_graph" == inspect_here(tmp_path / "saved_model.pb").format


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        pytest.param({}, "an empty folder", id="empty-folder"),
        pytest.param({"saved_model.pbtxt": b""}, "a SavedModel as text", id="text-saved-model"),
        pytest.param({"config.json": b"", "model.weights.h5": b""}, "an unpacked .keras archive", id="unpacked-keras"),
        pytest.param({"a.jpg": b""}, "a.jpg", id="photos"),
        pytest.param({"model.json": b"{}"}, "not a TensorFlow.js model", id="another-model.json"),
        pytest.param({"model.json": b"[" * 100_000}, "model.json is not JSON", id="deep-json"),
        pytest.param({"model.json": b"\xff\xfe"}, "model.json is not JSON", id="no-utf-8"),
    ],
)
def test_a_folder_that_is_no_model_is_named(tmp_path: Path, members: dict[str, bytes], sentence: str) -> None:
    for name, data in members.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        inspect_here(tmp_path)
    assert sentence in str(caught.value)


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        inspect_here(tmp_path / "absent.tflite")


#: 200 MB of blanks, which deflate to 200 kB.
BOMB = b"{" + b" " * 200_000_000


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(lambda: keras(BOMB), "too large", id="zip-bomb"),
        pytest.param(lambda: keras(b"[" * 200_000), "not JSON", id="deep-list"),
        pytest.param(lambda: keras(b'{"config":' * 200_000), "not JSON", id="deep-object"),
        pytest.param(lambda: keras(b"[1, 2]"), "not understood", id="no-object"),
        pytest.param(lambda: keras(b'{"class_name": 7, "config": 8}'), "not understood", id="numbers"),
        pytest.param(lambda: keras(b"\xff\xfe\x00"), "not JSON", id="no-utf-8"),
    ],
)
def test_a_hostile_keras_archive_is_refused_in_bounded_time(
    tmp_path: Path, data: Callable[[], bytes], sentence: str
) -> None:
    (tmp_path / "model.keras").write_bytes(data())
    start = time.monotonic()
    with pytest.raises(InputError, match=sentence):
        inspect_here(tmp_path / "model.keras")
    assert SECONDS > time.monotonic() - start


def test_weights_that_unpack_to_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    """A gigabyte of zeros, 1 MB as a ZIP."""
    pytest.importorskip("h5py", reason="counting weights needs the extra [tensorflow]")
    with zipfile.ZipFile(tmp_path / "m.keras", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("config.json", '{"class_name": "Sequential", "config": {"layers": []}}')
        zipped.writestr("metadata.json", "{}")
        with zipped.open("model.weights.h5", "w", force_zip64=True) as member:
            for _ in range(65):
                member.write(bytes(1 << 24))
    start = time.monotonic()
    with pytest.raises(InputError, match="weights inside are too large"):
        inspect_here(tmp_path / "m.keras")
    assert SECONDS > time.monotonic() - start


def test_a_keras_archive_with_hostile_names_writes_nothing(tmp_path: Path) -> None:
    """Members are read by name and never unpacked."""
    pytest.importorskip("h5py", reason="counting weights needs the extra [tensorflow]")
    folder = tmp_path / "inside"
    folder.mkdir()
    config = json.dumps({"class_name": "Sequential", "config": {"name": "\x1b[2J../../evil", "layers": []}})
    data = keras(config.encode(), **{"../../escape.txt": b"x", "/etc/escape": b"x", "model.weights.h5": b"no HDF5"})
    (folder / "model.keras").write_bytes(data)
    with pytest.raises(InputError, match=r"weights inside the \.keras file are damaged"):
        inspect_here(folder / "model.keras")
    assert [folder] == list(tmp_path.iterdir())


def flatbuffer(field: int, length: int) -> bytes:
    """A model whose table has one field, a vector that claims `length` elements. By hand, as flatbuffers lays it out.

    root offset, identifier, vtable (size, table size, offsets), table (vtable offset, vector offset), vector.
    """
    slots = [0] * (field + 1)
    slots[field] = 4
    vtable = struct.pack(f"<HH{len(slots)}H", 4 + 2 * len(slots), 8, *slots)
    vtable += b"\0" * (-len(vtable) % 4)
    table = 8 + len(vtable)
    body = struct.pack("<iI", table - 8, 4) + struct.pack("<I", length)
    return struct.pack("<I", table) + b"TFL3" + vtable + body + b"\0" * 64


@pytest.mark.parametrize("field", [1, 2, 4, 5, 6, 7], ids=["codes", "graphs", "buffers", "buffer", "metadata", "doors"])
@pytest.mark.parametrize("length", [1 << 20, (1 << 31) - 1, (1 << 32) - 1])
def test_a_flatbuffer_with_a_huge_vector_is_refused_in_bounded_time(field: int, length: int) -> None:
    start = time.monotonic()
    with pytest.raises(InputError, match="TFLite model is damaged"):
        load_tflite(flatbuffer(field, length))
    assert SECONDS > time.monotonic() - start


def test_a_flatbuffer_that_names_one_graph_again_and_again_is_refused_in_bounded_time() -> None:
    """160 kB that unpack to 400 million tensors: 20,000 offsets to one graph of 20,000 offsets to one tensor."""
    builder = flatbuffers.Builder(1 << 18)

    def table(slot: int, value: int) -> int:
        builder.StartObject(slot + 1)
        builder.PrependUOffsetTRelativeSlot(slot, value, 0)
        return int(builder.EndObject())

    def again_and_again(item: int) -> int:
        builder.StartVector(4, 20_000, 4)
        for _ in range(20_000):
            builder.PrependUOffsetTRelative(item)
        return int(builder.EndVector())

    builder.StartObject(0)
    graph = table(0, again_and_again(builder.EndObject()))
    builder.Finish(table(2, again_and_again(graph)), file_identifier=b"TFL3")
    start = time.monotonic()
    with pytest.raises(InputError, match="TFLite model is damaged"):
        load_tflite(bytes(builder.Output()))
    assert SECONDS > time.monotonic() - start


def test_the_handmade_flatbuffer_is_read_where_its_vector_is_empty() -> None:
    """So that what is refused above is the length, and not the form."""
    assert [] == load_tflite(flatbuffer(2, 0)).subgraphs


@pytest.mark.parametrize("size", [8, 9, 30, 100, 1000, 20_000])
def test_a_truncated_tflite_file_is_refused(exported_run: Path, tmp_path: Path, size: int) -> None:
    data = (exported_run / "model.full_int8.tflite").read_bytes()
    (tmp_path / "cut.tflite").write_bytes(data[:size])
    with pytest.raises(InputError, match="TFLite model is damaged"):
        inspect_here(tmp_path / "cut.tflite")


def test_a_truncated_onnx_file_is_refused(exported_run: Path, tmp_path: Path) -> None:
    data = (exported_run / "model.onnx").read_bytes()
    (tmp_path / "cut.onnx").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="ONNX model is damaged"):
        inspect_here(tmp_path / "cut.onnx")


@pytest.mark.parametrize(
    ("name", "sentence"), [("trained_model_graph.pb", "frozen graph is damaged"), ("model.keras", "damaged ZIP")]
)
def test_a_truncated_graph_or_archive_is_refused(exported_run: Path, tmp_path: Path, name: str, sentence: str) -> None:
    data = (exported_run / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=sentence):
        inspect_here(tmp_path / name)


def test_a_truncated_saved_model_is_refused(exported_run: Path, tmp_path: Path) -> None:
    data = (exported_run / "saved_model" / "saved_model.pb").read_bytes()
    (tmp_path / "saved_model.pb").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=r"saved_model\.pb is damaged"):
        inspect_here(tmp_path)


def test_a_truncated_hdf5_file_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="HDF5 needs the extra [tensorflow]")
    with h5py.File(tmp_path / "whole.h5", "w") as file:
        file.create_dataset("layers/vars/0", data=np.zeros(10_000, np.float32))
    data = (tmp_path / "whole.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="HDF5 file is damaged"):
        inspect_here(tmp_path / "cut.h5")


def test_an_hdf5_file_that_links_to_itself_and_to_others_ends(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="HDF5 needs the extra [tensorflow]")
    with h5py.File(tmp_path / "loop.weights.h5", "w") as file:
        group = file.create_group("layers")
        group.create_dataset("0", data=np.zeros((3, 4), np.float32))
        group["again"], group["other"] = group, h5py.ExternalLink("/etc/hostname", "x")
    assert 12 == inspect_here(tmp_path / "loop.weights.h5").parameters

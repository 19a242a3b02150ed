"""Which format a file or folder has: by its content first, by its name second; impostors are named."""

from pathlib import Path

from ...contract.errors import InputError
from ...contract.formats import FORMATS, format_of_folder
from .impostors import name_impostor
from .protobuf_kind import protobuf_kind
from .zip_kind import is_keras_archive

#: What `inspect` reads, and the words for it; any HDF5 file is a "keras_h5" until h5py has looked.
KINDS = {name: row.title for name, row in FORMATS.items() if name != "h5"} | {
    "keras_h5": FORMATS["h5"].title,
    "keras_weights": "Keras weights in HDF5",
}

#: Bytes read to tell a format. A protocol buffer is told from its whole content, up to MAX_PROTOBUF_BYTES.
HEAD_BYTES = 4096
MAX_PROTOBUF_BYTES = 1 << 31

_HDF5 = b"\x89HDF\r\n\x1a\n"


def detect_format(path: Path) -> str:
    """Return a key of KINDS; "keras_h5" stands for any HDF5 file, which only h5py can tell apart.

    Raises:
        InputError: nothing there, or not a model: an impostor is named with what to do about it.
    """
    if not path.exists():
        raise InputError("nothing to inspect: no such file or folder", where=path)
    if path.is_dir():
        return _format_of_folder(path)
    if not path.is_file():
        raise InputError("not a file or folder", where=path)
    with open(path, "rb") as stream:
        head = stream.read(HEAD_BYTES)
    for name, row in FORMATS.items():
        if row.begins and head.startswith(row.begins[1], row.begins[0]):
            return name
    if head.startswith(_HDF5):
        return "keras_h5"
    if head.startswith(b"PK\x03\x04") and is_keras_archive(path):
        return "keras"
    if head.lstrip()[:1] == b"{" and b'"modelTopology"' in head + _rest(path):
        return "tfjs"
    name_impostor(path, head)
    return _format_of_protobuf(path, head)


def _rest(path: Path) -> bytes:
    """Return the file, for a text that is searched for a key; a model.json of more than 256 MB is none."""
    return path.read_bytes() if path.stat().st_size < 1 << 28 else b""


def _format_of_folder(path: Path) -> str:
    if found := format_of_folder(path):
        return found
    if (path / "saved_model.pbtxt").is_file():
        raise InputError("a SavedModel as text is not read", where=path, fix="save it again as saved_model.pb")
    if (path / "config.json").is_file() and (path / "model.weights.h5").is_file():
        raise InputError("an unpacked .keras archive", where=path, fix="zip its three files again as model.keras")
    raise InputError(
        "not a folder that inspect knows",
        where=path,
        expected="a run folder (contract.json), a SavedModel (saved_model.pb) or a TensorFlow.js model (model.json)",
        received=_listing(path),
        fix="name one of the files in it",
    )


def _listing(path: Path) -> str:
    names = sorted(entry.name for entry in path.iterdir())
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") or "an empty folder"


def _format_of_protobuf(path: Path, head: bytes) -> str:
    size = path.stat().st_size
    kind = protobuf_kind(path.read_bytes() if size <= MAX_PROTOBUF_BYTES else head)
    if kind in ("onnx", "frozen_graph"):
        return kind
    if kind == "saved_model":
        if path.name == "saved_model.pb":
            raise InputError(
                "a SavedModel is a folder, and this is only one of its files",
                where=path,
                fix=f"modelport inspect {path.parent}",
            )
        raise InputError(
            "a SavedModel's saved_model.pb, not a frozen graph: its weights are in files beside it",
            where=path,
            expected="a GraphDef with its weights inside, or the whole SavedModel folder",
            fix="give the folder with saved_model.pb and variables/, or modelport convert it to a frozen graph",
        )
    if kind == "onnx_tensor":
        raise InputError(
            "an ONNX tensor, such as the test data beside a model, not a model",
            where=path,
            fix="inspect the .onnx file",
        )
    received = f"a text that begins with {head[:40].decode()!r}" if _is_text(head) else f"bytes {head[:8]!r}"
    raise InputError(
        "not a model in a format that inspect knows",
        where=path,
        expected="; ".join(KINDS.values()),
        received=f"{size:,} bytes: {received}",
        fix="if it was downloaded, compare its size and sha256 with the source",
    )


def _is_text(head: bytes) -> bool:
    try:
        text = head[:40].decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)

"""Files that lie where a model should be, and are something else: each is named, with what to do about it."""

import re
import zipfile
from pathlib import Path

from ...contract.errors import InputError
from ...contract.image.image_formats import image_format_of
from .zip_kind import name_zip

#: What a file begins with, what that is, and what to do.
_MAGIC = (
    (b"\x93NUMPY", "a NumPy array, not a model", "inspect the model that it belongs to"),
    (b"\x1f\x8b", "a gzip archive", "unpack it, and inspect the model inside"),
    (b"BZh", "a bzip2 archive", "unpack it, and inspect the model inside"),
    (b"\xfd7zXZ\x00", "an xz archive", "unpack it, and inspect the model inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it, and inspect the model inside"),
    (b"%PDF", "a PDF document", "inspect the model"),
    (b"GGUF", "a GGUF language model", "modelport takes image classifiers"),
)

_LFS = b"version https://git-lfs"
#: Before the first tag: a byte order mark, an XML declaration (of XHTML, but of OpenVINO's .xml too), comments.
_PROLOGUE = rb"(?:\s|\xef\xbb\xbf|<\?xml[^>]*>|<!--.*?-->)*+"
_HTML = re.compile(_PROLOGUE + rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")


def name_impostor(path: Path, head: bytes) -> None:
    """Raise InputError if `head`, the file's first bytes, is that of something known that is no model.

    A pickle is named by its first bytes and never read.
    """
    if not head:
        raise InputError("the file is empty", where=path, fix="download or export it again")
    if head.startswith(_LFS):
        size = re.search(rb"^size (\d+)", head, re.MULTILINE)
        raise InputError(
            "a Git LFS pointer, not the model",
            where=path,
            expected=f"the model of {int(size[1]):,} bytes" if size and len(size[1]) < 20 else "the model itself",
            received=f"a text of {path.stat().st_size:,} bytes that names it",
            fix="git lfs install && git lfs pull",
        )
    if _HTML.match(head):
        raise InputError(
            "a web page saved under a model's name",
            where=path,
            received=f"text that begins with {head.strip()[:30].decode(errors='replace')!r}",
            fix="download it again: the link led to a page (a login or a viewer), not to the file",
        )
    if head.lstrip().startswith(b"node {"):
        fix = "write it again with tf.io.write_graph(graph, FOLDER, NAME, as_text=False)"
        raise InputError("a TensorFlow GraphDef as text", where=path, expected="the same as bytes", fix=fix)
    for magic, what, fix in _MAGIC:
        if head.startswith(magic):
            raise InputError(what, where=path, fix=fix)
    if image := image_format_of(head):
        fix = "inspect the model; modelport predict runs it on an image"
        raise InputError(f"an image ({image.name}), not a model", where=path, fix=fix)
    if head[257:262] == b"ustar":
        raise InputError("a tar archive", where=path, fix="unpack it, and inspect the model inside")
    if _PICKLE.match(head):
        fix = "export it to ONNX or TFLite where it was trained"
        raise InputError("a Python pickle, which can run any code and is not opened", where=path, fix=fix)
    if head.startswith(b"PK") and zipfile.is_zipfile(path):
        name_zip(path)

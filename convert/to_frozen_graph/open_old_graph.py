"""Open the file of an old frozen graph, and say of one that is none what it is."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

from ...contract.errors import InputError
from ...runtimes.detect.detect_format import detect_format
from ...runtimes.tf_graph.read_graph_def import check_whole, read_graph_def
from .tensor_names import is_node_name

#: The way out of every refusal: say what the client feeds and reads, in the place of the file.
WITHOUT = (
    "drop --like and say it yourself: --family inception (a file's bytes) or pixels, "
    "--input-name, --output-name, --like-labels OLD.txt"
)
#: Bytes that are looked at to tell noise, and the bits of entropy a byte above which they are: AES has 8.0, text 4-5.
_NOISE_BYTES, _NOISE_BITS = 1 << 16, 7.5


def open_old_graph(path: Path) -> Any:
    """Return the GraphDef in a file from elsewhere; raises InputError for what is none, and says what it is."""
    try:
        kind = detect_format(path)
    except InputError as error:
        noise = _noise(path)
        received = "\n".join(str(part) for part in (error.received, noise) if part is not None)
        first = "decrypt or unpack it first" if noise else error.fix
        raise InputError(
            f"old graph cannot be read: {error.what}",
            where=path,
            expected="a frozen graph (.pb), as the old client loads it",
            received=received or None,
            fix=f"{first}; or {WITHOUT}" if first else WITHOUT,
        ) from error
    if kind != "frozen_graph":
        raise InputError("old graph is no frozen graph", where=path, expected=".pb", received=kind, fix=WITHOUT)
    graph = read_graph_def(path)
    check_whole(graph, path)
    unfit = [node.name for node in graph.node if not is_node_name(node.name)]
    if unfit:
        raise InputError(
            "old graph has names that TensorFlow does not take", where=path, received=repr(unfit[0]), fix=WITHOUT
        )
    return graph


def _noise(path: Path) -> str | None:
    if not path.is_file():
        return None
    with open(path, "rb") as stream:
        data = stream.read(_NOISE_BYTES)
    bits = -sum(n / len(data) * math.log2(n / len(data)) for n in Counter(data).values())
    return f"{bits:.1f} bits of entropy a byte: encrypted or compressed" if bits > _NOISE_BITS else None

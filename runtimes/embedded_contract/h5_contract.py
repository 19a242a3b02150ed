"""modelport's contract in a legacy Keras .h5 file: a data set beside the weights, as JSON."""

import json
from pathlib import Path
from typing import Any

from .contract_from_facts import MAX_CONTRACT_BYTES

#: The data set's name. An attribute would end at 64 kB.
CONTRACT_DATASET = "modelport_contract"


def read_h5_contract(path: Path) -> dict[str, Any] | None:
    """Return the contract; None if there is none, or one that is no JSON object. The file is HDF5."""
    import h5py

    try:
        with h5py.File(path) as file:
            if not isinstance(file.get(CONTRACT_DATASET, getlink=True), h5py.HardLink):  # a link may lead elsewhere
                return None
            held = file[CONTRACT_DATASET]
            if not isinstance(held, h5py.Dataset) or held.shape != () or path.stat().st_size < held.nbytes:
                return None
            text = held[()]
        value = json.loads(text) if isinstance(text, bytes | str) and len(text) <= MAX_CONTRACT_BYTES else None
    except (OSError, RuntimeError, KeyError, ValueError):  # h5py's on damage, JSON's, and Python's on endless nesting
        return None
    return value if isinstance(value, dict) else None

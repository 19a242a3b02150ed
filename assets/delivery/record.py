"""delivery.json: what modelport put into a folder, with the sha256 of each file. It may come from anywhere."""

import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ...contract.errors import InputError
from ...contract.files.atomic_write import write_json
from ...contract.files.inner_path import check_inner_paths, place_in
from ...contract.files.journal import lies_there
from ...contract.files.json_file import read_json

RECORD = "delivery.json"
_VERSION = 1
_MOST_BYTES = 16 * 2**20
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """The content of delivery.json.

    Attributes:
        product: what was delivered.
        about: where it came from.
        files: path to the sha256 that the file had when it was delivered.
        pending: path to the sha256 that a delivery was about to give it. Whether it did, the file itself tells.
    """

    product: str
    about: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)

    def settled(self, target: Path) -> "DeliveryRecord":
        """Return the record with nothing pending: what got its bytes before the process stopped is delivered."""
        done = {name: digest for name, digest in self.pending.items() if lies_there(place_in(target, name), digest)}
        return replace(self, files=self.files | done, pending={})


def read_record(target: Path) -> DeliveryRecord | None:
    """Read delivery.json in `target`; None where there is none.

    Raises:
        InputError: broken, huge, of another version or of other types, or with a path that leaves the folder.
    """
    path = target / RECORD
    if not path.exists():
        return None
    fix = f"move {RECORD} away; files that lie there are then replaced with --overwrite only"
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        raise InputError("not a record of a delivery", where=path, expected=f"at most {_MOST_BYTES:,} bytes", fix=fix)
    value = read_json(path)
    if not isinstance(value, dict) or value.get("modelport_delivery") != _VERSION:
        raise InputError("not a delivery of this version", where=path, expected=_VERSION, fix=fix)
    tables = {name: _table(value, name, path, fix) for name in ("about", "files", "pending")}
    product, digests = value.get("product"), (*tables["files"].values(), *tables["pending"].values())
    if not isinstance(product, str) or not all(map(_SHA256.fullmatch, digests)):
        raise InputError("not a record of a delivery", where=path, expected="a product, and sha256 sums", fix=fix)
    check_inner_paths(tables["files"] | tables["pending"], where=path)
    return DeliveryRecord(product=product, **tables)


def write_record(target: Path, record: DeliveryRecord) -> None:
    """Write delivery.json atomically, with sorted names."""
    value = {"modelport_delivery": _VERSION} | asdict(record)
    for name in ("files", "pending"):
        value[name] = dict(sorted(value[name].items()))
    if not record.pending:
        del value["pending"]
    write_json(target / RECORD, value)


def _table(value: dict[str, Any], name: str, path: Path, fix: str) -> dict[str, str]:
    found = value.get(name, {})
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise InputError("not a record of a delivery", where=path, expected=f"{name}: a table of texts", fix=fix)
    return found

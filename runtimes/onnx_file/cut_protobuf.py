"""Say of a protocol buffer that cannot be opened that it is cut off, if it is: parsers only say that they failed."""

from pathlib import Path

from ...contract.errors import InputError
from ..detect.protobuf_fields import protobuf_fields


def check_whole(path: str | Path) -> None:
    """Raise InputError if the file ends before its fields do, or holds none."""
    data = Path(path).read_bytes()
    try:
        fields = sum(1 for _ in protobuf_fields(data))
        reason = "" if fields else "an empty file"
    except ValueError as error:
        reason = f"{len(data):,} bytes; {error}"
    if reason:
        fix = "copy or export it again, and compare its size with the source"
        raise InputError("the file is cut off or damaged", where=path, received=reason, fix=fix)

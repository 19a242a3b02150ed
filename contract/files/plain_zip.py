"""ZIP archives of which the same members give the same bytes, whoever writes them, where and when."""

import zipfile


def plain_entry(name: str) -> zipfile.ZipInfo:
    """Return a plain file's entry of 1980, made on Unix wherever it is made, stored as it is.

    Not deflated: what a compressor answers depends on which zlib Python was built with, and weights hardly shrink
    (those of the demo by a twelfth).
    """
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    return entry

"""Names of options that were replaced: still taken, and said to be older."""

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import UsageError

#: Of --license and --data-license, which `deliver archive` once spelt otherwise than `convert`.
LICENSES = {"licence": "license", "data_licence": "data_license"}


def under_newer_names(
    given: Mapping[str, Any], older: Mapping[str, str], spelt: Callable[[str], str]
) -> tuple[dict[str, Any], list[str]]:
    """Return what was given under the names of today, and a note for each older one.

    Args:
        given: name to value; None: not given.
        older: older name to the one of today.
        spelt: how a name is written where it was given, such as "--data-license".

    Raises:
        UsageError: an option is given under both of its names.
    """
    found, notes = {name: value for name, value in given.items() if name not in older}, []
    for name, newer in older.items():
        if given.get(name) is None:
            continue
        if found.get(newer) is not None:
            both = f"{spelt(name)} and {spelt(newer)}"
            raise UsageError("option is given under two names", received=both, fix=f"drop {spelt(name)}")
        found[newer] = given[name]
        notes.append(f"{spelt(name)} is the older name of {spelt(newer)}")
    return found, notes

"""Assets that a pubspec.yaml lists for some builds only: there, and yet missing in the others."""

from collections.abc import Sequence

from .lines import Line, below, children, roots

#: Keys beside an asset's path that decide which builds get it, and as what.
_CONDITIONS = ("flavors", "platforms", "transformers")


def flavor_notes(read: Sequence[Line], asset: str) -> tuple[str, ...]:
    """Return a note where each entry of `asset` has a condition; none where it is not listed, or one has none.

    Raises:
        NotUnderstoodError: the lines below flutter or assets are of no kind that is read here.
    """
    flutter = next((line for line in roots(read) if line.key == "flutter"), None)
    assets = next((line for line in children(read, flutter) if line.key == "assets"), None) if flutter else None
    entries = [(item, *below(read, item)) for item in children(read, assets)] if assets else []
    listed = [entry for entry in entries if any(line.value == asset and line.key in ("", "path") for line in entry)]
    conditions = [[line.key for line in entry if line.key in _CONDITIONS] for entry in listed]
    if not listed or not all(conditions):
        return ()
    where, keys = listed[0][0].number, " and ".join(conditions[0])
    return (f"{asset} is there with {keys} (line {where}): the model is missing or changed in builds that differ",)

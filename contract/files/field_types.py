"""Types of what came out of a JSON file: a dataclass takes anything."""

from ..errors import InputError


def check_field_types(value: object, where: object, **kinds: type) -> None:
    """Raise InputError naming every attribute of `value` that is not of its kind; True is no int, and 64.0 neither.

    Example:
        check_field_types(artifact, "artifacts.json", path=str, size_bytes=int)
    """
    found = {name: getattr(value, name) for name in kinds}
    wrong = [n for n, v in found.items() if not isinstance(v, kinds[n]) or (kinds[n] is int and isinstance(v, bool))]
    if wrong:
        raise InputError(
            "value of another type",
            where=where,
            expected=", ".join(f"{name}: {kinds[name].__name__}" for name in wrong),
            received=", ".join(f"{name} = {found[name]!r}" for name in wrong),
        )

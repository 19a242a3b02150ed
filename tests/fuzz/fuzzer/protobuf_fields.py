"""Change a field of a protocol buffer, whatever its message: the descriptor says what each may hold."""

import random
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor as Field

from .edge_values import Traps, bytes_near, integer, real, text

_RANGES = {
    Field.CPPTYPE_INT32: (-(1 << 31), (1 << 31) - 1),
    Field.CPPTYPE_INT64: (-(1 << 63), (1 << 63) - 1),
    Field.CPPTYPE_UINT32: (0, (1 << 32) - 1),
    Field.CPPTYPE_UINT64: (0, (1 << 64) - 1),
    Field.CPPTYPE_ENUM: (-1, 1 << 20),
    Field.CPPTYPE_BOOL: (0, 1),
}


def mutate_message(random: random.Random, message: Any, traps: Traps) -> str:
    """Change one field somewhere in `message`; return what was done, for people.

    Each message of the tree is as likely as any other, then each of its fields that are set, and now and then one that
    is not.
    """
    every = list(_messages(message))
    for _ in range(50):
        path, chosen = random.choice(every)
        fields = [field for field, _ in chosen.ListFields()]
        if not fields or random.random() < 0.1:
            fields = list(chosen.DESCRIPTOR.fields)
        if not fields:
            continue
        field = random.choice(fields)
        try:
            done = _mutate(random, chosen, field, every, traps)
        except (ValueError, TypeError, OverflowError):  # a closed enumeration takes no foreign number, say
            continue
        return f"{path}.{field.name}: {done}"
    return "nothing"


def _messages(message: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                for key in sorted(value):
                    yield from _messages(value[key], f"{path}.{field.name}[{key}]")
        elif _is_list(field):
            for number, item in enumerate(value):
                yield from _messages(item, f"{path}.{field.name}[{number}]")
        else:
            yield from _messages(value, f"{path}.{field.name}")


def _mutate(random: random.Random, message: Any, field: Any, every: list[tuple[str, Any]], traps: Traps) -> str:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return _mutate_map(random, getattr(message, field.name), field.message_type.fields_by_name["value"])
    if _is_list(field):
        return _mutate_list(random, getattr(message, field.name), field, every, traps)
    if field.message_type is not None:
        return _mutate_part(random, message, field, every)
    value = _scalar(random, field, getattr(message, field.name), every, traps)
    setattr(message, field.name, value)
    return f"= {str(value)[:60]!r}"


def _mutate_list(random: random.Random, values: Any, field: Any, every: list[tuple[str, Any]], traps: Traps) -> str:
    if field.message_type is None and random.random() < 0.6:
        at = random.randrange(len(values)) if values else 0
        new = _scalar(random, field, values[at] if values else None, every, traps)
        values[at : at + 1] = [new]
        return f"[{at}] = {str(new)[:60]!r}"
    if not values:
        return _add(random, values, field, every)
    at = random.randrange(len(values))
    match random.randrange(4):
        case 0:
            del values[at]
            return f"without {at}"
        case 1:
            values.append(values[at])
            return f"{at} twice"
        case 2:
            other = random.randrange(len(values))
            items = list(values)
            copies = [_copy(item) for item in items]
            copies[at], copies[other] = copies[other], copies[at]
            del values[:]
            values.extend(copies)
            return f"{at} and {other} exchanged"
        case _:
            return _add(random, values, field, every)


def _add(random: random.Random, values: Any, field: Any, every: list[tuple[str, Any]]) -> str:
    """Add an element: of messages, one that stands elsewhere in the file."""
    if field.message_type is None:
        values.extend(values[:1])
        return "the first twice"
    kin = [other for _, other in every if other.DESCRIPTOR is field.message_type]
    values.append(_copy(random.choice(kin)) if kin else values.add())
    return "one more, from elsewhere"


def _mutate_part(random: random.Random, message: Any, field: Any, every: list[tuple[str, Any]]) -> str:
    kin = [other for _, other in every if other.DESCRIPTOR is field.message_type]
    if kin and random.random() < 0.7:
        getattr(message, field.name).CopyFrom(_copy(random.choice(kin)))
        return "from elsewhere"
    message.ClearField(field.name)
    if random.random() < 0.3:
        getattr(message, field.name).SetInParent()
        return "empty"
    return "gone"


def _mutate_map(random: random.Random, values: Any, value_field: Any) -> str:
    """Remove an entry, or give one the value of another."""
    keys = sorted(values)
    if not keys:
        return "still empty"
    key, other = random.choice(keys), random.choice(keys)
    if random.random() < 0.3 or value_field.message_type is None:
        del values[key]
        return f"without {key}"
    if random.random() < 0.5:
        values[key].CopyFrom(_copy(values[other]))
        return f"{key} like {other}"
    values["T" if random.random() < 0.5 else f"{key}x"].CopyFrom(_copy(values[key]))
    return f"{key} under another name"


def _scalar(random: random.Random, field: Any, old: Any, every: list[tuple[str, Any]], traps: Traps) -> Any:
    kind = field.cpp_type
    if kind in (Field.CPPTYPE_FLOAT, Field.CPPTYPE_DOUBLE):
        return real(random, float(old or 0))
    if kind == Field.CPPTYPE_STRING:
        if field.type == Field.TYPE_BYTES:
            return bytes_near(random, bytes(old or b""))
        return text(random, _texts(random, field, every), traps)
    if kind == Field.CPPTYPE_ENUM and random.random() < 0.8:
        return random.choice(field.enum_type.values).number
    return integer(random, int(old or 0), *_RANGES[kind])


def _texts(random: random.Random, field: Any, every: list[tuple[str, Any]]) -> list[str]:
    """Return the texts of other fields of this name or kind, such as operator names for an operator."""
    found: list[str] = []
    for _, message in every:
        for other, value in message.ListFields():
            is_kin = other.name == field.name or {other.name, field.name} <= {"name", "input", "output"}
            if is_kin and other.cpp_type == Field.CPPTYPE_STRING and other.type != Field.TYPE_BYTES:
                found += list(value) if _is_list(other) else [value]
    return found


def _is_list(field: Any) -> bool:
    return bool(field.is_repeated)


def _copy(value: Any) -> Any:
    if not hasattr(value, "CopyFrom"):
        return value
    copy = type(value)()
    copy.CopyFrom(value)
    return copy

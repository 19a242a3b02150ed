"""Change a field of a tree of plain objects, lists and NumPy arrays: a flatbuffer's schema objects, or JSON values."""

import copy
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .edge_values import Traps, bytes_near, integer, real, text

_MOST_CHANGED = 1 << 12


class Slot(NamedTuple):
    """Where a value stands: in a list, a dictionary or an object."""

    owner: Any
    key: Any
    path: str

    @property
    def value(self) -> Any:
        """What stands there."""
        return getattr(self.owner, self.key) if hasattr(self.owner, "__dict__") else self.owner[self.key]

    def put(self, value: Any) -> None:
        """Put something else there."""
        if hasattr(self.owner, "__dict__"):
            setattr(self.owner, self.key, value)
        else:
            self.owner[self.key] = value


def mutate_object(random: random.Random, root: Any, traps: Traps, *, is_json: bool) -> str:
    """Change one field somewhere below `root`; return what was done, for people.

    Args:
        random: decides.
        root: an object with fields, or a dictionary.
        traps: where texts may lead.
        is_json: whether any value may take the place of any other: in a flatbuffer the schema says the type.
    """
    slots = list(_slots(root, ""))
    filled = [slot for slot in slots if slot.value is not None]
    slot = random.choice(filled if filled and random.random() < 0.9 else slots)
    every = [other.value for other in slots]
    new = _changed(random, slot.value, every, traps, is_json)
    slot.put(new)
    return f"{slot.path}: {_shown(new)}"


def _slots(owner: Any, path: str) -> Iterator[Slot]:
    if hasattr(owner, "__dict__"):
        items = [(key, f"{path}.{key}") for key in vars(owner)]
    elif isinstance(owner, dict):
        items = [(key, f"{path}.{key}") for key in owner]
    elif isinstance(owner, list):
        items = [(key, f"{path}[{key}]") for key in range(len(owner))]
    else:
        return
    for key, name in items:
        slot = Slot(owner, key, name)
        yield slot
        if not (isinstance(slot.value, list) and len(slot.value) > _MOST_CHANGED):
            yield from _slots(slot.value, name)


def _changed(random: random.Random, old: Any, every: list[Any], traps: Traps, is_json: bool) -> Any:
    if is_json and random.random() < 0.15:
        return random.choice((None, True, 0, -1, 2.5, "", [], {}, 1 << 70, copy.deepcopy(random.choice(every))))
    if isinstance(old, bool):
        return not old
    if isinstance(old, int):
        high = 1 << 80 if is_json and random.random() < 0.05 else (1 << 31) - 1
        return integer(random, old, -(1 << 31), high)
    if isinstance(old, float):
        return real(random, old)
    if isinstance(old, bytes):
        return text(random, [one.decode(errors="replace") for one in every if isinstance(one, bytes)], traps).encode()
    if isinstance(old, str):
        if is_json and old.lstrip("-").isdigit() and random.random() < 0.7:
            return str(integer(random, int(old), -(1 << 63), 1 << 64))
        return text(random, [one for one in every if isinstance(one, str)], traps)
    if isinstance(old, np.ndarray):
        return _changed_array(random, old)
    if isinstance(old, list):
        return _changed_list(random, old, every)
    if isinstance(old, dict):
        return _changed_dictionary(random, old)
    return _other_of_its_kind(random, old, every)


def _changed_array(random: random.Random, old: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if old.dtype == np.uint8 and random.random() < 0.5:
        return np.frombuffer(bytes_near(random, old.tobytes()), np.uint8)
    changed = old.copy()
    match random.randrange(4):
        case 0 if changed.size:
            return changed[: random.randrange(changed.size)]
        case 1:
            return np.concatenate([changed, changed[-1:], np.ones(1, old.dtype)])
        case _ if not changed.size:
            return np.ones(1, old.dtype)
        case _:
            at = random.randrange(changed.size)
            if changed.dtype.kind == "f":
                changed[at] = real(random, float(changed[at]))
            else:
                info = np.iinfo(changed.dtype)
                changed[at] = integer(random, int(changed[at]), int(info.min), int(info.max))
            return changed


def _changed_list(random: random.Random, old: list[Any], every: list[Any]) -> list[Any]:
    if not old:
        kin = [one for one in every if isinstance(one, list) and one]
        return copy.deepcopy(random.choice(kin)) if kin else []
    at, other = random.randrange(len(old)), random.randrange(len(old))
    match random.randrange(4):
        case 0:
            return old[:at] + old[at + 1 :]
        case 1:
            return [*old, copy.deepcopy(old[at])]
        case 2:
            changed = list(old)
            changed[at], changed[other] = changed[other], changed[at]
            return changed
        case _:
            return [*old[:at], copy.deepcopy(old[other]), *old[at:]]


def _changed_dictionary(random: random.Random, old: dict[Any, Any]) -> dict[Any, Any]:
    changed = dict(old)
    if changed:
        key = random.choice(list(changed))
        value = changed.pop(key)
        if random.random() < 0.3:
            changed[random.choice([*changed, f"{key}x"])] = value
    return changed


def _other_of_its_kind(random: random.Random, old: Any, every: list[Any]) -> Any:
    """Return another object of the same class, or none; in place of none, anything that stands elsewhere."""
    if old is None:
        return copy.deepcopy(random.choice(every))
    kin = [one for one in every if type(one) is type(old) and one is not old]
    if kin and random.random() < 0.7:
        return copy.deepcopy(random.choice(kin))
    return None if random.random() < 0.5 else old


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {str(value)[:60]!r}" if not hasattr(value, "__dict__") else type(value).__name__

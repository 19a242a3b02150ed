"""Why a step of `modelport ship` is done: what differs from what its record says, in a line."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from .record import StepEntry
from .step import Turn


def plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ship.json gives back: tuples are lists there, and keys are texts.

    An input that is None says what one says that is not there: an older modelport did not know of it.
    """
    found = json.loads(json.dumps(inputs), object_hook=lambda table: {k: v for k, v in table.items() if v is not None})
    assert isinstance(found, dict)
    return found


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what differs, short values with what they were."""
    names = [name for name in (*now, *sorted(set(before) - set(now))) if before.get(name) != now.get(name)]
    return tuple(f"{name} ({_how(before.get(name), now.get(name))})" for name in names)


def why(turn: Turn, lost_of: Callable[[StepEntry], list[str]]) -> str:
    """Return why a step is done; `lost_of` names the outputs that are not what they were."""
    before = turn.before
    if turn.forced:
        return "asked for by --from"
    if before is None:
        return "for the first time"
    if turn.changed:
        return f"because of {', '.join(turn.changed)}"
    if not before.done:
        return "was stopped, or refused"
    lost = lost_of(before)
    if lost:
        return f"because {', '.join(lost[:3])} {'is' if len(lost) == 1 else 'are'} changed or gone"
    return "because the record says too little of it"


def _how(before: object, now: object) -> str:
    """Return what differs; of tables, which of their keys."""
    if isinstance(before, dict) and isinstance(now, dict):
        return ", ".join(name for name in sorted({*before, *now}) if before.get(name) != now.get(name))
    return f"{_short(before)} -> {_short(now)}"


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 30 else f"{text[:12]}..."

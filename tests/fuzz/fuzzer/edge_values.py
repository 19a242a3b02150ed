"""Values that parsers trip over: the ends of ranges, sizes that multiply to too much, names that lead elsewhere."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

#: Around zero, around powers of two, and where signed and unsigned part.
_NUMBERS = (0, 1, 2, 3, 4, 7, 8, 16, 127, 128, 255, 256, 1000, 32767, 65535, 65536, 1 << 20, 1 << 24, (1 << 31) - 1)
_HUGE = (1 << 31, (1 << 32) - 1, 1 << 40, (1 << 62) + 1, (1 << 63) - 1)
_FLOATS = (0.0, -0.0, 1.0, -1.0, 1e-45, 1e-30, 1e30, 3.4e38, -3.4e38, float("nan"), float("inf"), float("-inf"))
_TEXTS = ("", "a", "\0", "input", "x" * 300, "{}", "é\u202e", "../model", "%s%n", "label", "/", ".", "a:0", "^a")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traps:
    """Places that nothing may touch; a case that leads there shows in an escape.

    Attributes:
        folder: an empty folder, watched.
        url: of a socket that listens, and counts who calls.
    """

    folder: str
    url: str


def integer(random: random.Random, old: int, low: int, high: int) -> int:
    """Return an integer near `old`, or at an edge, within [low, high]."""
    near = (old + 1, old - 1, old * 2, old // 2, -old, -1)
    pool: Sequence[int] = random.choice((near, near, _NUMBERS, (*_HUGE, low, high)))
    return max(low, min(high, random.choice(pool)))


def real(random: random.Random, old: float) -> float:
    """Return a float near `old`, or at an edge."""
    near = (old * 1.5, -old, old + 1, old * 1e-3, old * 1e3)
    value = random.choice(random.choice((near, _FLOATS)))
    return value if abs(value) <= 3.4e38 or value != value or abs(value) == float("inf") else 3.4e38


def text(random: random.Random, known: Sequence[str], traps: Traps) -> str:
    """Return another text of the same file, an odd one, or a way out."""
    ways_out = (
        f"{traps.folder}/written",
        f"../../../../../../..{traps.folder}/up",
        traps.url,
        f"file://{traps.folder}/f",
    )
    pools: tuple[Sequence[str], ...] = (known or ("a",), known or ("a",), _TEXTS, ways_out)
    return random.choice(random.choice(pools))


def bytes_near(random: random.Random, old: bytes) -> bytes:
    """Return bytes cut, lengthened, or with a few changed."""
    match random.randrange(5):
        case 0:
            return old[: random.randrange(len(old) + 1)]
        case 1:
            return old + old[: random.randrange(65)] + bytes(random.randrange(9))
        case 2:
            return b""
        case _:
            return flip(random, old, 1 + random.randrange(4))


def flip(random: random.Random, data: bytes, times: int) -> bytes:
    """Return `data` with some bytes replaced."""
    changed = bytearray(data)
    for _ in range(times if data else 0):
        changed[random.randrange(len(changed))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
    return bytes(changed)

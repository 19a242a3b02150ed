"""Make any case from its id: "format:seed:number"."""

import importlib
import random
from functools import cache
from typing import Any

from .case import Case, Seed
from .edge_values import Traps

#: Format to the module that makes its cases, and to its share of all cases.
FORMATS = {"tflite": 6, "onnx": 5, "pb": 3, "tfjs": 2, "png": 2, "jpeg": 2}
_MODULES = {name: f"{'graph' if name == 'pb' else name}_cases" for name in FORMATS}


def make_case(format: str, seed: int, number: int, traps: Traps) -> Case:
    """Return the case; the same for the same arguments, where the same seeds are there."""
    random_ = random.Random(f"{format}:{seed}:{number}")  # of a text: seeded by its sha512, alike everywhere
    chosen = random_.choice(seeds_of(format))
    files, done = _module(format).mutate(random_, chosen, traps)
    return Case(id=f"{format}:{seed}:{number}", seed=chosen.name, files=files, contract=chosen.contract, done=done)


@cache
def seeds_of(format: str) -> list[Seed]:
    """Return the sound files that cases of a format are made from."""
    seeds: list[Seed] = _module(format).seeds()
    return seeds


def _module(format: str) -> Any:
    return importlib.import_module(f".{_MODULES[format]}", __package__)

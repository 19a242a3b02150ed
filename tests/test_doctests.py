"""Examples in docstrings, run from here: --doctest-modules would import a second copy of every module."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import modelport
import pytest

FLOORS = sorted(path.parent.name for path in Path(modelport.__path__[0]).glob("*/__init__.py"))


def modules() -> list[str]:
    """Every module, found by importing rooms only, which are empty."""
    root = Path(modelport.__path__[0])
    return ["modelport", "modelport.__main__"] + [
        module.name
        for floor in FLOORS
        for module in pkgutil.walk_packages([str(root / floor)], f"modelport.{floor}.")
        if not module.ispkg
    ]


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_hold(name: str) -> None:
    assert 0 == doctest.testmod(importlib.import_module(name)).failed

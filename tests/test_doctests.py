"""Examples in docstrings, run from here: --doctest-modules would import a second copy of every module."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import modelport
import pytest

PACKAGES = sorted(path.parent.name for path in Path(modelport.__path__[0]).glob("*/__init__.py"))


def modules() -> list[str]:
    """Every module, found without importing one."""
    root = Path(modelport.__path__[0])
    return ["modelport", "modelport.__main__"] + [
        f"modelport.{package}.{module.name}"
        for package in PACKAGES
        for module in pkgutil.walk_packages([str(root / package)])
    ]


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_hold(name: str) -> None:
    assert 0 == doctest.testmod(importlib.import_module(name)).failed

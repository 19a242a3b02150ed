"""What makes the repository root a package (docs/adr/0001)."""

import configparser
import subprocess
import sys
from pathlib import Path

import modelport
import pytest

ROOT = Path(modelport.__path__[0])
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
#: Of those, the ones inside another.
PARTS = sorted(f"assets.{path.parent.name}" for path in ROOT.glob("assets/*/__init__.py"))
HEAVY = {"numpy", "PIL", "tensorflow", "keras", "onnx", "onnxruntime", "ai_edge_litert", "click", "rich"}


@pytest.fixture
def configuration() -> configparser.ConfigParser:
    path = ROOT / "setup.cfg"
    if not path.is_file():
        pytest.skip("setup.cfg is not beside the package: it is installed from a wheel")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path, encoding="utf-8")
    return parser


def test_every_package_folder_is_listed(configuration: configparser.ConfigParser) -> None:
    """A folder that is not listed is missing in the wheel."""
    listed = configuration["options"]["packages"].split()
    assert ["modelport", *(f"modelport.{name}" for name in sorted([*PACKAGES, *PARTS]))] == listed


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/*.py")} - {"tests", "benchmarks"}
    assert set(PACKAGES) == {name for name in folders if not name.startswith(".")}


def test_every_package_folder_is_in_the_layers_and_banned_at_the_root(configuration: configparser.ConfigParser) -> None:
    """`import contract` works by accident from the root, and is another module than modelport.contract."""
    layers = configuration["importlinter:contract:layers"]["layers"].replace("|", " ").split()
    assert PACKAGES == sorted(layer.removeprefix("modelport.") for layer in layers)
    import tomllib

    banned = tomllib.loads((ROOT / "ruff.toml").read_text())["lint"]["flake8-tidy-imports"]["banned-api"]
    assert set(PACKAGES) <= set(banned)


def test_packages_import_nothing() -> None:
    """Importing contract.errors runs contract/__init__.py: `--help` would pay for what it imports."""
    names = ", ".join(f"modelport.{name}" for name in (*PACKAGES, *PARTS))
    code = f"import sys; import {names}; print(*sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert "\n" == done.stdout


def test_types_are_declared() -> None:
    assert (ROOT / "py.typed").is_file()

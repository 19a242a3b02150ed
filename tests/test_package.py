"""What makes the repository root a package (docs/adr/0001)."""

import configparser
import subprocess
import sys
from pathlib import Path

import modelport
import pytest

ROOT = Path(modelport.__path__[0])
FLOORS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
#: Every room, floors first: "contract", "contract.files".
PACKAGES = sorted(
    ".".join(path.parent.relative_to(ROOT).parts) for floor in FLOORS for path in (ROOT / floor).rglob("__init__.py")
)
HEAVY = {"numpy", "PIL", "tensorflow", "keras", "onnx", "onnxruntime", "ai_edge_litert", "click", "rich"}


@pytest.fixture
def configuration() -> configparser.ConfigParser:
    path = ROOT / "setup.cfg"
    if not path.is_file():
        pytest.skip("setup.cfg is not beside the package: it is installed from a wheel")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path, encoding="utf-8")
    return parser


def test_every_package_folder_is_listed() -> None:
    """A folder that is not listed is missing in the wheel. In another process: setuptools adds to the path."""
    if not (ROOT / "setup.py").is_file():
        pytest.skip("setup.py is not beside the package: it is installed from a wheel")
    code = "import runpy, setuptools; setuptools.setup = lambda **given: print(*given['packages']); "
    command = [sys.executable, "-c", f"{code}runpy.run_path('setup.py')"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert ["modelport", *(f"modelport.{name}" for name in PACKAGES)] == sorted(listed)


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent.relative_to(ROOT) for floor in FLOORS for path in (ROOT / floor).rglob("*.py")}
    assert set(PACKAGES) == {".".join(folder.parts) for folder in folders}


def test_every_package_folder_is_in_the_layers_and_banned_at_the_root(configuration: configparser.ConfigParser) -> None:
    """`import contract` works by accident from the root, and is another module than modelport.contract."""
    layers = configuration["importlinter:contract:layers"]["layers"].replace("|", " ").split()
    assert FLOORS == sorted(layer.removeprefix("modelport.") for layer in layers)
    import tomllib

    banned = tomllib.loads((ROOT / "ruff.toml").read_text())["lint"]["flake8-tidy-imports"]["banned-api"]
    assert set(FLOORS) <= set(banned)


def test_packages_import_nothing() -> None:
    """Importing contract.errors runs contract/__init__.py: `--help` would pay for what it imports."""
    names = ", ".join(f"modelport.{name}" for name in PACKAGES)
    code = f"import sys; import {names}; print(*sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert "\n" == done.stdout


def test_types_are_declared() -> None:
    assert (ROOT / "py.typed").is_file()

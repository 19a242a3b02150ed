"""Where the cache lies: expected places are those of the systems' own documents."""

import sys
from pathlib import Path

import pytest
from modelport.contract.files.cache_folder import cache_folder


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home, and nothing that names another place."""
    for name in ("MODELPORT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        pytest.param("linux", ".cache/modelport", id="xdg"),
        pytest.param("darwin", "Library/Caches/modelport", id="apple"),
        pytest.param("win32", "AppData/Local/modelport/Cache", id="windows"),
    ],
)
def test_each_system_has_its_place(monkeypatch: pytest.MonkeyPatch, home: Path, platform: str, expected: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert home / expected == cache_folder()


def test_the_variable_beats_the_system(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "xdg"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert home / "xdg" / "modelport" == cache_folder()
    monkeypatch.setenv("MODELPORT_CACHE", str(home / "mine"))
    assert home / "mine" == cache_folder()


def test_a_relative_xdg_folder_is_ignored_as_its_specification_says(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert home / ".cache" / "modelport" == cache_folder()

"""TensorFlow.js comes along in the very bytes that npm published, wherever it is taken from."""

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from modelport.assets.web import vendored_tfjs
from modelport.assets.web.vendored_tfjs import FILES, INTEGRITY, vendored_files
from modelport.contract.errors import InputError, MissingExtraError
from modelport.contract.narration import Silent
from modelport.runtimes.tfjs.tfjs_packages import PACKAGES, VERSION

LOCK = Path(__file__).parents[2] / "node" / "package-lock.json"


def packages_in(folder: Path, source: Path) -> Path:
    """Copy the files that are vendored into a node_modules folder of one's own."""
    for file in FILES:
        target = folder / "node_modules" / "@tensorflow" / file.package / "dist" / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / "@tensorflow" / file.package / "dist" / file.name, target)
    return folder / "node_modules"


def test_the_integrity_is_that_of_the_lock_that_npm_wrote() -> None:
    locked = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    expected = {name: locked[f"node_modules/@tensorflow/{name}"] for name in PACKAGES}
    assert {name: entry["integrity"] for name, entry in expected.items()} == INTEGRITY
    assert {VERSION} == {entry["version"] for entry in expected.values()}


@pytest.mark.parametrize("inner", [False, True], ids=["node_modules", "folder-with-it"])
def test_files_of_a_node_modules_folder_are_taken(node_modules: Path, tmp_path: Path, inner: bool) -> None:
    folder = packages_in(tmp_path, node_modules)
    found = vendored_files(folder.parent if inner else folder, Silent())
    assert [file.name for file in FILES] == list(found)
    assert [file.sha256 for file in FILES] == [hashlib.sha256(data).hexdigest() for data in found.values()]


def test_a_changed_file_is_refused_with_both_hashes(node_modules: Path, tmp_path: Path) -> None:
    folder = packages_in(tmp_path, node_modules)
    changed = folder / "@tensorflow" / "tfjs-core" / "dist" / "tf-core.min.js"
    changed.write_bytes(changed.read_bytes() + b"\nalert(1)")
    with pytest.raises(InputError, match=r"not the tf-core\.min\.js of TensorFlow\.js") as caught:
        vendored_files(folder, Silent())
    assert FILES[0].sha256 in str(caught.value.expected)
    assert hashlib.sha256(changed.read_bytes()).hexdigest() in str(caught.value.received)


def test_a_missing_file_ends_in_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing") as caught:
        vendored_files(tmp_path, Silent())
    assert f"npm pack --silent @tensorflow/tfjs-core@{VERSION}" in str(caught.value.fix)


def test_tarballs_of_another_integrity_are_not_opened(tmp_path: Path) -> None:
    for name in PACKAGES:
        with tarfile.open(tmp_path / f"tensorflow-{name}-{VERSION}.tgz", "w:gz") as archive:
            archive.add(LOCK, "package/dist/tf-core.min.js")
    with pytest.raises(InputError, match="not the one that npm published") as caught:
        vendored_files(tmp_path, Silent())
    assert INTEGRITY["tfjs-core"] == caught.value.expected


def test_without_packages_npm_is_asked_and_without_npm_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPORT_NODE_MODULES", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtraError, match="npm"):
        vendored_files(None, Silent())


def test_an_npm_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELPORT_NODE_MODULES", str(tmp_path / "none"))
    monkeypatch.setattr(vendored_tfjs, "_find_npm", lambda name: Path("npm"))
    failed = subprocess.CompletedProcess([], 1, "", "npm error code ENOTFOUND\n")
    monkeypatch.setattr(subprocess, "run", lambda *given, **named: failed)
    with pytest.raises(InputError, match="cannot be fetched from npm") as caught:
        vendored_files(None, Silent())
    assert "npm error code ENOTFOUND" == caught.value.received


@pytest.mark.slow
def test_npm_brings_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """15 MB of registry.npmjs.org."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    monkeypatch.setenv("MODELPORT_NODE_MODULES", str(tmp_path / "none"))
    try:
        found = vendored_files(None, Silent())
    except InputError as error:
        if "ENOTFOUND" in str(error) or "EAI_AGAIN" in str(error):
            pytest.skip(f"no network: {error.received}")
        raise
    assert [file.name for file in FILES] == list(found)

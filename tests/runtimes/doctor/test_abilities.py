import sys
from pathlib import Path

import pytest
from modelport.cli.main import COMMANDS
from modelport.contract.formats import EXPORTED
from modelport.runtimes.doctor.abilities import ABILITIES, BASE, EXTRA, judge_abilities, judge_imports, judge_tfjs
from modelport.runtimes.doctor.import_probe import Imported

FINE = Imported(error=None)
#: It is what says so.
ALWAYS = {"doctor", "init"}


def test_a_complete_install_can_do_everything() -> None:
    assert {"ok"} == {finding.state for finding in judge_abilities(dict.fromkeys((*BASE, *EXTRA), FINE))}


def test_the_base_install_judges_tflite_and_onnx_and_says_what_to_paste_for_the_rest() -> None:
    imported = dict.fromkeys(BASE, FINE) | dict.fromkeys(EXTRA)
    found = {finding.name: finding for finding in judge_abilities(imported)}
    works = {name for name, finding in found.items() if finding.state == "ok"}
    judging = {"validate, predict: .tflite", "validate, predict: .onnx", "inspect: .tflite, .onnx, TF.js, .keras"}
    delivering = {"deliver flutter", "deliver web", "deliver archive"}
    assert {"prepare", "pack", "runtimes"} | judging | delivering == works
    rest = [finding for name, finding in found.items() if name not in works]
    remedy = ("the extra [tensorflow] is not installed", 'pip install "modelport[tensorflow]"', "note")
    assert {remedy} == {(finding.says, finding.paste, finding.state) for finding in rest}


def test_a_part_of_the_extra_that_is_missing_is_named() -> None:
    imported = dict.fromkeys((*BASE, *EXTRA), FINE) | {"tf2onnx": None}
    (onnx,) = [finding for finding in judge_abilities(imported) if finding.name == "convert --to onnx"]
    assert "tf2onnx not installed" == onnx.says


@pytest.mark.parametrize(
    ("missing", "package", "stopped"),
    [
        pytest.param("tf_keras", "tf-keras", {"adopt: .h5", "convert --to h5"}, id="tf-keras"),
        pytest.param("h5py", "h5py", {"adopt: .h5", "inspect: .h5", "convert --to h5"}, id="h5py"),
    ],
)
def test_what_legacy_files_need_is_named_and_stops_nothing_else(missing: str, package: str, stopped: set[str]) -> None:
    imported = dict.fromkeys((*BASE, *EXTRA), FINE) | {missing: None}
    found = [finding for finding in judge_abilities(imported) if finding.state != "ok"]
    assert stopped == {finding.name for finding in found}
    assert {f"{package} not installed"} == {finding.says for finding in found}


def test_a_package_that_cannot_be_imported_is_a_problem_of_itself_and_of_what_needs_it() -> None:
    imported = dict.fromkeys((*BASE, *EXTRA), FINE) | {"tf2onnx": Imported(error="ImportError: no symbol")}
    (broken,) = judge_imports(imported)
    assert ("problem", "tf2onnx") == (broken.state, broken.name)
    stopped = {finding.name for finding in judge_abilities(imported) if finding.state == "problem"}
    assert {"convert --to onnx", "demo", "ship"} == stopped


def test_every_command_and_format_is_judged() -> None:
    text = " ".join(ABILITIES)
    assert set() == {command for command in COMMANDS if command not in text} - ALWAYS
    assert set() == {name for name in EXPORTED if f"--to {name}" not in text}


def test_node_packages_that_are_missing_end_in_the_command_that_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / ("node.exe" if sys.platform == "win32" else "node")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Node.js" in judge_tfjs().says
    program.touch(0o755)
    monkeypatch.setenv("MODELPORT_NODE_MODULES", str(tmp_path / "node_modules"))
    found = judge_tfjs()
    assert "note" == found.state
    assert found.paste is not None
    assert found.paste.startswith("npm install --prefix")

"""`modelport doctor` on this machine, and its text for findings made by hand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from modelport.cli.main import cli
from modelport.cli.text.finding_lines import to_text
from modelport.runtimes.doctor import examine as doctor
from modelport.runtimes.doctor.finding import Finding

NOTE = Finding(group="GPU", name="TensorFlow", state="note", says="no CUDA", stops="training on the GPU", paste="pip x")
OK = Finding(group="Python", name="Python", state="ok", says="3.11.7")
PROBLEM = Finding(group="Machine", name="disk", state="problem", says="full", paste="make room")


@pytest.mark.parametrize(("findings", "code"), [([OK], 0), ([OK, NOTE], 0), ([OK, NOTE, PROBLEM], 1)])
def test_what_is_missing_exits_with_0_and_what_is_broken_with_1(
    monkeypatch: pytest.MonkeyPatch, findings: list[Finding], code: int
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda narrator: findings)
    result = CliRunner().invoke(cli, ["doctor"])
    assert code == result.exit_code, result.output
    as_json = CliRunner().invoke(cli, ["doctor", "--json"])
    assert (code, code) == (as_json.exit_code, json.loads(as_json.stdout)["exit_code"])


def test_the_last_section_says_what_stops_why_and_what_to_paste() -> None:
    text = to_text([OK, NOTE, PROBLEM])
    assert "What will not work here\n  training on the GPU\n    why    no CUDA\n    paste  pip x\n" in text
    assert text.endswith("1 ok, 1 note, 1 problem")


def test_one_remedy_is_told_once() -> None:
    train, convert = (
        Finding(group="a", name=name, state="note", says="x missing", stops=name, paste="pip x")
        for name in ("train", "convert")
    )
    assert "  train, convert\n    why    x missing\n    paste  pip x" in to_text([train, convert])


def test_all_is_well_is_one_sentence() -> None:
    assert "Everything works here." in to_text([OK])


def test_this_machine_is_told_in_json() -> None:
    """The real machine, with no heavy package in the command's own process; versions by importlib.metadata's word."""
    code = (
        "import sys\nfrom importlib.metadata import version\nfrom modelport.cli.main import cli\n"
        "try: cli(['doctor', '--json'], prog_name='modelport')\n"
        "except SystemExit: pass\n"
        "heavy = sorted({'tensorflow', 'keras', 'numpy', 'onnxruntime'} & set(sys.modules))\n"
        "print(version('numpy'), heavy, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    found = {(entry["group"], entry["name"]): entry for entry in json.loads(done.stdout)["findings"]}
    numpy, loaded = done.stderr.splitlines()[-1].split(maxsplit=1)
    assert "[]" == loaded
    assert found["Packages, base", "numpy"]["says"].startswith(numpy)
    assert found["Python", "Python"]["says"].startswith(".".join(map(str, sys.version_info[:3])))
    assert "ok" == found["What works", "validate, predict: .onnx"]["state"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
def test_a_broken_package_is_found_in_the_real_run(tmp_path: Path) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('no symbol here')")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "modelport", "doctor"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 1 == done.returncode
    assert "onnxruntime" in done.stdout.split("What will not work here")[1]
    assert "no symbol here" in done.stdout

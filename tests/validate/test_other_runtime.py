"""`modelport validate --runtime`: another environment's runtimes judge, the oldest TensorFlow Lite above all."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.environment.interpreter import find_interpreter
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="stands in for an interpreter with a shell script")


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_an_environment_of_its_own_judges_as_this_one_does(make_run: Any, tmp_path: Path) -> None:
    """The environment has nothing of modelport's installed; its packages are this one's."""
    venv.create(tmp_path / "other", with_pip=False)
    (site,) = (tmp_path / "other").glob("[Ll]ib/**/site-packages")
    packages = Path(onnxruntime.__file__).parents[1]
    (site / "others.pth").write_text(f"{packages}{os.linesep}")
    run = make_run()
    run.export()
    report = judge_run(run.root, JudgeOptions(runtime=tmp_path / "other"))
    assert Verdict.PASS == report.outcomes[0].verdict
    assert report.outcomes[0].description is not None
    assert "onnxruntime" in report.outcomes[0].description.runtime
    assert {operator.name for operator in report.outcomes[0].description.operators} >= {"Gemm", "Softmax"}
    assert any(note.startswith("Run by the runtimes of ") for note in report.sentences)
    assert str(tmp_path / "other") in report.to_json()["settings"]["runtime"]


def test_a_runtime_that_the_environment_lacks_is_not_judged_and_the_command_to_paste_is_named(
    make_run: Any, tmp_path: Path
) -> None:
    venv.create(tmp_path / "other", with_pip=False)
    (site,) = (tmp_path / "other").glob("[Ll]ib/**/site-packages")
    numpy = Path(np.__file__).parent
    for name in (numpy, numpy.with_name("numpy.libs")):
        (site / name.name).symlink_to(name)
    run = make_run()
    run.export()
    (outcome,) = judge_run(run.root, JudgeOptions(runtime=tmp_path / "other")).outcomes
    assert Verdict.NOT_JUDGED == outcome.verdict
    assert "-m pip install onnxruntime" in outcome.findings[-1].sentence


@pytest.mark.parametrize("kind", ["missing", "folder", "text"])
def test_what_is_no_interpreter_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "python"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("not a program")
    with pytest.raises(InputError, match=r"no such interpreter|not a Python interpreter"):
        find_interpreter(path)


@posix_only
def test_an_older_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="interpreter is too old") as caught:
        find_interpreter(script(tmp_path / "python", "echo '[[3, 9], true]'"))
    assert "Python 3.9" == caught.value.received


@posix_only
def test_an_interpreter_without_numpy_is_told_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no numpy") as caught:
        find_interpreter(script(tmp_path / "python", "echo '[[3, 11], false]'"))
    assert f"{tmp_path / 'python'} -m pip install numpy" == caught.value.fix


@pytest.fixture(scope="module")
def oldest(old_runtime: Callable[[str], str]) -> str:
    """An environment with tflite-runtime 2.14.0, the last of its name, and the NumPy that it was built for."""
    return old_runtime("tflite-runtime==2.14.0")


def judged(*arguments: object) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "modelport", "validate", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.slow
class TestTheOldestRuntime:
    """tflite-runtime 2.14.0 on what modelport writes, and on fact 16's two traps."""

    def test_every_recipe_runs_there_and_answers_as_it_should(
        self, exported_run: Path, oldest: str, tmp_path: Path
    ) -> None:
        code, report = judged(exported_run, "--only", "tflite", "--runtime", oldest, "--report", tmp_path)
        assert {"tflite-runtime 2.14.0"} == {item["description"]["runtime"] for item in report["artifacts"]}
        assert 4 == len(report["artifacts"])
        assert {"pass", "undecided"} >= {item["verdict"] for item in report["artifacts"]}
        assert 0 == code

    def test_the_stock_dynamic_file_is_refused_by_its_version_and_by_the_runtime(
        self, exported_run: Path, oldest: str, tmp_path: Path
    ) -> None:
        tf = pytest.importorskip("tensorflow", reason="the converter needs the extra [tensorflow]")
        converter = tf.lite.TFLiteConverter.from_saved_model(
            str(exported_run / "saved_model"), signature_keys=["serving_default"]
        )
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        path = tmp_path / "stock.tflite"
        path.write_bytes(converter.convert())
        where = ["--artifact", path, "--report", tmp_path]
        code, here = judged(exported_run, *where)
        there_code, there = judged(exported_run, *where, "--runtime", oldest)
        assert (1, 1) == (code, there_code)
        (version,) = (f for f in here["artifacts"][0]["findings"] if f["key"] == "min_tflite")
        assert "fail" == version["verdict"]
        assert "needs TensorFlow Lite 2.17.0 (FULLY_CONNECTED version 12)" in version["sentence"]
        (runtime,) = (f for f in there["artifacts"][0]["findings"] if f["key"] == "runtime")
        assert "fail" == runtime["verdict"]
        assert "FULLY_CONNECTED" in runtime["sentence"]
        print(f"\n{version['sentence']}\n{runtime['sentence']}")

    def test_a_file_that_answers_at_chance_there_is_caught_by_its_versions_and_by_the_run(
        self, exported_run: Path, oldest: str, tmp_path: Path
    ) -> None:
        """ai-edge-quantizer states version 1 of every operator: here it answers well, there at chance."""
        quantizer = pytest.importorskip("ai_edge_quantizer.quantizer", reason="ai-edge-quantizer is not installed")
        recipe = pytest.importorskip("ai_edge_quantizer.recipe", reason="ai-edge-quantizer is not installed")
        path = tmp_path / "edge.tflite"
        made = quantizer.Quantizer(str(exported_run / "model.float32.tflite"), recipe.dynamic_wi8_afp32())
        made.quantize().export_model(str(path))
        where = ["--artifact", path, "--report", tmp_path]
        code, here = judged(exported_run, *where)
        there_code, there = judged(exported_run, *where, "--runtime", oldest)
        assert (1, 1) == (code, there_code)
        (version,) = (f for f in here["artifacts"][0]["findings"] if f["key"] == "min_tflite")
        assert "fail" == version["verdict"]
        assert "FULLY_CONNECTED states version 1" in version["sentence"]
        assert "it answers wrong" in version["sentence"]
        (drop,) = (f for f in there["artifacts"][0]["findings"] if f["key"] == "max_drop_points")
        assert "fail" == drop["verdict"]
        print(f"\n{version['sentence']}\n{drop['sentence']}")

"""The whole way on real files, and what other programs make of its run."""

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
ARTIFACTS = {
    "saved_model",
    "trained_model_graph.pb",
    "model.float32.tflite",
    "model.onnx",
    "model.float16.tflite",
    "model.dynamic_int8.tflite",
    "model.full_int8.tflite",
}


def test_demo_judges_every_artifact_and_none_fails(demo: Any) -> None:
    report = json.loads((demo.run / "validation" / "report.json").read_text())
    assert {artifact["path"] for artifact in report["artifacts"]} == ARTIFACTS
    assert {artifact["verdict"] for artifact in report["artifacts"]} <= {"pass", "undecided"}


def test_demo_ends_in_the_table_the_counts_and_the_report(demo: Any) -> None:
    lines = demo.stdout.splitlines()
    assert abs(0.15 * 1797 - int(lines[0].split("n = ")[1])) < 5, "15 % of each of ten classes, rounded"
    for name in ARTIFACTS:
        (row,) = (line for line in lines if line.strip().startswith(name + " "))
        assert 2 == row.count("["), "top-1 and drop have an interval"
    assert lines[-1].endswith("report.md")
    assert Path(demo.folder.parent, lines[-1].split()[-1]).is_file()


def test_demo_says_that_it_trains_from_scratch_without_imagenet_weights(demo: Any) -> None:
    assert "from scratch, in one phase" in demo.stderr or "two phases" in demo.stderr


def test_demo_writes_how_its_digits_are_drawn(demo: Any) -> None:
    """scikit-learn's digits are cropped to their height, in a grid of 8; the demo writes them at 72 pixels."""
    drawing = json.loads((demo.run / "contract.json").read_text())["drawing"]
    assert ("light_on_dark", 0.0, 8, 72) == tuple(drawing[key] for key in ("ink", "margin", "grid", "side"))


def test_demo_model_is_good(demo: Any) -> None:
    """DESIGN.md, fact 14: 0.95-0.96 validation accuracy after 3-6 epochs from scratch."""
    evaluation = json.loads((demo.run / "evaluation_report.json").read_text())
    assert evaluation["test_accuracy"] >= 0.9


FROZEN_GRAPH_CLIENT = """
import json, sys, tensorflow as tf
with tf.Graph().as_default() as graph:
    tf.import_graph_def(tf.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read()), name="")
with tf.compat.v1.Session(graph=graph) as session:
    for path in sys.stdin.read().splitlines():
        answer = session.run("final_result:0", {"DecodeJpeg/contents:0": open(path, "rb").read()})
        print(json.dumps(answer[0].tolist()))
"""

SAVED_MODEL_CLIENT = """
import json, sys, tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
for path in sys.stdin.read().splitlines():
    (answer,) = model.signatures["serve_encoded"](encoded=tf.constant([open(path, "rb").read()])).values()
    print(json.dumps(answer[0].numpy().tolist()))
"""


@pytest.mark.parametrize(
    ("client", "artifact"),
    [
        pytest.param(FROZEN_GRAPH_CLIENT, "trained_model_graph.pb", id="frozen-graph"),
        pytest.param(SAVED_MODEL_CLIENT, "saved_model", id="saved-model"),
    ],
)
def test_ten_lines_of_plain_tensorflow_get_the_reference_from_file_bytes(demo: Any, client: str, artifact: str) -> None:
    with np.load(demo.run / "reference.npz", allow_pickle=False) as reference:
        paths, expected = reference["paths"].tolist(), reference["predictions/label"]
    files = "\n".join(str(demo.folder / "dataset" / path) for path in paths)
    done = subprocess.run(
        [sys.executable, "-c", client, str(demo.run / artifact)],
        input=files,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = np.array([json.loads(line) for line in done.stdout.splitlines()])
    assert expected.argmax(axis=1).tolist() == answers.argmax(axis=1).tolist()
    print(f"{artifact}: largest probability difference {np.abs(answers - expected).max():.2g} on {len(paths)} images")
    np.testing.assert_allclose(answers, expected, atol=1e-3)


def test_a_base_install_judges_the_run_alike_and_without_tensorflow(demo: Any, wheel: Path, tmp_path: Path) -> None:
    python = _base_install(wheel, tmp_path)
    absent = subprocess.run([python, "-c", "import tensorflow"], cwd=tmp_path, capture_output=True, text=True)
    assert "ModuleNotFoundError" in absent.stderr
    start = time.perf_counter()
    report = _judge(python, demo, tmp_path, "--only", "tflite,onnx", returncode=0)
    print(f"modelport validate in the base install: {time.perf_counter() - start:.1f} s")
    with_tensorflow = json.loads((demo.run / "validation" / "report.json").read_text())
    expected = {a["path"]: a["verdict"] for a in with_tensorflow["artifacts"] if a["path"].endswith(("tflite", "onnx"))}
    assert 5 == len(expected)
    assert expected == {artifact["path"]: artifact["verdict"] for artifact in report["artifacts"]}

    below = "max_bytes=1MB"
    report = _judge(python, demo, tmp_path, "--only", "tflite,onnx", "--budget", below, returncode=1)
    assert {"fail"} == {artifact["verdict"] for artifact in report["artifacts"]}

    report = _judge(python, demo, tmp_path, returncode=1)
    verdicts = {artifact["path"]: artifact["verdict"] for artifact in report["artifacts"]}
    assert {"not judged"} == {verdicts["saved_model"], verdicts["trained_model_graph.pb"]}


def test_a_gate_pack_is_all_that_a_base_install_needs(demo: Any, wheel: Path, tmp_path: Path) -> None:
    """From nothing to a verdict: environment, wheel, pack, one file."""
    pack = [sys.executable, "-m", "modelport", "pack", str(demo.run), str(tmp_path / "gate.zip"), "--images", "1000"]
    subprocess.run(pack, check=True, capture_output=True)
    new = tmp_path / "new.tflite"
    new.write_bytes((demo.run / "model.float16.tflite").read_bytes())
    start = time.perf_counter()
    python = _base_install(wheel, tmp_path)
    installed = time.perf_counter()
    command = [python, "-P", "-m", "modelport", "validate", "gate.zip", "--artifact", "new.tflite", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    end = time.perf_counter()
    megabytes = sum(path.stat().st_size for path in (tmp_path / "venv").rglob("*") if path.is_file()) / 1e6
    print(
        f"gate pack: {(tmp_path / 'gate.zip').stat().st_size / 1e6:.2f} MB; base install {installed - start:.1f} s, "
        f"{megabytes:.0f} MB; verdict {end - installed:.1f} s; from nothing to verdict {end - start:.1f} s"
    )
    assert 0 == done.returncode, done.stderr
    report = json.loads(done.stdout)
    with np.load(demo.run / "reference.npz", allow_pickle=False) as reference:
        assert len(reference["paths"]) == report["n"]
    (judged,) = report["artifacts"]
    assert ("pass", "float16") == (judged["verdict"], judged["recipe"])


def _base_install(wheel: Path, folder: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = str(folder / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-c", ROOT / "constraints.txt", wheel], check=True)
    return python


def _judge(python: str, demo: Any, folder: Path, *options: str, returncode: int) -> Any:
    command = [python, "-P", "-m", "modelport", "validate", str(demo.run), "--report", "report", "--json", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert returncode == done.returncode, textwrap.shorten(done.stdout, 400) + done.stderr
    return json.loads(done.stdout)

"""Each format of a real run, served: the answers are the reference's, together as one by one, without TensorFlow."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.service.smoke import main as smoke
from modelport.contract.errors import InputError
from modelport.contract.files.hashing import sha256_of
from modelport.contract.model_contract.model_contract import read_contract
from modelport.contract.run.reference import read_reference

FILES = {
    "frozen_graph": "trained_model_graph.pb",
    "saved_model": "saved_model",
    "tflite": "model.float32.tflite",
    "onnx": "model.onnx",
}
#: DESIGN.md, default budgets: the largest difference of a float32 artifact to the reference.
TOLERANCE = 0.001


@pytest.fixture(scope="module")
def asked(exported_run: Path, dataset: Path) -> list[tuple[bytes, dict[str, float]]]:
    """Test images, and what Keras answers to each: label to probability."""
    reference = read_reference(exported_run / "reference.npz")
    labels = read_contract(exported_run / "contract.json").first_classification.labels
    rows = zip(reference.paths, reference.predictions["label"], strict=True)
    return [((dataset / path).read_bytes(), dict(zip(labels, map(float, row), strict=True))) for path, row in rows]


def scores_of(answer: Any) -> dict[str, float]:
    return {row["label"]: row["score"] for row in answer["predictions"]}


@pytest.mark.parametrize("format", FILES)
def test_each_format_answers_as_keras_does(serve: Any, exported_run: Path, asked: Any, format: str) -> None:
    client = serve(model=exported_run / FILES[format])
    assert format == client.ask("GET", "/health").json["format"]
    for image, expected in asked[:6]:
        answer = client.raw(image).json
        assert sha256_of(exported_run / FILES[format]) == answer["model_sha256"]
        found = scores_of(answer)
        assert expected.keys() == found.keys()
        assert all(abs(found[label] - expected[label]) <= TOLERANCE for label in expected)


@pytest.mark.parametrize("format", FILES)
def test_requests_at_the_same_time_are_answered_as_one_by_one(
    serve: Any, exported_run: Path, asked: Any, format: str
) -> None:
    client = serve(model=exported_run / FILES[format], workers=8)
    images = [image for image, _ in asked] * 4
    alone = [client.raw(image).json["predictions"] for image in images]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda image: client.raw(image).json["predictions"], images))
    assert alone == together


def test_an_artifact_that_is_not_its_runs_does_not_start(serve: Any, copy_of: Any, exported_run: Path) -> None:
    run = copy_of(exported_run)
    shutil.copyfile(run / "model.full_int8.tflite", run / "model.float32.tflite")
    with pytest.raises(InputError, match="model is not the file that artifacts"):
        serve(model=run / "model.float32.tflite")


def test_a_tflite_file_that_is_written_over_goes_on_from_memory(
    serve: Any, exported_run: Path, tmp_path: Path, asked: Any
) -> None:
    """An interpreter that maps the file would end the process with it."""
    file = Path(shutil.copyfile(exported_run / "model.float32.tflite", tmp_path / "model.tflite"))
    client = serve(model=file, reload_seconds=0.0)
    before = client.raw(asked[0][0]).json
    os.truncate(file, 1000)
    assert before == client.raw(asked[0][0]).json


#: The service in a process where TensorFlow cannot be imported.
WITHOUT_TENSORFLOW = """
import runpy, sys
sys.modules["tensorflow"] = None
sys.argv = ["service"]
runpy.run_module("modelport.assets.service", run_name="__main__")
"""


@contextmanager
def process(*command: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A service in a process of its own, and the lines that it printed up to its address."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MODELPORT_")}
    with subprocess.Popen(
        [sys.executable, "-P", *command],
        env=plain | {"PORT": "0"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        lines = list[str]()
        try:
            assert started.stdout is not None
            for line in started.stdout:
                lines.append(line.strip())
                if line.startswith("listening"):
                    break
            yield started, lines
        finally:
            started.terminate()


@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_tflite_and_onnx_are_served_without_tensorflow(serve: Any, exported_run: Path, asked: Any, format: str) -> None:
    image, expected = asked[0]
    file = exported_run / FILES[format]
    with process("-c", WITHOUT_TENSORFLOW, MODELPORT_MODEL=str(file)) as (_, lines):
        assert lines, "it started"
        address = lines[-1].split()[-1]
        client = type(serve(mock=True))(type("Started", (), {"address": address}))
        assert max(expected, key=lambda label: expected[label]) == client.raw(image).json["predicted_label"]


def test_the_service_prints_its_settings_and_ends_with_sigterm() -> None:
    with process("-m", "modelport.assets.service", USE_MOCK_MODEL="1", MODELPORT_WINDOW="3") as (started, lines):
        assert {"MODELPORT_WINDOW            3", "USE_MOCK_MODEL              1"} <= set(lines)
        assert "made-up answers (mock), 6 labels, none" in lines
        started.terminate()
        if sys.platform != "win32":
            assert 0 == started.wait(20)
        assert started.stderr is not None
        assert "Traceback" not in started.stderr.read()


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"MODELPORT_MODEL": "nowhere.pb"}, "no such file"),
        ({"MODELPORT_MODLE": "a"}, "did you mean MODELPORT_MODEL?"),
        ({"USE_MOCK_MODEL": "1", "HOST": "203.0.113.1"}, "cannot listen"),
        ({"USE_MOCK_MODEL": "1", "HOST": "no.such.host.invalid"}, "cannot listen"),
    ],
)
def test_a_service_that_cannot_start_says_why_and_exits_2(environment: dict[str, str], told: str) -> None:
    with process("-m", "modelport.assets.service", **environment) as (started, _):
        assert started.stderr is not None
        said = started.stderr.read()
        assert 2 == started.wait(20)
    assert told in said
    assert said.startswith("Error: ")
    assert "Traceback" not in said


@pytest.fixture
def photo(tmp_path: Path, jpeg: bytes) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(jpeg)
    return file


def run_smoke(*arguments: object) -> tuple[int, str]:
    from click.testing import CliRunner

    done = CliRunner().invoke(smoke, [str(argument) for argument in arguments])
    return done.exit_code, done.output


def test_smoke_passes_on_a_model_and_names_it(serve: Any, exported_run: Path, asked: Any, tmp_path: Path) -> None:
    image, expected = asked[0]
    (tmp_path / "photo").write_bytes(image)
    best, digest = max(expected, key=lambda label: expected[label]), sha256_of(exported_run / "model.onnx")
    client = serve(model=exported_run / "model.onnx")
    code, said = run_smoke(client.address, tmp_path / "photo", "--expect-label", best, "--model-sha256", digest)
    assert (0, True) == (code, f": {best} with" in said and digest[:12] in said)
    assert (1, True) == at_fault(run_smoke(client.address, tmp_path / "photo", "--expect-label", "x"), "another label")
    fault = run_smoke(client.address, tmp_path / "photo", "--model-sha256", "0" * 64)
    assert (1, True) == at_fault(fault, "another model")


def at_fault(done: tuple[int, str], told: str) -> tuple[int, bool]:
    return done[0], told in done[1]


def test_smoke_fails_on_a_mock(mock: Any, photo: Path) -> None:
    assert (1, True) == at_fault(run_smoke(mock.address, photo), "its answers are made up")


def test_smoke_fails_where_nobody_answers(photo: Path, tmp_path: Path) -> None:
    assert (1, True) == at_fault(run_smoke("http://127.0.0.1:1", photo), "cannot be reached")
    assert (1, True) == at_fault(run_smoke("no address", photo), "does not answer JSON")
    assert 2 == run_smoke("http://127.0.0.1:1", tmp_path / "none.jpg")[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mock": None}, "its answers are made up"),
        ({"model_sha256": "abc"}, "does not name its model"),
        ({"model_sha256": "1" * 64}, "another model"),
        ({"predictions": []}, "predictions cannot be read"),
        ({"predictions": [{"label": "A", "score": 1.5}]}, "predictions cannot be read"),
        ({"predictions": [{"label": "A", "score": 0.1}, {"label": "B", "score": 0.9}]}, "not sorted"),
        ({"top_prediction": {"label": "B", "score": 0.9}}, "not the first"),
        ({"predicted_label": "B"}, "not the best"),
        ({"assembled_text": None}, "not a text"),
    ],
)
def test_smoke_fails_on_what_clients_cannot_read(
    photo: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], told: str
) -> None:
    answer_by_hand(monkeypatch, change)
    assert (1, True) == at_fault(run_smoke("http://service", photo), told)


def test_smoke_passes_on_that_answer_without_the_change(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_by_hand(monkeypatch, {})
    assert (0, True) == at_fault(run_smoke("http://service", photo), "A with 0.9000, by model 000000000000")


def answer_by_hand(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    """Let every request be answered by a sound answer with this change; nothing is sent."""
    row = {"label": "A", "score": 0.9}
    sound: dict[str, Any] = {"predictions": [row], "top_prediction": row, "predicted_label": "A", "assembled_text": ""}
    sound |= {"mock": False, "model_sha256": "0" * 64}
    health = {"status": "ok", "mock": False, "model_sha256": "0" * 64}

    def answer(request: Any, timeout: float) -> Any:
        value = health if request.full_url.endswith("/health") else sound | change
        return io.BytesIO(json.dumps(value).encode())

    monkeypatch.setattr("urllib.request.urlopen", answer)

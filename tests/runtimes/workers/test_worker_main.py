"""The worker's loop, in this process: requests in, answers out, whatever a runtime raises."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.runtimes.process.frames import read_frame, write_frame
from modelport.runtimes.workers.worker_main import serve


def answers_to(*requests: tuple[dict[str, Any], list[Any]]) -> list[dict[str, Any]]:
    asked, answered = io.BytesIO(), io.BytesIO()
    for number, (header, arrays) in enumerate(requests):
        write_frame(asked, header | {"token": f"of {number}"}, arrays)
    asked.seek(0)
    serve(asked, answered)
    end = answered.tell()
    answered.seek(0)
    found = []
    while answered.tell() < end:
        found.append(read_frame(answered)[0])
    assert [f"of {number}" for number in range(len(found))] == [answer.pop("token") for answer in found]
    return found


def opening(format: str, path: Path, contract: ModelContract) -> tuple[dict[str, Any], list[Any]]:
    return {"ask": "open", "format": format, "path": str(path), "contract": contract.to_json()}, []


def test_a_worker_of_another_interpreter_needs_numpy_alone() -> None:
    """An environment that was made for an old runtime has no `packaging`, no click and no Pillow."""
    script = (
        "import sys; before = set(sys.modules); import modelport.runtimes.workers.worker_main;"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    assert ["modelport", "numpy"] == done.stdout.split()


def test_a_closed_session_ends_the_worker() -> None:
    assert [] == answers_to()


@pytest.mark.parametrize("format", ["keras", "saved_model", "frozen_graph"])
@pytest.mark.parametrize("kind", ["garbage", "empty", "missing", "folder"])
def test_what_tensorflow_cannot_open_is_refused_in_words(
    small_contract: ModelContract, tmp_path: Path, format: str, kind: str
) -> None:
    pytest.importorskip("tensorflow", reason="its runtime needs the extra [tensorflow]")
    path = tmp_path / ("model.keras" if format == "keras" else "model")
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(b"garbage" if kind == "garbage" else b"")
    (answer,) = answers_to(opening(format, path, small_contract))
    assert ["refused"] == list(answer)
    assert len(answer["refused"]) > 10


def test_an_unknown_format_is_refused(small_contract: ModelContract, tmp_path: Path) -> None:
    (answer,) = answers_to(opening("coreml", tmp_path, small_contract))
    assert answer["refused"].startswith("unknown format")


def test_a_keras_model_with_python_code_in_it_is_refused(small_contract: ModelContract, tmp_path: Path) -> None:
    """A Lambda layer runs whatever the file's author wrote."""
    pytest.importorskip("tensorflow", reason="Keras needs the extra [tensorflow]")
    import keras

    image = keras.Input((2, 2, 3))
    model = keras.Model(image, keras.layers.Lambda(lambda x: x[:, 0, 0, :1], output_shape=(1,))(image))
    model.save(tmp_path / "model.keras")
    (answer,) = answers_to(opening("keras", tmp_path / "model.keras", small_contract))
    assert "Lambda" in answer["refused"]


def test_a_failed_prediction_does_not_end_the_worker(exported_run: Path, contract: ModelContract) -> None:
    wrong, right = np.zeros((1, 3, 3, 3), np.float32), np.zeros((1, 48, 48, 3), np.float32)
    opened, refused, answered = answers_to(
        opening("onnx", exported_run / "model.onnx", contract),
        ({"ask": "pixels"}, [wrong]),
        ({"ask": "pixels"}, [right]),
    )
    assert ["description", "refused", "heads"] == [*opened, *refused, *answered]

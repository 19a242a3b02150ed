"""Two exports of one model have one digest; another weight, signature, computation or contract has another."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.files.hashing import sha256_of

tf = pytest.importorskip("tensorflow", reason="a SavedModel is TensorFlow's")

from modelport.runtimes.tf_graph.saved_model_digest import digest_saved_model  # noqa: E402

Answer = Callable[[Any, Any], Any]


def double(weight: Any, x: Any) -> Any:
    return tf.map_fn(lambda row: tf.nn.relu(row @ weight) * 2.0, x)


def write(folder: Path, answer: Answer = double, weight: float = 1.5, key: str = "y", extra: str = "") -> str:
    """Write a SavedModel of x (batch, 1, 2) and return its digest; the weight is a variable."""
    module = tf.Module()
    module.weight = tf.Variable([[weight], [0.5]])
    serve = tf.function(
        lambda x: {key: answer(module.weight, x)}, input_signature=[tf.TensorSpec((None, 1, 2), name="x")]
    )
    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    if extra:
        (folder / "assets.extra").mkdir(exist_ok=True)
        (folder / "assets.extra" / "contract.json").write_text(extra)
    return digest_saved_model(folder)


def test_a_second_export_has_other_bytes_and_the_same_digest(tmp_path: Path) -> None:
    first = write(tmp_path / "a")
    for _ in range(3):  # so that functions get other numbers
        tf.function(lambda x: x + 1.0)(tf.constant(1.0))
    assert first == write(tmp_path / "b")
    assert (tmp_path / "a/saved_model.pb").read_bytes() != (tmp_path / "b/saved_model.pb").read_bytes()


def test_the_same_weights_in_twos_or_halves_are_another_model(tmp_path: Path) -> None:
    """Constants inside the function that a loop calls count, too."""
    changed: dict[str, dict[str, Any]] = {
        "same": {},
        "weight": {"weight": 1.25},
        "constant": {"answer": lambda weight, x: tf.map_fn(lambda row: tf.nn.relu(row @ weight) * 0.5, x)},
        "operator": {"answer": lambda weight, x: tf.map_fn(lambda row: tf.nn.elu(row @ weight) * 2.0, x)},
        "name": {"key": "z"},
        "contract": {"extra": "{}"},
    }
    digests = [write(tmp_path / name, **how) for name, how in changed.items()]
    assert len(changed) == len(set(digests))


@pytest.mark.slow
def test_fresh_processes_export_one_content(tiny_run: Path, tmp_path: Path) -> None:
    """DESIGN.md, fact 18: no file is equal, the content is."""
    code = (
        "import sys; from modelport.convert.convert import convert; "
        "from modelport.runtimes.tf_graph.saved_model_digest import digest_saved_model; "
        "convert(sys.argv[1], ['saved_model'], overwrite=True); "
        "print(digest_saved_model(sys.argv[1] + '/saved_model'))"
    )
    said = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tiny_run)],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        said.append((done.stdout.strip().splitlines()[-1], sha256_of(tiny_run / "saved_model")))
    assert said[0][0] == said[1][0]
    assert said[0][1] != said[1][1]

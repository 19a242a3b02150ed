"""A classification and a regression head go through every writer and every driver, matched by name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance

keras = pytest.importorskip("keras", reason="makes the model")

from modelport.convert.convert import WRITERS  # noqa: E402
from modelport.convert.options.export_options import FrozenGraphOptions  # noqa: E402
from modelport.convert.source.source import Source  # noqa: E402
from modelport.convert.to_frozen_graph.writer import write_frozen_graph  # noqa: E402
from modelport.runtimes.workers.workers import open_artifact  # noqa: E402

#: The first head's name comes last in the alphabet, so that sorting by name is found out.
CONTRACT = ModelContract(
    pixels=PixelContract(height=16, width=16),
    heads=(ClassificationHead(name="mood", labels=("calm", "glad", "sad")), RegressionHead(name="age", unit="years")),
    parameters=0,
    provenance=Provenance(run_id="run", model_sha256="0"),
)


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3), name="image")
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3)(image))
    mood = keras.layers.Dense(3, activation="softmax", name="mood")(pooled)
    return keras.Model(image, [mood, keras.layers.Dense(1, name="age")(pooled)])


@pytest.mark.slow
@pytest.mark.parametrize("format", WRITERS)
def test_outputs_are_matched_by_name(model: Any, format: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if format == "tfjs":
        request.getfixturevalue("in_node")
    (tmp_path / "scratch").mkdir()
    WRITERS[format].write(Source(model=model, contract=CONTRACT, scratch=tmp_path / "scratch"), tmp_path / "artifact")
    pixels = np.random.default_rng(0).random((3, 16, 16, 3), dtype=np.float32)
    mood, age = model(pixels)
    with open_artifact(tmp_path / "artifact", format, CONTRACT, log=tmp_path / "log") as session:
        answers = session.predict(pixels)
    assert ["mood", "age"] == list(answers)
    np.testing.assert_allclose(mood, answers["mood"], atol=1e-5)
    np.testing.assert_allclose(age, answers["age"], atol=1e-5)


def test_the_labelled_head_alone_comes_in_the_old_order(model: Any, tmp_path: Path) -> None:
    labels = tmp_path / "OLD.txt"
    labels.write_text("SAD\nCALM\nGLAD\n")
    source = Source(model=model, contract=CONTRACT, scratch=tmp_path)
    written = write_frozen_graph(source, tmp_path / "graph.pb", FrozenGraphOptions(like_labels=labels))
    assert ("sad", "calm", "glad") == written.labels
    pixels = np.random.default_rng(0).random((3, 16, 16, 3), dtype=np.float32)
    mood, age = (np.asarray(answer) for answer in model(pixels))
    with open_artifact(tmp_path / "graph.pb", "frozen_graph", CONTRACT, log=tmp_path / "log") as session:
        answers = session.predict(pixels)
    np.testing.assert_allclose(mood[:, [2, 0, 1]], answers["mood"], atol=1e-5)
    np.testing.assert_allclose(age, answers["age"], atol=1e-5)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"family": "pixels", "input_name": "x", "output_name": "x"}, "x:0"),
        ({"family": "pixels", "output_name": "input"}, "input:0"),
        ({"family": "pixels", "input_name": "age"}, "age:0"),
        ({"family": "inception", "input_name": "final_result"}, "final_result:0"),
        ({"output_name": "DecodeJpeg/contents"}, "DecodeJpeg/contents:0"),
        ({"output_name": "Age"}, "age:0"),
    ],
)
def test_two_tensors_of_one_name_are_refused(model: Any, tmp_path: Path, given: dict[str, str], taken: str) -> None:
    source = Source(model=model, contract=CONTRACT, scratch=tmp_path)
    with pytest.raises(InputError, match="would have one name") as caught:
        write_frozen_graph(source, tmp_path / "graph.pb", FrozenGraphOptions(**given))  # type: ignore[arg-type]
    assert taken.lower() in str(caught.value.received).lower()


def test_pixels_make_way_for_an_answer_at_their_name(model: Any, tmp_path: Path) -> None:
    """The client feeds files, and reads `input:0`; nobody said what the pixels are called."""
    source = Source(model=model, contract=CONTRACT, scratch=tmp_path)
    written = write_frozen_graph(source, tmp_path / "graph.pb", FrozenGraphOptions(output_name="input"))
    assert written.tensor_names is not None
    assert "input:0" == written.tensor_names["output"] != written.tensor_names["pixels"]

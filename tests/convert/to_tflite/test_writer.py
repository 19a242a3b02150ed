from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError

litert = pytest.importorskip("ai_edge_litert.interpreter", reason="the oracle's runtime is LiteRT")


def answers_of(path: Path, pixels: Any, batch: int) -> Any:
    """Answers by the output's name in the signature, `batch` images at a time."""
    interpreter = litert.Interpreter(str(path))
    (name,) = interpreter.get_signature_list()
    runner = interpreter.get_signature_runner(name)
    return np.concatenate([runner(image=pixels[at : at + batch])["label"] for at in range(0, len(pixels), batch)])


@pytest.mark.parametrize("batch", [1, 7])
def test_float32_answers_as_keras_does(exported_run: Path, oracle: Any, batch: int) -> None:
    answers = answers_of(exported_run / "model.float32.tflite", oracle.pixels, batch)
    np.testing.assert_allclose(oracle.answers, answers, atol=1e-5)


def test_weights_are_in_the_file(exported_run: Path, keras_model: Any) -> None:
    """DESIGN.md, fact 11: a file without weights has 0.2 MB and answers NaN."""
    assert (exported_run / "model.float32.tflite").stat().st_size > 3.5 * keras_model.count_params()


def test_an_operator_without_a_counterpart_is_named_and_flex_is_not_taken_unasked(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras", reason="makes the model")
    import tensorflow as tf
    from modelport.convert.options.export_options import TfliteOptions
    from modelport.convert.source.source import Source
    from modelport.convert.to_tflite.writer import write_tflite

    class Determinant(keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return tf.linalg.det(x[:, :, :, 0])[:, None] + tf.zeros((1, 2))

    image = keras.Input((4, 4, 3), name="image")
    model = keras.Model(image, Determinant()(image))
    source = Source(model=model, contract=two_class_contract(4), scratch=tmp_path)
    with pytest.raises(InputError, match="MatrixDeterminant") as refusal:
        write_tflite(source, tmp_path / "model.tflite")
    assert "--allow-flex" in str(refusal.value)
    assert not (tmp_path / "model.tflite").exists()
    write_tflite(source, tmp_path / "model.tflite", TfliteOptions(allow_flex=True))

    from modelport.runtimes.tflite.open_tflite import read_tflite

    assert ("FlexMatrixDeterminant",) == read_tflite((tmp_path / "model.tflite").read_bytes())["flex_operators"]


def two_class_contract(side: int) -> Any:
    from modelport.contract.image.pixels import PixelContract
    from modelport.contract.labels.heads import ClassificationHead
    from modelport.contract.model_contract.model_contract import ModelContract, Provenance

    return ModelContract(
        pixels=PixelContract(height=side, width=side),
        heads=(ClassificationHead(name="label", labels=("a", "b")),),
        parameters=0,
        provenance=Provenance(run_id="run", model_sha256="0"),
    )

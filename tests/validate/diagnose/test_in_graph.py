"""An artifact that resizes and scales inside: what it does with the pixels is told by another artifact of the run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from modelport.contract.image.decode import read_image
from modelport.contract.image.resize import resize_bilinear
from modelport.runtimes.facts.description import TensorInfo
from modelport.validate.judge import JudgeOptions, judge_run
from numpy.typing import NDArray
from PIL import Image

SIZE = 8
WEIGHTS = np.random.default_rng(5).normal(0, 0.9, (SIZE * SIZE * 3, 3))
Array = NDArray[Any]


def model(pixels: Array) -> NDArray[np.float32]:
    """Softmax of a random linear map of images in [0, 1], less their middle: (n, 3)."""
    logits = (pixels.astype(np.float64) - 0.4).reshape(len(pixels), -1) @ WEIGHTS
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    answers: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return answers


@pytest.fixture
def said(make_run: Any, made: Any) -> Callable[..., str]:
    """Return a function that judges an artifact of any size, and gives its diagnosis."""

    def judge(scale: Callable[[Array], Array], *, sibling: bool = True) -> str:
        run, random = make_run(per_class=1), np.random.default_rng(0)
        (run.root / "model.keras").unlink()
        for path in (run.dataset / "test").rglob("*.png"):
            for number in range(14):
                pixels = random.integers(0, 256, (26, 20, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(path.with_name(f"{number}.png"))
            path.unlink()
        paths = sorted((run.dataset / "test").rglob("*.png"))
        images = [resize_bilinear(read_image(path, run.contract.pixels), SIZE, SIZE) / 255 for path in paths]
        made.write_reference_of(run, paths, predictions={"label": model(np.stack(images))})
        any_size = made.stand_in(
            lambda x: model(np.stack([scale(resize_bilinear(one, SIZE, SIZE)) for one in x])),
            inputs=(TensorInfo(name="image", dtype="uint8", shape=(None, None, None, 3)),),
        )
        made.write_onnx(run.root / "model.in_graph.onnx")  # stands for it: the stand-in answers
        run.record("model.in_graph.onnx", format="onnx", preprocessing="in_graph")
        if sibling:
            run.export("model.onnx")
        opener = made.opener_of({"model.in_graph.onnx": any_size, "model.onnx": made.stand_in(model)})
        outcome = judge_run(run.root, JudgeOptions(only=("model.in_graph.onnx",)), opener=opener).outcomes[0]
        return "; ".join(finding.sentence for finding in outcome.findings if finding.key == "diagnosis")

    return judge


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        pytest.param(lambda x: x / 255 / 255, "input is scaled twice", id="twice"),
        pytest.param(lambda x: x / 127.5 - 1, "input is scaled twice", id="less-one"),
        pytest.param(lambda x: x, "input is not scaled", id="raw"),
        pytest.param(lambda x: x[..., ::-1] / 255, "colour channels are swapped", id="bgr"),
    ],
)
def test_what_is_done_inside_is_named_in_those_words(said: Any, scale: Any, words: str) -> None:
    sentence = said(scale)
    assert sentence.startswith(words)
    assert "explains it as well" not in sentence


def test_without_another_artifact_the_value_range_is_not_denied(said: Any) -> None:
    sentence = said(lambda x: x / 255 / 255, sibling=False)
    assert "none of the usual mistakes that were tried" in sentence
    assert "value range" not in sentence


def test_a_sound_one_is_accused_of_nothing(said: Any) -> None:
    assert said(lambda x: x / 255) == ""

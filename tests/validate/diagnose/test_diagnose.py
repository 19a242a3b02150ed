"""Each usual mistake, made by a model in closed form, is named; a model with other faults is accused of none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.image.decode import load_pixels, read_image
from modelport.contract.image.pixels import PixelContract
from modelport.contract.image.value_scalings import NORMALISATIONS, SCALINGS, Scaling
from modelport.validate.budgets.budgets import BudgetBook
from modelport.validate.diagnose.inputs import input_mistakes
from modelport.validate.diagnose.pixels import pixel_mistakes
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from numpy.typing import NDArray

SIZE, CLASSES = 8, 3
Answer = Callable[[NDArray[Any]], NDArray[np.float32]]

#: Of each pixel in each channel, so that any other place, channel, scale or side of an image gives another answer.
WEIGHTS = np.random.default_rng(5).normal(0, 0.9, (SIZE * SIZE * 3, CLASSES))


def logits(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """A random linear map of images in [0, 1], less their middle: (n, 3)."""
    found: NDArray[np.float32] = ((pixels.astype(np.float64) - 0.4).reshape(len(pixels), -1) @ WEIGHTS).astype(
        "float32"
    )
    return found


def softmax(values: NDArray[Any]) -> NDArray[np.float32]:
    powers = np.exp(values.astype(np.float64) - values.max(axis=1, keepdims=True))
    answers: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return answers


def model(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Softmax of `logits`."""
    return softmax(logits(pixels))


@pytest.fixture
def judged(make_run: Any, made: Any) -> Callable[..., Outcome]:
    """Return a function that judges a stand-in that answers as told; the reference is `model`."""

    def judge(answer: Answer, **options: Any) -> Outcome:
        run = make_run(per_class=20)
        paths = sorted((run.dataset / "test").rglob("*.png"))
        images = np.stack([read_image(path, run.contract.pixels) for path in paths]).astype(np.float32) / 255
        made.write_reference_of(run, paths, predictions={"label": model(images)})
        run.export()
        opener = made.opener_of({"model.onnx": made.stand_in(answer)})
        (outcome,) = judge_run(run.root, JudgeOptions(**options), opener=opener).outcomes
        assert isinstance(outcome, Outcome)
        return outcome

    return judge


def diagnosis(outcome: Outcome) -> str:
    """Return what was said, and check that it never decides."""
    found = [finding for finding in outcome.findings if finding.key == "diagnosis"]
    assert all(finding.verdict in (outcome.verdict, Verdict.PASS) for finding in found)
    return "; ".join(finding.sentence for finding in found)


BGR_MEAN = np.array([103.939, 116.779, 123.68])
MEAN, SPREAD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(lambda x: model(x)[:, [1, 0, 2]], "labels 'red' and 'green' are exchanged", id="exchanged"),
        pytest.param(lambda x: model(x)[:, [1, 2, 0]], "labels are in another order", id="order"),
        pytest.param(lambda x: logits(x), "the softmax is missing: it answers logits", id="logits"),
        pytest.param(lambda x: softmax(model(x)), "the softmax is there twice", id="softmax-twice"),
        pytest.param(lambda x: model(x / 255), "input is scaled twice: it divides by 255", id="scaled-twice"),
        pytest.param(lambda x: model(x / 127.5 - 1), "input is scaled twice: it divides by 127.5", id="scaled-127"),
        pytest.param(lambda x: model(x * 2 - 1), "input is scaled twice: it doubles and subtracts 1", id="doubled"),
        pytest.param(lambda x: model(x * 255), "input is scaled back: it multiplies by 255", id="scaled-back"),
        pytest.param(lambda x: model((x + 1) / 2), "it takes pixels in [-1, 1]", id="other-range"),
        pytest.param(lambda x: model(1 - x), "input is inverted", id="inverted"),
        pytest.param(lambda x: model((x - MEAN) / SPREAD), "input is normalised twice", id="normalised"),
        # keras.applications.imagenet_utils.preprocess_input(x, mode="caffe"), of [0, 1] and of [0, 255]
        pytest.param(
            lambda x: model(x[..., ::-1] - BGR_MEAN), "normalised twice: it swaps the channels", id="caffe-of-unit"
        ),
        pytest.param(
            lambda x: model((x * 255)[..., ::-1] - BGR_MEAN),
            "normalised twice: it swaps the channels",
            id="caffe-of-levels",
        ),
        pytest.param(lambda x: model(x[..., ::-1]), "colour channels are swapped: it takes BGR", id="bgr"),
        pytest.param(lambda x: model(x.transpose(0, 2, 1, 3)), "height and width are exchanged", id="transposed"),
        pytest.param(lambda x: model(x[:, ::-1]), "images are upside down", id="upside-down"),
        pytest.param(lambda x: model(x[:, :, ::-1]), "images are mirrored", id="mirrored"),
    ],
)
def test_a_usual_mistake_is_named(judged: Any, answer: Answer, said: str) -> None:
    outcome = judged(answer)
    assert Verdict.FAIL is outcome.verdict
    assert said in diagnosis(outcome)
    assert "explains it as well" not in diagnosis(outcome)


def test_the_number_of_images_that_it_puts_right_is_told(judged: Any) -> None:
    assert "60 of them answer as expected" in diagnosis(judged(lambda x: model(x)[:, [1, 0, 2]]))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda x: model(x + 0.05), id="brighter"),
        pytest.param(lambda x: model(np.roll(x, 1, axis=2)), id="moved-by-a-pixel"),
        pytest.param(lambda x: model(np.round(x * 4) / 4), id="few-grey-levels"),
        pytest.param(lambda x: model(x) * np.float32(0.9) + np.float32(0.1 / 3), id="less-sure"),
        pytest.param(lambda x: model(np.abs(x) ** 2.2), id="gamma"),
        pytest.param(lambda x: np.random.default_rng(0).dirichlet(np.ones(3), len(x)).astype(np.float32), id="random"),
    ],
)
def test_another_fault_is_accused_of_nothing(judged: Any, answer: Answer) -> None:
    outcome = judged(answer)
    assert Verdict.FAIL is outcome.verdict
    assert (
        "none of the usual mistakes that were tried (labels, softmax, value range, channels, turned or mirrored "
        "images, weights) explains the difference alone" in diagnosis(outcome)
    )


def test_a_pass_is_not_diagnosed(judged: Any) -> None:
    assert not diagnosis(judged(model))


def test_answers_that_do_not_depend_on_the_image_are_told(judged: Any) -> None:
    said = diagnosis(judged(lambda x: np.full((len(x), 3), 1 / 3, dtype=np.float32)))
    assert "the same for all of 60 images" in said


def test_a_model_that_is_below_the_floor_itself_is_not_explained_away(made: Any, make_run: Any) -> None:
    """Equal to its reference, which answers 40 of 60 images right: there is no difference to explain."""
    run = make_run(per_class=20)
    paths = sorted((run.dataset / "test").rglob("*.png"))
    images = np.stack([load_pixels(path, run.contract.pixels) for path in paths])
    answers = made.closed_form(images)
    wrong = np.arange(len(paths)) % 3 == 0
    answers[wrong] = answers[wrong][:, [1, 2, 0]]
    by_image = {image.tobytes(): answer for image, answer in zip(images, answers, strict=True)}
    made.write_reference_of(run, paths, predictions={"label": answers})
    run.export()

    def recall(pixels: NDArray[Any]) -> NDArray[np.float32]:
        return np.stack([by_image.get(one.tobytes(), np.full(3, 1 / 3, np.float32)) for one in pixels])

    opener = made.opener_of({"model.onnx": made.stand_in(recall)})
    options = JudgeOptions(budgets=BudgetBook(options={"min_top1": 0.99}))
    (outcome,) = judge_run(run.root, options, opener=opener).outcomes
    assert Verdict.FAIL is outcome.verdict
    said = diagnosis(outcome)
    assert said.startswith("it answers as the reference does: the model itself is below the floor")
    assert "explains" not in said


def test_two_labels_that_the_run_has_exchanged_are_found_on_labelled_images(make_run: Any, made: Any) -> None:
    """A run that is right for one label of three, wrong for two, in every answer; parity with it is perfect."""
    run = make_run(per_class=20)
    paths = sorted((run.dataset / "test").rglob("*.png"))
    images = np.stack([read_image(path, run.contract.pixels) for path in paths]).astype(np.float32) / 255
    made.write_reference_of(run, paths, predictions={"label": made.closed_form(images)[:, [1, 0, 2]]})
    run.export(order=(1, 0, 2))
    report = judge_run(run.root)
    (outcome,) = report.outcomes
    assert Verdict.PASS is outcome.verdict
    (note,) = [note for note in report.notes if "exchanged" in note]
    assert "In the run itself, labels 'red' and 'green' are probably exchanged" in note
    assert "60 of 60 images are answered right, not 20" in note


def test_a_sound_run_gets_no_note_on_its_labels(make_run: Any) -> None:
    run = make_run(per_class=20)
    run.export()
    assert not [note for note in judge_run(run.root).notes if "labels" in note]


def test_equal_evidence_names_both(make_run: Any) -> None:
    """The closed form of conftest sums up each channel, so that BGR and an exchange of red and blue are one."""
    run = make_run()
    run.export(order=(2, 1, 0))
    (outcome,) = judge_run(run.root).outcomes
    said = diagnosis(outcome)
    assert "labels 'red' and 'blue' are exchanged" in said
    assert "colour channels are swapped" in said
    assert "explains it as well" in said


def test_a_mistake_that_the_reference_shares_is_found_on_labelled_images(make_run: Any, made: Any) -> None:
    """A model adopted with labels in another order equals its reference, and is wrong."""
    run = make_run(per_class=20)
    paths = sorted((run.dataset / "test").rglob("*.png"))
    images = np.stack([read_image(path, run.contract.pixels) for path in paths]).astype(np.float32) / 255
    made.write_reference_of(run, paths, predictions={"label": made.closed_form(images)[:, [1, 2, 0]]})
    run.export(order=(1, 2, 0))
    (outcome,) = judge_run(run.root, JudgeOptions(budgets=BudgetBook(options={"min_top1": 0.9}))).outcomes
    said = diagnosis(outcome)
    assert "labels are in another order" in said
    assert "60 of 60 images are answered right, not 0" in said
    assert "the reference shares it" in said


def test_weights_that_are_zero_are_named(make_run: Any, tmp_path: Path) -> None:
    import onnx
    from onnx import numpy_helper

    run = make_run(per_class=20)
    run.export()
    made = onnx.load(run.root / "model.onnx")
    node, value = onnx.helper.make_node, np.eye(3, dtype=np.float32) * 8
    graph = onnx.helper.make_graph(
        [
            node("Transpose", ["input"], ["nchw"], perm=[0, 3, 1, 2]),
            node("Conv", ["nchw", "kernel"], ["seen"], name="first_conv"),
            *made.graph.node[1:],
        ],
        "zeroed",
        made.graph.input,
        made.graph.output,
        [
            numpy_helper.from_array(value, "weight"),
            numpy_helper.from_array(np.zeros((3, 3, 3, 3), dtype=np.float32), "kernel"),
        ],
    )
    for one in graph.node:
        if one.op_type == "GlobalAveragePool":
            one.input[0] = "seen"
    broken = tmp_path / "broken.onnx"
    onnx.save(onnx.helper.make_model(graph, opset_imports=made.opset_import, ir_version=8), broken)
    (outcome,) = judge_run(run.root, JudgeOptions(artifacts=(broken,))).outcomes
    assert "the weights of 'first_conv' (3 x 3 x 3 x 3) are all zero" in diagnosis(outcome)
    assert "the same for all" in diagnosis(outcome)


@pytest.mark.parametrize("scaling", [*SCALINGS, *NORMALISATIONS], ids=lambda one: one.does)
@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)], ids=str)
def test_both_diagnoses_know_every_usual_scaling(scaling: Scaling, value_range: tuple[float, float]) -> None:
    """A row in the table is all that another one takes. One that leaves a range as it is, is none."""
    taken = PixelContract(height=8, width=8, value_range=value_range)
    pixels = np.random.default_rng(0).uniform(*value_range, (2, 8, 8, 3))
    scaled = scaling.apply(pixels)
    undone = [mistake.change(scaled) for mistake in input_mistakes(taken)]
    made = [mistake.change(pixels) for mistake in pixel_mistakes(taken)]
    assert any(one.shape == pixels.shape and np.allclose(one, pixels, atol=1e-6) for one in undone)
    assert any(one.shape == pixels.shape and np.allclose(one, scaled, atol=1e-6) for one in made)

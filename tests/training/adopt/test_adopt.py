"""A hand-made classifier of the three colours, whose true range is [0, 1] although it holds Rescaling(1/127.5, -1).

It answers by the channel means m in [0, 1]: softmax of 20 * min(max(m - 0.4, 0), 0.6). Fed [-1, 1] no mean reaches 0.4,
fed [0, 255] all are far above 1: both ways all labels tie. So it shows which range it was fed.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.contract.model_contract.model_contract import read_contract
from modelport.contract.run.reference import read_reference
from modelport.contract.run.run_folder import RunFolder
from PIL import Image

pytest.importorskip("tensorflow", reason="adoption needs the extra [tensorflow]")

import keras
from modelport.convert.convert import convert
from modelport.quantize.quantize import quantize
from modelport.runtimes.predict import predict_images
from modelport.training.adopt.adopt import adopt
from modelport.training.adopt.options import AdoptOptions

#: Not sorted, as models' own orders need not be.
LABELS = ("red", "green", "blue")


class Teller:
    """A narrator that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def track(self, items: Any, total: int, what: str) -> Any:
        yield from items


@pytest.fixture(scope="session")
def colour_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Rescaling(1 / 127.5, -1),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3, name="above"),
            keras.layers.ReLU(max_value=0.6),
            keras.layers.Dense(3, activation="softmax", name="last"),
        ]
    )
    model.get_layer("above").set_weights([127.5 * np.eye(3), np.full(3, 127.5 - 0.4)])
    model.get_layer("last").set_weights([20 * np.eye(3), np.zeros(3)])
    path = tmp_path_factory.mktemp("colours") / "colours.keras"
    model.save(path)
    return path


@pytest.fixture(scope="session")
def labels_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "labels.txt"
    path.write_bytes(b"red\r\ngreen\r\nblue\r\n")
    return path


@pytest.fixture(scope="session")
def adopted(
    colour_model: Path, labels_file: Path, dataset: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Teller]:
    """The run of a prepared data set, whose test split is evaluated; and what was told."""
    run, teller = tmp_path_factory.mktemp("adopted") / "run", Teller()
    adopt(colour_model, run, labels_file, dataset, AdoptOptions(), narrator=teller)
    return run, teller


def test_the_range_is_measured_although_the_layers_say_another(adopted: tuple[Path, Teller]) -> None:
    run, teller = adopted
    assert (0.0, 1.0) == read_contract(run / "contract.json").pixels.value_range
    shown = "\n".join(teller.lines)
    for line in ("0..1  top-1 1.000", "0..255  top-1 0.3", "-1..1  top-1 0.3", "takes 0..1, measured"):
        assert line in shown


def test_the_run_is_whole_and_says_that_it_was_adopted(adopted: tuple[Path, Teller], colour_model: Path) -> None:
    run, _ = adopted
    contract = RunFolder(run).read_contract()
    assert (LABELS, 3 * 3 + 3 + 3 * 3 + 3) == (contract.first_classification.labels, contract.parameters)
    names = {path.name for path in run.iterdir()}
    assert names == {
        *("model.keras", "contract.json", "training_set_labels.txt", "reference.npz", "evaluation_report.json"),
        *("confusion_matrix.png", "sample_predictions.png", "logs"),
    }
    report = json.loads((run / "evaluation_report.json").read_text())
    assert (1.0, None) == (report["test_accuracy"], report["train_validation_gap"])
    assert str(colour_model) == report["adopted"]["source"]
    assert "measured" == report["adopted"]["value_range"]["is"]
    assert b"red\ngreen\nblue\n" == (run / "training_set_labels.txt").read_bytes()


def test_the_reference_is_of_the_test_split_in_the_models_order_of_labels(adopted: tuple[Path, Teller]) -> None:
    run, _ = adopted
    reference = read_reference(run / "reference.npz")
    assert all(path.startswith("test/") for path in reference.paths)
    truth = [LABELS.index(Path(path).parent.name) for path in reference.paths]
    assert truth == reference.truths["label"].tolist()
    assert truth == reference.predictions["label"].argmax(axis=1).tolist()


@pytest.mark.slow
def test_every_later_stage_takes_it(adopted: tuple[Path, Teller], copy_of: Any, tmp_path: Path) -> None:
    run = copy_of(adopted[0])
    convert(run, ("tflite", "frozen_graph"))
    quantize(run, ("full_int8",), representative_images=9)
    Image.new("RGB", (16, 16), (0, 204, 51)).save(tmp_path / "flat.png")
    powers = np.exp(20 * np.clip(np.array([0, 0.8, 0.2]) - 0.4, 0, 0.6))
    for name, tolerance in (("model.keras", 1e-5), ("model.float32.tflite", 1e-5), ("trained_model_graph.pb", 1e-5)):
        (answer,) = predict_images(run / name, [tmp_path / "flat.png"])
        np.testing.assert_allclose(powers / powers.sum(), answer.outputs[0][1], atol=tolerance, err_msg=name)


def _centered(root: Path, *, last: str | None = "softmax") -> Path:
    """Answers by min(m, 0.5) of the channel means m in [0, 1], if fed -127.5..127.5; all ties if fed 0..1 or 0..255."""
    layers = keras.layers
    image = keras.Input((16, 16, 3))
    mean = layers.GlobalAveragePooling2D()(layers.Rescaling(1 / 255, 0.5)(image))
    model = keras.Model(image, layers.Dense(3, activation=last, name="last")(layers.ReLU(max_value=0.5)(mean)))
    model.get_layer("last").set_weights([20 * np.eye(3), np.zeros(3)])
    model.save(root / "centered.keras")
    return root / "centered.keras"


@pytest.mark.slow
def test_a_model_of_another_range_is_refused_and_taken_with_that_range(
    labels_file: Path, images: Path, tmp_path: Path
) -> None:
    """Fed -1..1 it gets all colours right and is hardly sure of any: logits differ by less than 20 * 0.5 / 127.5."""
    model = _centered(tmp_path)
    with pytest.raises(UsageError, match=r"none of[\s\S]*better under -127\.5\.\.127\.5[\s\S]*-1\.\.1  top-1 1\.000"):
        adopt(model, tmp_path / "run", labels_file, images, AdoptOptions())
    options = AdoptOptions(source_range=(-127.5, 127.5))
    report = adopt(model, tmp_path / "run", labels_file, images, options)
    assert (1.0, "given") == (report["test_accuracy"], report["adopted"]["value_range"]["is"])


@pytest.mark.slow
def test_logits_are_not_called_probabilities_because_they_hardly_differ(
    labels_file: Path, images: Path, tmp_path: Path
) -> None:
    """Fed 0..1 or 0..255 all logits are 10: the softmax of that is a third each, as it is of equal probabilities."""
    model = _centered(tmp_path, last=None)
    with pytest.raises(InputError, match="pass --softmax"):
        adopt(model, tmp_path / "run", labels_file, images, AdoptOptions())
    with pytest.raises(UsageError, match=r"better under -127\.5\.\.127\.5"):
        adopt(model, tmp_path / "run", labels_file, images, AdoptOptions(softmax=True))


@pytest.mark.slow
def test_a_given_range_that_is_worse_is_taken_with_a_warning(
    colour_model: Path, labels_file: Path, images: Path, tmp_path: Path
) -> None:
    """Class folders: all of them are evaluated."""
    teller = Teller()
    options = AdoptOptions(source_range=(0.0, 255.0))
    report = adopt(colour_model, tmp_path / "run", labels_file, images, options, narrator=teller)
    assert 90 == report["test_images"]
    warnings = [line for line in teller.lines if line.startswith("WARNING")]
    assert "better under 0..1" in warnings[0]
    assert "better under 0..1" in report["adopted"]["warnings"][0]
    assert (0.0, 255.0) == read_contract(tmp_path / "run" / "contract.json").pixels.value_range


@pytest.mark.slow
def test_quantizing_without_a_train_split_asks_for_other_images(
    colour_model: Path, labels_file: Path, images: Path, tmp_path: Path
) -> None:
    judged, apart = tmp_path / "judged", tmp_path / "apart"
    for label in LABELS:
        (judged / label).mkdir(parents=True)
        (apart / label).mkdir(parents=True)
        for number, path in enumerate(sorted((images / label).iterdir())):
            shutil.copy(path, (judged if number >= 10 else apart) / label)
    adopt(colour_model, tmp_path / "run", labels_file, judged, AdoptOptions())
    with pytest.raises(InputError, match=r"judged on[\s\S]*--representative-data DIR"):
        quantize(tmp_path / "run", ("full_int8",))
    with pytest.raises(InputError, match=r"60 of 60 images are in reference\.npz"):
        quantize(tmp_path / "run", ("full_int8",), representative_data=judged)
    (artifact,) = quantize(tmp_path / "run", ("full_int8",), representative_data=apart, representative_images=9)
    assert 9 == len(artifact.options["representative_images"])


@pytest.mark.slow
def test_a_labels_file_in_another_order_is_told_from_a_wrong_range(
    colour_model: Path, dataset: Path, tmp_path: Path
) -> None:
    (tmp_path / "labels.txt").write_text("green\nblue\nred\n")
    with pytest.raises(UsageError, match=r"at chance[\s\S]*another order"):
        adopt(colour_model, tmp_path / "run", tmp_path / "labels.txt", dataset, AdoptOptions())
    assert ["labels.txt"] == [path.name for path in tmp_path.iterdir()], "nothing half-written stays"


def test_exchanged_labels_are_told_and_the_run_is_made(colour_model: Path, tmp_path: Path) -> None:
    random, teller = np.random.default_rng(0), Teller()
    for place, label in enumerate(("red", "green", "blue")):
        for number in range(12):
            pixels = random.integers(0, 100, (16, 16, 3), dtype=np.uint8)
            pixels[:, :, place] += 120
            path = tmp_path / "images" / label / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    (tmp_path / "labels.txt").write_text("green\nred\nblue\n")
    options = AdoptOptions(source_range=(0, 1))
    evaluation = adopt(
        colour_model, tmp_path / "run", tmp_path / "labels.txt", tmp_path / "images", options, narrator=teller
    )
    assert "labels 'green' and 'red' are probably exchanged" in evaluation["suspected_labels"]
    (warning,) = [line for line in teller.lines if "WARNING  labels" in line]
    assert "36 of 36 images are answered right, not 12" in warning


def test_labels_that_the_model_does_not_have_are_counted(colour_model: Path, dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("background\nred\ngreen\nblue\n")
    with pytest.raises(InputError, match=r"3 labels[\s\S]*4 labels: background, red, green, blue[\s\S]*'background'"):
        adopt(colour_model, tmp_path / "run", tmp_path / "labels.txt", dataset, AdoptOptions())


def test_places_are_checked_before_anything_is_opened(
    colour_model: Path, labels_file: Path, adopted: tuple[Path, Teller], dataset: Path, tmp_path: Path
) -> None:
    options = AdoptOptions()
    with pytest.raises(UsageError, match="output exists"):
        adopt(colour_model, adopted[0], labels_file, dataset, options)
    with pytest.raises(UsageError, match="the model lies in the run folder"):
        adopt(adopted[0] / "model.keras", adopted[0], labels_file, dataset, AdoptOptions(overwrite=True))
    with pytest.raises(UsageError, match="data set lies in the run folder"):
        adopt(colour_model, dataset.parent, labels_file, dataset, options)
    with pytest.raises(InputError, match="does not exist"):
        adopt(colour_model, tmp_path / "run", labels_file, tmp_path / "gone", options)
    assert [] == list(tmp_path.iterdir())

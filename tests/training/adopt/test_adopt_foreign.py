"""Three classifiers that others made, or that plain code of others' makes: adopted, exported to everything, judged."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.model_contract.model_contract import read_contract
from modelport.training.prepare.options import PrepareOptions
from modelport.training.prepare.prepare import prepare
from modelport.validate.judge import judge_run
from PIL import Image

pytest.importorskip("tensorflow", reason="adoption needs the extra [tensorflow]")

import keras
from modelport.convert.convert import convert
from modelport.quantize.quantize import quantize
from modelport.training.adopt.adopt import adopt
from modelport.training.adopt.options import AdoptOptions

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:You are saving")]

CIFAR = "airplane automobile bird cat deer dog frog horse ship truck".split()  # noqa: SIM905
DOODLES = ("bowtie", "cat", "lollipop", "rainbow", "train")
FLOATS = {"saved_model", "trained_model_graph.pb", "model.float32.tflite", "model.onnx", "model.float16.tflite"}


@pytest.fixture
def shared() -> Path:
    folder = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}")
    return folder


def _labels(tmp_path: Path, labels: Any) -> Path:
    (tmp_path / "labels.txt").write_text("".join(f"{label}\n" for label in labels))
    return tmp_path / "labels.txt"


def _export_and_judge(run: Path, **representative: Any) -> dict[str, Any]:
    """Write every recipe, and every format that Python runs; return artifact to its verdict, and print the report."""
    convert(run)
    recipes = ("float16", "dynamic_int8", *(("full_int8",) if representative.get("data") is not False else ()))
    quantize(run, recipes, **{key: value for key, value in representative.items() if value is not False})
    report = judge_run(run).to_json()
    for row in report["artifacts"]:
        print(run.name, row["path"], row["size_bytes"], row["verdict"])
    return {row["path"]: row["verdict"] for row in report["artifacts"]}


def test_mlperf_tinys_resnet_is_adopted_with_the_range_it_was_given(shared: Path, tmp_path: Path) -> None:
    """CIFAR-10, an .h5 of Keras 2.4. Only two photos here are of its classes: they cannot tell a range."""
    (tmp_path / "photos").mkdir()
    shutil.copy(shared / "coral" / "cat.bmp", tmp_path / "photos" / "cat_1.bmp")
    shutil.copy(shared / "coral" / "parrot.jpg", tmp_path / "photos" / "bird_1.jpg")
    model, labels = shared / "mlperf_tiny" / "pretrainedResnet.h5", _labels(tmp_path, CIFAR)
    options = AdoptOptions(source_range=(0.0, 255.0))
    report = adopt(model, tmp_path / "resnet", labels, tmp_path / "photos", options)
    assert 2 == report["test_images"]
    assert "not above chance" in report["adopted"]["warnings"][0]
    assert 78_666 == read_contract(tmp_path / "resnet" / "contract.json").parameters, "as its authors' paper counts"
    verdicts = _export_and_judge(tmp_path / "resnet", data=False)
    assert dict.fromkeys(FLOATS, "pass") == {path: verdicts[path] for path in FLOATS}
    assert "undecided" == verdicts["model.dynamic_int8.tflite"], "two images settle nothing"


def test_a_saved_model_of_tf_keras_is_measured_to_take_0_to_255(shared: Path, tmp_path: Path) -> None:
    tf_keras = pytest.importorskip("tf_keras", reason="the model is trained by tf-keras")
    prepare(shared / "sign_digits", tmp_path / "dataset", PrepareOptions())
    train = sorted((tmp_path / "dataset" / "train").glob("*/*"))
    images = np.stack([_square(path, 32) for path in train])
    tf_keras.utils.set_random_seed(0)
    layers = tf_keras.layers
    model = tf_keras.Sequential(
        [
            tf_keras.Input((32, 32, 3)),
            layers.Rescaling(1 / 255),
            *(layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()),
            *(layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D()),
            *(layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, np.array([int(path.parent.name) for path in train]), epochs=25, batch_size=16, verbose=0)
    model.export(str(tmp_path / "signs"))
    labels = _labels(tmp_path, range(10))
    report = adopt(tmp_path / "signs", tmp_path / "run", labels, tmp_path / "dataset", AdoptOptions())
    print(report["adopted"], report["test_accuracy"], report["test_images"])
    assert (0.0, 255.0) == read_contract(tmp_path / "run" / "contract.json").pixels.value_range
    assert model.count_params() == read_contract(tmp_path / "run" / "contract.json").parameters
    verdicts = _export_and_judge(tmp_path / "run")
    assert dict.fromkeys(FLOATS, "pass") == {path: verdicts[path] for path in FLOATS}
    assert {"model.dynamic_int8.tflite", "model.full_int8.tflite"} < set(verdicts)


def test_a_model_with_rescaling_is_measured_to_take_0_to_1(shared: Path, tmp_path: Path) -> None:
    """The trap: Rescaling(1/127.5, -1) says [0, 255], and the pixels that it was trained on were in [0, 1]."""
    pixels, truth = _doodles(shared, tmp_path / "dataset")
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 3)),
            layers.Rescaling(1 / 127.5, -1),
            *(layers.Conv2D(16, 3, strides=2, use_bias=False), layers.BatchNormalization(momentum=0.9)),
            *(layers.ReLU(), layers.Conv2D(32, 3, strides=2, activation="relu")),
            *(layers.Flatten(), layers.Dense(5, activation="softmax")),
        ]
    )
    epochs, batch = 8, 32
    rate = keras.optimizers.schedules.CosineDecay(0.003, epochs * -(-len(pixels) // batch))
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(pixels, truth, epochs=epochs, batch_size=batch, verbose=0)
    model.save(tmp_path / "doodles.keras")
    labels = _labels(tmp_path, DOODLES)
    report = adopt(tmp_path / "doodles.keras", tmp_path / "run", labels, tmp_path / "dataset", AdoptOptions())
    print(report["adopted"], report["test_accuracy"], report["test_images"])
    assert (0.0, 1.0) == read_contract(tmp_path / "run" / "contract.json").pixels.value_range
    verdicts = _export_and_judge(tmp_path / "run")
    assert dict.fromkeys(FLOATS, "pass") == {path: verdicts[path] for path in FLOATS}
    assert {"model.dynamic_int8.tflite", "model.full_int8.tflite"} < set(verdicts)


def _square(path: Path, size: int) -> Any:
    """Plain Pillow, as such scripts have it."""
    return np.asarray(Image.open(path).convert("RGB").resize((size, size)), dtype=np.float32)


def _doodles(shared: Path, dataset: Path) -> tuple[Any, Any]:
    """Write 600 bitmaps of each class as PNG, 400 to train, 50 to val, 150 to test; return the first as pixels."""
    pixels, truth = [], []
    for index, label in enumerate(DOODLES):
        for number, bitmap in enumerate(np.load(shared / "quickdraw" / f"{label}.npy").reshape(-1, 28, 28)):
            split = "train" if number < 400 else "val" if number < 450 else "test"
            (dataset / split / label).mkdir(parents=True, exist_ok=True)
            Image.fromarray(bitmap).convert("RGB").save(dataset / split / label / f"{number:03}.png")
            if split == "train":
                pixels.append(bitmap[:, :, None].repeat(3, axis=2).astype(np.float32) / 255)
                truth.append(index)
    return np.stack(pixels), np.array(truth)

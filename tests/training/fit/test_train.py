"""Whole trainings: what the run folder holds, what stops them, and how they go on."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.errors import InputError, JudgedAndFailed, UsageError
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.decode import load_pixels
from modelport.contract.model_contract.model_contract import read_contract
from modelport.contract.narration import Silent
from modelport.contract.run.reference import read_reference
from modelport.contract.run.run_folder import RunFolder
from PIL import Image

pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")

import keras
import tensorflow as tf
from modelport.training.fit import train as train_module
from modelport.training.fit.input_pipeline import image_batches
from modelport.training.fit.train import TrainResult, train
from modelport.training.run.history import CURVES, best_epoch
from modelport.training.train_options import TrainOptions

MakeOptions = Callable[..., Any]


@pytest.fixture
def unfinished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the last step, which starts a process."""
    monkeypatch.setattr(train_module, "finish_run", lambda *arguments: {})


class Interrupting(Silent):
    """Raises an error in the middle of an epoch (counted from 1), or at its end."""

    def __init__(self, error: BaseException, epoch: int, *, at_end: bool) -> None:
        self.error, self.epoch, self.at_end = error, f"epoch {epoch}", at_end

    def say(self, text: str) -> None:
        if self.at_end and self.epoch in text:
            raise self.error

    def track(self, items: Iterable[Any], total: int, what: str) -> Iterator[Any]:
        for done, item in enumerate(items):
            if not self.at_end and what.endswith(self.epoch) and done == 2:
                raise self.error
            yield item


class Watching(Silent):
    """Reads training_history.json whenever an epoch is told."""

    def __init__(self, run: Path) -> None:
        self.run, self.lengths, self.lines = run, [], []

    lengths: list[int]
    lines: list[str]

    def say(self, text: str) -> None:
        self.lines.append(text)
        if text.startswith("phase"):
            self.lengths.append(len(json.loads((self.run / "training_history.json").read_text())["val_loss"]))


def history_of(run: Path) -> dict[str, Any]:
    history: dict[str, Any] = json.loads((run / "training_history.json").read_text())
    return history


# What a finished run holds.


def test_the_run_is_better_than_chance(trained_run: Path) -> None:
    report = json.loads((trained_run / "evaluation_report.json").read_text())
    assert report["test_accuracy"] >= 0.8
    assert 0 == report["test_images_also_in_train_or_val"]


def test_the_run_folder_holds_its_files_and_no_others(trained_run: Path) -> None:
    assert {
        "model.keras",
        "contract.json",
        "training_set_labels.txt",
        "training_history.json",
        "training_history.png",
        "evaluation_report.json",
        "confusion_matrix.png",
        "sample_predictions.png",
        "reference.npz",
        "logs",
    } == {path.name for path in trained_run.iterdir()}


def test_every_file_says_of_which_run_and_model_it_is(trained_run: Path) -> None:
    digest = sha256_of_file(trained_run / "model.keras")
    provenance = read_contract(trained_run / "contract.json").provenance
    assert digest == provenance.model_sha256
    expected = (provenance.run_id, digest)
    for name in ("training_history.json", "evaluation_report.json"):
        value = json.loads((trained_run / name).read_text())
        assert expected == (value["run_id"], value["model_sha256"])
    reference = read_reference(trained_run / "reference.npz")
    assert expected == (reference.run_id, reference.model_sha256)
    for name in ("training_history.png", "confusion_matrix.png", "sample_predictions.png"):
        with Image.open(trained_run / name) as picture:
            texts = picture.info
        assert expected == (texts["modelport:run_id"], texts["modelport:model_sha256"])


def test_labels_are_in_output_order(trained_run: Path, dataset: Path) -> None:
    labels = open_dataset(dataset).labels
    assert "".join(f"{label}\n" for label in labels) == (trained_run / "training_set_labels.txt").read_text()
    assert labels == read_contract(trained_run / "contract.json").first_classification.labels
    assert list(labels) == json.loads((trained_run / "evaluation_report.json").read_text())["class_names"]


def test_the_history_is_flat_lists_of_one_length(trained_run: Path) -> None:
    history = history_of(trained_run)
    assert {8} == {len(history[curve]) for curve in CURVES}
    for curve in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
        assert all(isinstance(value, float) for value in history[curve])


def test_the_kept_model_is_that_of_the_best_epoch(trained_run: Path, dataset: Path) -> None:
    model, history = keras.models.load_model(trained_run / "model.keras"), history_of(trained_run)
    pixels = read_contract(trained_run / "contract.json").pixels
    images = open_dataset(dataset).splits["val"]
    answers = np.asarray(model(np.stack([load_pixels(image.path, pixels) for image in images]), training=False))
    accuracy = np.mean(answers.argmax(axis=1) == [image.label for image in images])
    assert pytest.approx(max(history["val_accuracy"])) == accuracy
    assert max(history["val_accuracy"]) == history["val_accuracy"][best_epoch(history)]


def test_the_reference_is_what_keras_answers_to_the_contracts_pixels(trained_run: Path, dataset: Path) -> None:
    model, reference = (
        keras.models.load_model(trained_run / "model.keras"),
        read_reference(trained_run / "reference.npz"),
    )
    pixels = read_contract(trained_run / "contract.json").pixels
    images = open_dataset(dataset).splits["test"]
    expected = np.asarray(model(np.stack([load_pixels(image.path, pixels) for image in images]), training=False))
    np.testing.assert_allclose(expected, reference.predictions["label"], atol=1e-5)
    assert tuple(sha256_of_file(image.path) for image in images) == reference.file_sha256
    assert [image.label for image in images] == reference.truths["label"].tolist()


def test_tensorboard_reads_the_events_back(trained_run: Path) -> None:
    """TensorFlow 2.21 no longer brings tensorboard (DESIGN.md, fact 15)."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    history = history_of(trained_run)
    for folder, curve in (("train", "loss"), ("validation", "val_loss")):
        events = accumulator.EventAccumulator(str(trained_run / "logs" / folder)).Reload().Tensors("epoch_loss")
        assert list(range(8)) == [event.step for event in events]
        assert pytest.approx(history[curve]) == [float(tf.make_ndarray(event.tensor_proto)) for event in events]


# Two phases, on a set that `prepare` did not make and whose test set leaks.


@pytest.fixture(scope="module")
def two_phases(
    dataset: Path, tiny_weights: Path, tiny_in_place: Callable[[Any], None], tmp_path_factory: pytest.TempPathFactory
) -> tuple[TrainResult, Watching]:
    root = tmp_path_factory.mktemp("two-phases")
    shutil.copytree(dataset, root / "set", ignore=shutil.ignore_patterns("dataset.json"))
    leak = next((root / "set/train/red").iterdir())
    shutil.copyfile(leak, root / "set/test/red" / f"leak{leak.suffix}")
    watching = Watching(root / "run")
    options = TrainOptions(
        epochs=5,
        backbone="MobileNetV3Small",
        weights=str(tiny_weights),
        image_size=(32, 40),
        learning_rate=0.02,
        batch_size=8,
        horizontal_flip=True,
        allow_leak=True,
    )
    with pytest.MonkeyPatch.context() as patch:
        tiny_in_place(patch)
        return train(root / "set", root / "run", options, narrator=watching), watching


def test_phases_follow_each_other_in_the_history(two_phases: tuple[TrainResult, Watching]) -> None:
    result, _ = two_phases
    assert [1, 2, 2, 2, 2] == result.history["phase"]
    assert result.best_val_accuracy(1) == result.history["val_accuracy"][0]
    assert result.best_val_accuracy(2) == max(result.history["val_accuracy"][1:])


def test_the_history_is_rewritten_every_epoch(two_phases: tuple[TrainResult, Watching]) -> None:
    """Users poll it."""
    assert [1, 2, 3, 4, 5] == two_phases[1].lengths


def test_an_allowed_leak_is_told_and_in_the_report(two_phases: tuple[TrainResult, Watching]) -> None:
    result, watching = two_phases
    assert any("1 of " in line and "test images have the same bytes" in line for line in watching.lines)
    assert 1 == json.loads(result.run.evaluation.read_text())["test_images_also_in_train_or_val"]


def test_height_comes_before_width(two_phases: tuple[TrainResult, Watching]) -> None:
    assert (32, 40, 3) == two_phases[0].run.read_contract().pixels.shape


def test_no_checkpoint_is_left(two_phases: tuple[TrainResult, Watching]) -> None:
    assert not (two_phases[0].run.root / "checkpoint").exists()


# What stops a training.


def test_a_leak_is_refused_before_anything_is_written(dataset: Path, tiny_options: MakeOptions, tmp_path: Path) -> None:
    source = shutil.copytree(dataset, tmp_path / "set")
    leak = next((source / "val/red").iterdir())
    shutil.copyfile(leak, source / "test/red" / f"leak{leak.suffix}")
    with pytest.raises(InputError, match="leaked"):
        train(source, tmp_path / "run", tiny_options())
    assert not (tmp_path / "run").exists()


def test_images_are_checked_where_prepare_did_not(dataset: Path, tiny_options: MakeOptions, tmp_path: Path) -> None:
    source = shutil.copytree(dataset, tmp_path / "set", ignore=shutil.ignore_patterns("dataset.json"))
    (source / "train/red/broken.jpg").write_bytes(b"no image")
    with pytest.raises(InputError, match="cannot be trained on"):
        train(source, tmp_path / "run", tiny_options())
    assert not (tmp_path / "run").exists()


def test_input_scaled_twice_is_stopped(
    dataset: Path, tiny_options: MakeOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipeline that divides by 255 once more."""
    monkeypatch.setattr(
        train_module, "image_batches", lambda *a, **k: image_batches(*a, **k).map(lambda x, y: (x / 255, y))
    )
    with pytest.raises(InputError, match="input is scaled twice") as caught:
        train(dataset, tmp_path / "run", tiny_options())
    print(caught.value)
    assert not (tmp_path / "run").exists()


def test_augmentation_in_other_units_is_stopped(
    dataset: Path, tiny_options: MakeOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [keras.layers.RandomBrightness(0.15)]
    monkeypatch.setattr(train_module, "augmentation_layers", lambda *a, **k: layers)
    with pytest.raises(InputError, match="augmentation works in another range"):
        train(dataset, tmp_path / "run", tiny_options(augment=True))


@pytest.mark.usefixtures("unfinished")
def test_a_loss_that_is_no_number_is_stopped_with_the_likely_causes(
    dataset: Path, tiny_options: MakeOptions, tmp_path: Path
) -> None:
    with pytest.raises(JudgedAndFailed, match=r"loss became (nan|inf)") as caught:
        train(dataset, tmp_path / "run", tiny_options(learning_rate=1e30))
    print(caught.value)
    assert "epoch 1, batch" in str(caught.value.where)
    assert "learning rate" in str(caught.value.fix)
    assert [] == history_of(tmp_path / "run")["loss"]


@pytest.mark.usefixtures("unfinished")
def test_labels_that_contradict_each_other_end_at_chance(
    dataset: Path, tiny_options: MakeOptions, tmp_path: Path
) -> None:
    """In val every class has the name of the next one: what is learned is always wrong there."""
    source = shutil.copytree(dataset, tmp_path / "set")
    for old, new in (("red", "x"), ("green", "red"), ("blue", "green"), ("x", "blue")):
        (source / "val" / old).rename(source / "val" / new)
    with pytest.raises(JudgedAndFailed, match="at chance after its first phase") as caught:
        train(source, tmp_path / "run", tiny_options(epochs=2))
    print(caught.value)
    assert "0.333" in str(caught.value.expected)
    assert 2 == len(history_of(tmp_path / "run")["loss"])


@pytest.mark.usefixtures("unfinished")
def test_memory_that_runs_out_names_a_smaller_batch_which_then_works(
    dataset: Path, tiny_options: MakeOptions, tmp_path: Path
) -> None:
    exhausted = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[16,8,15,15]")
    with pytest.raises(InputError, match="out of memory") as caught:
        train(dataset, tmp_path / "run", tiny_options(), narrator=Interrupting(exhausted, 1, at_end=False))
    assert "--resume --batch-size 8" in str(caught.value.fix)
    result = train(dataset, tmp_path / "run", tiny_options(batch_size=8), start="resume")
    assert 3 == len(result.history["loss"])


# How an interrupted training goes on.


@pytest.mark.usefixtures("unfinished")
@pytest.mark.parametrize(
    ("epoch", "at_end", "finished"),
    [
        pytest.param(1, False, 0, id="in-the-first-epoch"),
        pytest.param(2, False, 1, id="in-the-second-epoch"),
        pytest.param(2, True, 2, id="after-the-second-epoch"),
    ],
)
def test_ctrl_c_loses_no_finished_epoch(
    dataset: Path, tiny_options: MakeOptions, tmp_path: Path, epoch: int, at_end: bool, finished: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(
            dataset,
            tmp_path / "run",
            tiny_options(),
            narrator=Interrupting(KeyboardInterrupt(), epoch, at_end=at_end),
        )
    before = history_of(tmp_path / "run")
    assert finished == len(before["loss"])
    result = train(dataset, tmp_path / "run", tiny_options(), start="resume")
    after = history_of(tmp_path / "run")
    assert before["run_id"] == after["run_id"]
    for curve in CURVES:
        assert 3 == len(after[curve]) == len(result.history[curve])
        assert before[curve] == after[curve][:finished]


@pytest.mark.slow
def test_a_training_stopped_in_phase_2_is_finished_by_resume(
    dataset: Path, tiny_options: MakeOptions, tiny_weights: Path, tmp_path: Path
) -> None:
    options = tiny_options(weights=str(tiny_weights), epochs=4, learning_rate=0.05)
    with pytest.raises(KeyboardInterrupt):
        train(dataset, tmp_path / "run", options, narrator=Interrupting(KeyboardInterrupt(), 3, at_end=False))
    result = train(dataset, tmp_path / "run", options, start="resume")
    assert [1, 2, 2, 2] == result.history["phase"]
    assert result.run.read_contract().provenance.run_id == history_of(tmp_path / "run")["run_id"]
    with pytest.raises(UsageError, match="training is finished"):
        train(dataset, tmp_path / "run", options, start="resume")


def test_nothing_is_resumed_where_nothing_is(dataset: Path, tiny_options: MakeOptions, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to resume"):
        train(dataset, tmp_path / "run", tiny_options(), start="resume")
    assert not (tmp_path / "run").exists()


def test_a_run_that_exists_is_refused_and_stays(dataset: Path, tiny_options: MakeOptions, trained_run: Path) -> None:
    before = sha256_of_file(trained_run / "training_history.json")
    with pytest.raises(UsageError, match="output exists"):
        train(dataset, trained_run, tiny_options())
    assert before == sha256_of_file(trained_run / "training_history.json")


@pytest.mark.usefixtures("unfinished")
def test_overwrite_replaces_a_run_once_the_new_one_can_start(
    dataset: Path, tiny_options: MakeOptions, trained_run: Path, copy_of: Callable[[Path], Path]
) -> None:
    run = copy_of(trained_run)
    with pytest.raises(InputError, match="weights file is missing"):
        train(dataset, run, tiny_options(weights="nowhere.weights.h5"), start="overwrite")
    old = RunFolder(run).read_contract().provenance.run_id
    train(dataset, run, tiny_options(), start="overwrite")
    assert not (run / "contract.json").exists()
    assert old != history_of(run)["run_id"]


def test_another_folder_is_not_overwritten(dataset: Path, tiny_options: MakeOptions, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(UsageError, match="not a run folder"):
        train(dataset, tmp_path, tiny_options(), start="overwrite")
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_model_and_another_one_does_not(
    dataset: Path, tiny_options: MakeOptions, tmp_path: Path
) -> None:
    losses = [
        train(dataset, tmp_path / str(turn), tiny_options(epochs=2, augment=True, seed=seed)).history["val_loss"]
        for turn, seed in enumerate((1, 1, 2))
    ]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]

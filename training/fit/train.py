"""`modelport train`: from a data set to a run folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import keras
import tensorflow as tf

from ...contract.dataset.prepared_dataset import Dataset, open_dataset
from ...contract.image.pixels import PixelContract
from ...contract.labels.heads import ClassificationHead
from ...contract.narration import Narrator, Silent
from ...contract.run.run_folder import RunFolder
from ..network.augmentation import augmentation_layers
from ..network.backbones import BACKBONES
from ..network.classifier import build_classifier
from ..run.history import History, best_epoch, epochs_of_phase
from ..run.image_hashes import hash_images, is_as_prepared
from ..run.measure_drawing import measure_drawing
from ..run.run_destination import check_destination
from ..train_options import TrainOptions
from .chance import check_above_chance
from .check_images import check_images
from .class_weights import class_weights
from .finish_run import finish_run
from .fit import Batches, fit_phases
from .gpu import choose_policy, configure_gpus, out_of_memory
from .input_pipeline import image_batches
from .leaks import check_leaks
from .range_check import check_input_ranges
from .training_record import TrainingRecord, resume_record, start_record

HEAD_NAME = "label"
Start = Literal["new", "resume", "overwrite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainResult:
    """What came out of a training.

    Attributes:
        run: the folder.
        history: one value an epoch and curve.
        evaluation: the content of evaluation_report.json.
    """

    run: RunFolder
    history: History
    evaluation: dict[str, Any]

    def best_val_accuracy(self, phase: int) -> float:
        """Return the best validation accuracy of a phase, in [0, 1]."""
        return float(self.history["val_accuracy"][best_epoch(self.history, epochs_of_phase(self.history, phase))])


def train(
    dataset: str | Path,
    run: str | Path,
    options: TrainOptions,
    *,
    start: Start = "new",
    narrator: Narrator | None = None,
) -> TrainResult:
    """Fine-tune a classifier in two phases, or train one from scratch in one, and write its run folder.

    Args:
        dataset: folder with train, val and test.
        run: folder to write; training_history.json is in it from the first epoch on.
        options: see TrainOptions.
        start: "new" refuses a folder with a run in it, "resume" goes on with it, "overwrite" replaces it.
        narrator: told about progress.

    Raises:
        InputError: a data set or weights that cannot be used, a leaking test set, input scaled twice, memory exhausted.
        UsageError: the run exists, or cannot be resumed with these options.
        JudgedAndFailed: the loss became NaN, or phase 1 ended at chance.
    """
    narrator, folder, source = narrator or Silent(), RunFolder(Path(run)), open_dataset(dataset)
    record = resume_record(folder, options) if start == "resume" else None
    if record is None:
        check_destination(folder.root, source.root, overwrite=start == "overwrite")
    hashes = hash_images(source, narrator)
    if record is not None:
        record.check_same_data(hashes.data_sha256)
    if not is_as_prepared(source, hashes):
        check_images(source, narrator)
    if options.drawing:  # refused now, and not after the training
        measure_drawing(source.splits["train"], len(source.labels), options.drawing)
    leaks = check_leaks(hashes, source.root, narrator, allowed=options.allow_leak)
    gpus = configure_gpus(tf.config, options.gpu_memory_limit_mb)
    policy = choose_policy(options.precision, gpus)
    keras.utils.set_random_seed(options.seed)
    if not gpus:  # the same seed gives the same model; on a GPU some operators have no deterministic kernel
        tf.config.experimental.enable_op_determinism()

    pixels = PixelContract(height=options.image_size[0], width=options.image_size[1])
    head = ClassificationHead(name=HEAD_NAME, labels=source.labels)
    with _clear_failures(options):
        model = _last_model(record) if record else None
        if model is None:
            model = _new_model(source, pixels, head, options, record.policy if record else policy)
        if record is None:
            record = start_record(folder, options, policy=policy, data_sha256=hashes.data_sha256)
        after_phase_1 = partial(_check_chance, counts=source.counts("val"), where=folder.root)
        fit_phases(model, _batches(source, pixels, options), record, after_phase_1, narrator)
    evaluation = finish_run(record, source, pixels, head, leaks, narrator)
    return TrainResult(run=folder, history=record.history, evaluation=evaluation)


def _new_model(
    source: Dataset, pixels: PixelContract, head: ClassificationHead, options: TrainOptions, policy: str
) -> Any:
    model = build_classifier(options, pixels, head, policy=policy)
    some = source.splits["train"][:: max(1, len(source.splits["train"]) // options.batch_size)]
    batch, _ = next(iter(image_batches(some, pixels, batch_size=options.batch_size)))
    expects = BACKBONES[options.backbone].expects
    check_input_ranges(model, pixels, expects, batch.numpy(), _augmentation(pixels, options))
    return model


def _last_model(record: TrainingRecord) -> Any | None:
    epochs = len(record.history["phase"])
    return record.checkpoints.load(epochs - 1, with_optimizer=True) if epochs else None


def _batches(source: Dataset, pixels: PixelContract, options: TrainOptions) -> Batches:
    batches = partial(image_batches, pixels=pixels, batch_size=options.batch_size)
    augmentation = _augmentation(pixels, options)
    return Batches(
        train=batches(source.splits["train"], augmentation=augmentation, shuffle_seed=options.seed),
        val=batches(source.splits["val"]),
        class_weights=class_weights(source.counts("train")),
    )


def _augmentation(pixels: PixelContract, options: TrainOptions) -> list[Any]:
    if not options.augment:
        return []
    return augmentation_layers(pixels, horizontal_flip=options.horizontal_flip, seed=options.seed)


def _check_chance(val_accuracy: float, counts: tuple[int, ...], where: Path) -> None:
    check_above_chance(round(val_accuracy * sum(counts)), counts, where)


@contextmanager
def _clear_failures(options: TrainOptions) -> Iterator[None]:
    try:
        yield
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        raise out_of_memory(options.batch_size, options.image_size, error) from error

"""A model that was opened, tried and found to fit its labels: what one request is answered from."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....contract.errors import InputError, ModelportError
from ....contract.model_contract.provenance import utc_now
from .label_order import check_classes, check_order
from .model_files import Identity, ModelFiles, Snapshot, read_snapshot
from .refusal import Refusal
from .runner import Runner, open_runner

#: Neither side is what a model takes, so that the first image is resized and decoded as a client's is.
_WARM_UP_SIZE = (48, 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """One model with its labels; nothing about it changes.

    Attributes:
        runner: answers images.
        labels: in output order.
        format: as Snapshot; "mock" for none.
        runtime: name and version.
        model_sha256: of the model's bytes; None: a mock.
        labels_sha256: of the labels file; None: the labels are the contract's.
        identity: of the files that it was read from.
        loaded: UTC, ISO 8601.
    """

    runner: Runner
    labels: tuple[str, ...]
    format: str
    runtime: str
    model_sha256: str | None
    labels_sha256: str | None
    identity: Identity = ()
    loaded: str = field(default_factory=utc_now)

    def scores(self, image: bytes) -> NDArray[np.float32]:
        """Return (labels,) float32 for a JPEG or PNG file.

        Raises:
            Refusal: the image cannot be decoded.
            ArithmeticError: the model answers NaN or infinity, which no client should take for a score.
        """
        scores = self.runner.scores(image)
        if not np.isfinite(scores).all():
            raise ArithmeticError("the model answers NaN or infinity")
        return scores


def load_model(files: ModelFiles, allowed: Sequence[str] = ()) -> ServedModel:
    """Read, open, try and check a model. What was served before is not touched.

    Args:
        files: where it is.
        allowed: sha256 of models that may be served; empty: any.

    Raises:
        InputError: it is missing, damaged, not one of `allowed`, or does not fit its labels.
        MissingExtraError: its runtime is not installed.
    """
    snapshot = read_snapshot(files)
    if allowed and snapshot.model_sha256 not in allowed:
        raise InputError(
            "model is not one that may be served",
            where=files.model,
            expected=f"sha256 {' or '.join(allowed)}",
            received=snapshot.model_sha256,
            fix="put that model back, or set MODELPORT_MODEL_SHA256",
        )
    runner = open_runner(snapshot)
    labels = _labels(snapshot, runner)
    _try(runner, labels, files)
    if isinstance(snapshot.model, bytes) or files.located().identity() == snapshot.identity:
        return _served(snapshot, runner, labels)
    raise InputError("model changes while it is opened", where=files.model, fix="put the folder in place by renaming")


def same_files(files: ModelFiles, model: ServedModel) -> bool:
    """Whether the files hold, byte for byte, what is served: only dates changed, or they were written as they were."""
    snapshot = read_snapshot(files)
    return (snapshot.model_sha256, snapshot.labels_sha256) == (model.model_sha256, model.labels_sha256)


def _served(snapshot: Snapshot, runner: Runner, labels: tuple[str, ...]) -> ServedModel:
    return ServedModel(
        runner=runner,
        labels=labels,
        format=snapshot.format,
        runtime=runner.runtime,
        model_sha256=snapshot.model_sha256,
        labels_sha256=snapshot.labels_sha256,
        identity=snapshot.identity,
    )


def _labels(snapshot: Snapshot, runner: Runner) -> tuple[str, ...]:
    """Return the labels file's labels, else the contract's; both must say the same of each output they both name.

    A labels file may have its own words ("del" for "delete"), but a word that the contract has elsewhere is a file of
    another model, or of another order; and so is a file of which most words are not the contract's.
    """
    if not snapshot.labels and not runner.labels:
        raise InputError("model has no labels", fix="put training_set_labels.txt beside it, or set MODELPORT_LABELS")
    if not snapshot.labels or not runner.labels:
        return snapshot.labels or runner.labels
    _check_count(len(runner.labels), snapshot.labels)
    check_classes(snapshot.labels, runner.labels)
    check_order(
        snapshot.labels,
        runner.labels,
        what="labels are in another order than the model's contract says",
        owner="the contract",
        fix="put the labels file of this model beside it",
    )
    return snapshot.labels


def _try(runner: Runner, labels: tuple[str, ...], files: ModelFiles) -> None:
    """Answer one grey image, which also warms the runtime up."""
    stream = io.BytesIO()
    Image.new("RGB", _WARM_UP_SIZE, (128, 128, 128)).save(stream, "JPEG")
    try:
        scores = runner.scores(stream.getvalue())
    except ModelportError:
        raise
    except Exception as error:  # runtimes raise whatever they like
        received = error.sentence if isinstance(error, Refusal) else f"{type(error).__name__}: {str(error)[:500]}"
        raise InputError("model does not answer an image", where=files.model, received=received) from error
    if scores.ndim != 1:
        raise InputError("model does not answer one row of scores", where=files.model, received=scores.shape)
    _check_count(scores.size, labels)
    if not np.isfinite(scores).all():
        raise InputError("model answers NaN or infinity", where=files.model, received="for a grey image")


def _check_count(outputs: int, labels: tuple[str, ...]) -> None:
    if outputs != len(labels):
        raise InputError(
            "model and labels differ in number",
            expected=f"{outputs} labels, as many as the model has outputs",
            received=f"{len(labels)} labels",
            fix="put the labels file of this model beside it",
        )

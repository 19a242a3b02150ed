"""What is known about each image before an artifact is asked: its name, its truth, and the reference's answer."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import InputError
from ..contract.heads import Head
from ..contract.model_contract import ModelContract
from ..contract.reference import Reference
from .image_stream import ImageStream
from .labelled_images import LabelledImages


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadEvidence:
    """Truth and reference of one head.

    Attributes:
        truth: (n,) label index, int64 (classification), or value, float64 (regression); meaningless where not `known`.
        known: (n,) whether the truth is known.
        reference: (n, width) float32; meaningless where not `Evidence.matched`.

    """

    truth: NDArray[Any]
    known: NDArray[np.bool_]
    reference: NDArray[np.float32]

    def at(self, rows: NDArray[np.intp]) -> "HeadEvidence":
        """Return the evidence of some images."""
        return HeadEvidence(truth=self.truth[rows], known=self.known[rows], reference=self.reference[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Truth and reference of all heads.

    Attributes:
        names: (n,) of the images.
        matched: (n,) whether the reference holds the image, decoded to the same pixels.
        changed: names of images that the reference holds, but decoded to other pixels.
        heads: head name to its evidence.

    """

    names: tuple[str, ...]
    matched: NDArray[np.bool_]
    changed: tuple[str, ...]
    heads: dict[str, HeadEvidence]


def gather_evidence(
    contract: ModelContract, found: LabelledImages, stream: ImageStream, reference: Reference | None
) -> Evidence:
    """Match the images with the reference, by the sha256 of each file.

    The first classification head's truth is each image's label; other heads' truths are the reference's.

    Raises:
        InputError: a reference of another run, of other heads, or one that holds a NaN or an infinity.

    """
    if reference is not None:
        _check_reference(contract, reference)
    row_of = reference.row_of_file() if reference else {}
    rows = np.array([row_of.get(digest, -1) for digest in stream.file_sha256], dtype=np.intp)
    same = [
        row >= 0 and reference is not None and reference.pixels_sha256[row] == digest
        for row, digest in zip(rows, stream.pixels_sha256, strict=True)
    ]
    matched = np.array(same, dtype=bool)
    labels = np.array([image.label for image in found.images], dtype=np.int64)
    labelled = contract.first_classification.name
    return Evidence(
        names=found.names,
        matched=matched,
        changed=tuple(name for name, row, equal in zip(found.names, rows, same, strict=True) if row >= 0 and not equal),
        heads={
            head.name: _of_head(head, reference, rows, labels if head.name == labelled else None)
            for head in contract.heads
        },
    )


def _of_head(
    head: Head, reference: Reference | None, rows: NDArray[np.intp], labels: NDArray[np.int64] | None
) -> HeadEvidence:
    held = rows >= 0
    predictions = np.zeros((len(rows), head.width), dtype=np.float32)
    truth = np.zeros(len(rows), dtype=np.int64 if head.kind == "classification" else np.float64)
    if reference is not None:
        predictions[held] = reference.predictions[head.name][rows[held]]
    if labels is not None:
        return HeadEvidence(truth=labels, known=np.ones(len(rows), dtype=bool), reference=predictions)
    if reference is None or head.name not in reference.truths:
        return HeadEvidence(truth=truth, known=np.zeros(len(rows), dtype=bool), reference=predictions)
    truth[held] = reference.truths[head.name][rows[held]]
    return HeadEvidence(truth=truth, known=held, reference=predictions)


def _check_reference(contract: ModelContract, reference: Reference) -> None:
    provenance = contract.provenance
    if (reference.run_id, reference.model_sha256) != (provenance.run_id, provenance.model_sha256):
        raise InputError(
            "run folder mixes two runs",
            where="reference.npz",
            expected=f"run {provenance.run_id}, model {provenance.model_sha256[:12]}",
            received=f"run {reference.run_id}, model {reference.model_sha256[:12]}",
        )
    expected = {head.name: (len(reference.paths), head.width) for head in contract.heads}
    received = {name: array.shape for name, array in reference.predictions.items()}
    if received != expected:
        raise InputError(
            "reference does not match the heads", where="reference.npz", expected=expected, received=received
        )
    for name, array in reference.predictions.items():
        unfit = np.flatnonzero(~np.isfinite(array).all(axis=1))
        if unfit.size:
            raise InputError(
                f"reference holds NaN or infinity for {unfit.size} of {len(array)} images",
                where=f"reference.npz, head {name}",
                received=f"first at {reference.paths[unfit[0]]}",
                fix="the Keras model itself answers so: train again, and look at its loss",
            )

"""What is known about each image before an artifact is asked: its name, its truth, and the reference's answer."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.dataset.labelled_images import LabelledImages
from ...contract.errors import InputError
from ...contract.labels.heads import Head
from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.reference import Reference
from .image_stream import ImageStream


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
        reference_n: number of images that the reference holds; 0 without one.
        missing: how many of those are not among the images.
        duplicates: how many images have the same bytes as an earlier one.

    """

    names: tuple[str, ...]
    matched: NDArray[np.bool_]
    changed: tuple[str, ...]
    heads: dict[str, HeadEvidence]
    reference_n: int
    missing: int
    duplicates: int


def gather_evidence(
    contract: ModelContract, found: LabelledImages, stream: ImageStream, reference: Reference | None
) -> Evidence:
    """Match the images with the reference, by the sha256 of each file.

    The first classification head's truth is each image's label; other heads' truths are the reference's.

    Raises:
        InputError: a reference of another run, of other heads, or one that holds a NaN or an infinity; labels that
            contradict it.

    """
    if reference is not None:
        _check_reference(contract, reference)
        _check_labels(contract, found, stream, reference)
    row_of = reference.row_of_file() if reference else {}
    rows = np.array([row_of.get(digest, -1) for digest in stream.file_sha256], dtype=np.intp)
    same = [
        row >= 0 and reference is not None and reference.pixels_sha256[row] == digest
        for row, digest in zip(rows, stream.pixels_sha256, strict=True)
    ]
    matched = np.array(same, dtype=bool)
    labels = np.array([image.label for image in found.images], dtype=np.int64)
    labelled = contract.first_classification.name
    judged = set(stream.file_sha256)
    return Evidence(
        names=found.names,
        matched=matched,
        changed=tuple(name for name, row, equal in zip(found.names, rows, same, strict=True) if row >= 0 and not equal),
        heads={
            head.name: _of_head(head, reference, rows, labels if head.name == labelled else None)
            for head in contract.heads
        },
        reference_n=len(reference.paths) if reference else 0,
        missing=sum(digest not in judged for digest in reference.file_sha256) if reference else 0,
        duplicates=len(stream) - len(judged),
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
    for head in contract.heads:
        truths = reference.truths.get(head.name)
        if truths is not None and head.kind == "classification" and not set(truths.tolist()) <= set(range(head.width)):
            raise InputError("reference does not match the labels", where=f"reference.npz, head {head.name}")


def _check_labels(contract: ModelContract, found: LabelledImages, stream: ImageStream, reference: Reference) -> None:
    """Refuse images whose folder says another label than the reference, which may hold one image under two labels."""
    head = contract.first_classification
    held: dict[str, list[int]] = {}
    for digest, truth in zip(reference.file_sha256, reference.truths.get(head.name, ()), strict=False):
        held.setdefault(digest, []).append(int(truth))
    wrong = [
        (name, image.label, held[digest][0])
        for name, image, digest in zip(found.names, found.images, stream.file_sha256, strict=True)
        if digest in held and image.label not in held[digest]
    ]
    if wrong:
        name, received, expected = wrong[0]
        raise InputError(
            f"labels of {len(wrong)} images contradict the reference",
            where=found.root,
            expected=f"{head.labels[expected]!r} for {name}, as when the model was trained",
            received=f"{head.labels[received]!r}",
            fix="move the images into the folders of their labels, or train again if the labels of the run were wrong",
        )

"""Sentences about a whole judgement: what could not be judged, and what makes its numbers less than they seem."""

from collections.abc import Sequence

from ..contract.files.json_file import read_json
from ..contract.image.pixels import PixelContract
from ..contract.run.artifacts import Artifact
from ..contract.run.run_folder import RunFolder
from ..contract.run.unlisted import unlisted_artifacts
from .answers.evidence import Evidence
from .answers.image_stream import ImageStream
from .diagnose.truth import label_notes
from .findings.outcome import Outcome
from .subject import Subject


def judgement_notes(subject: Subject, chosen: Sequence[Artifact], evidence: Evidence) -> tuple[str, ...]:
    """Return the notes of one judgement, most important first."""
    found, leaks = subject.images, _leaks(subject.run)
    unlisted = unlisted_artifacts(subject.run.root, subject.lock)
    unknown = [artifact.path for artifact in chosen if not artifact.parent_sha256]
    notes = [*_parity_notes(evidence), *label_notes(subject.contract, evidence)]
    if unknown:
        notes.append(
            f"Not in artifacts.json: {', '.join(unknown)}. Its recipe was read from its data types, and nothing says "
            f"which model it was made from; its answers are judged all the same."
        )
    if evidence.missing:
        notes.append(f"{evidence.missing} of the reference's {evidence.reference_n} images are not in the data.")
    if found.absent:
        notes.append(f"No images of: {', '.join(found.absent)}.")
    if leaks:
        notes.append(f"{leaks} test images are in train or val too: the accuracies are too high.")
    if evidence.duplicates:
        notes.append(f"{evidence.duplicates} images are duplicates; intervals are narrower than they should be.")
    tried = [f"{artifact.path} {artifact.oldest_runtime}" for artifact in chosen if artifact.oldest_runtime]
    if tried:
        notes.append(f"Oldest runtime that was tried, says artifacts.json: {', '.join(tried)}.")
    if unlisted:
        notes.append(f"Not judged: {', '.join(unlisted)}: not in artifacts.json.")
    return tuple(notes)


def image_notes(stream: ImageStream, pixels: PixelContract, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return a note on each usual mistake of artifacts that these images cannot show."""
    notes = []
    resizes = any("encoded" in one.doors or one.artifact.preprocessing == "in_graph" for one in outcomes)
    if stream.is_grey and pixels.channels == 3:
        notes.append("All images are grey: an artifact that swaps the colour channels answers the same.")
    if stream.is_of_size and resizes:
        notes.append("All images have the model's size: how artifacts resize was not judged.")
    return tuple(notes)


def island_notes(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return a note on each int8 file in which some operators compute in float; it is no fault, but costs time."""
    notes = []
    for outcome in outcomes:
        found = outcome.description.float_operators if outcome.description else {}
        if found:
            named = ", ".join(f"{name} {count}" for name, count in found.items())
            notes.append(
                f"{outcome.artifact.path} computes in int8 but for {sum(found.values())} operators in float ({named}): "
                f"islands, before and after which values are converted."
            )
    return tuple(notes)


def _parity_notes(evidence: Evidence) -> list[str]:
    n, changed = len(evidence.names), evidence.changed
    unmatched = n - int(evidence.matched.sum()) - len(changed)
    notes = []
    if not evidence.reference_n:
        notes.append(f"Parity not judged: the run has no reference.npz, so {n} of {n} images have no reference.")
    elif unmatched:
        notes.append(f"Parity not judged: {unmatched} of {n} images are not in the reference.")
    if changed:
        notes.append(
            f"The decoder changed: {len(changed)} images decode to other pixels than when the reference was made "
            f"(first {changed[0]}). Parity is judged without them; compare the versions of Pillow."
        )
    return notes


def _leaks(run: RunFolder) -> int:
    """Return what training counted, 0 where it did not."""
    count = read_json(run.evaluation).get("test_images_also_in_train_or_val") if run.evaluation.is_file() else 0
    return count if isinstance(count, int) else 0

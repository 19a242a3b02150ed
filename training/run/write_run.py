"""What every run folder holds beside its model, whether it was trained here or adopted."""

from pathlib import Path
from typing import Any

from ...contract.dataset.prepared_dataset import LabelledImage
from ...contract.files.atomic_write import write_json
from ...contract.labels.labels_file import write_labels
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator
from ...contract.run.reference import write_reference
from ...contract.run.run_folder import RunFolder
from .evaluation import evaluate
from .history import History
from .plots import plot_confusion, plot_samples
from .reference_predictions import predict_reference


def write_run(
    folder: RunFolder,
    contract: ModelContract,
    tested: tuple[LabelledImage, ...],
    root: Path,
    narrator: Narrator,
    *,
    history: History | None,
    facts: dict[str, Any],
) -> dict[str, Any]:
    """Write reference, evaluation, pictures and labels of the model.keras that lies in `folder`.

    The caller writes contract.json, last: it says that the run is whole.

    Args:
        folder: the run folder.
        contract: what the model promises; one classification head.
        tested: the images to evaluate on.
        root: folder that their names are relative to.
        narrator: told about progress.
        history: of the training, for evaluation_report.json; None: it was elsewhere.
        facts: what else evaluation_report.json says.

    Returns:
        The content of evaluation_report.json.
    """
    head, provenance = contract.first_classification, contract.provenance
    reference = predict_reference(folder.model, contract, tested, root, folder.logs / "reference.log", narrator)
    write_reference(folder.reference, reference)
    evaluation = evaluate(reference, head, history) | facts
    write_json(folder.evaluation, evaluation)
    metadata = {"modelport:run_id": provenance.run_id, "modelport:model_sha256": provenance.model_sha256}
    plot_confusion(reference, head, folder.root / "confusion_matrix.png", metadata)
    plot_samples(reference, head, root, folder.root / "sample_predictions.png", metadata)
    write_labels(folder.labels, head.labels)
    return evaluation

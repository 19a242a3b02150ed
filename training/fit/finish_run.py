"""The last step of a training: the float32 model, its contract, its reference, its evaluation and its pictures."""

from typing import Any

from ...contract.dataset.prepared_dataset import Dataset
from ...contract.files.atomic_write import atomic_file
from ...contract.files.hashing import sha256_of_file
from ...contract.image.pixels import PixelContract
from ...contract.labels.heads import ClassificationHead
from ...contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from ...contract.model_contract.provenance import tool_versions, utc_now
from ...contract.narration import Narrator
from ..network.classifier import build_classifier
from ..run.history import best_epoch
from ..run.measure_drawing import measure_drawing
from ..run.plots import plot_history
from ..run.write_run import write_run
from .training_record import TrainingRecord


def finish_run(
    record: TrainingRecord,
    dataset: Dataset,
    pixels: PixelContract,
    head: ClassificationHead,
    leaks: dict[str, int],
    narrator: Narrator,
) -> dict[str, Any]:
    """Write what a finished run folder holds; contract.json comes last and says that the run is whole.

    Args:
        record: a training whose phases are over.
        dataset: its data.
        pixels, head: the two halves of the contract.
        leaks: counts for evaluation_report.json, from `count_leaks`.
        narrator: told about progress.

    Returns:
        The content of evaluation_report.json.
    """
    folder = record.folder
    model = float32_model(record, pixels, head)
    with atomic_file(folder.model) as part:
        model.save(part)
    drawing, labels = record.options.drawing, dataset.labels
    contract = ModelContract(
        pixels=pixels,
        heads=(head,),
        parameters=model.count_params(),
        min_tflite=record.options.min_tflite,
        drawing=measure_drawing(dataset.splits["train"], len(labels), drawing) if drawing else None,
        provenance=Provenance(
            run_id=record.run_id,
            model_sha256=sha256_of_file(folder.model),
            dataset=str(dataset.root.absolute()),
            created=utc_now(),
            tools=tool_versions(),
        ),
    )
    tested = dataset.splits["test"]
    evaluation = write_run(folder, contract, tested, dataset.root, narrator, history=record.history, facts=leaks)
    metadata = {"modelport:run_id": record.run_id, "modelport:model_sha256": contract.provenance.model_sha256}
    plot_history(record.history, folder.root / "training_history.png", metadata)
    record.save_history(model_sha256=contract.provenance.model_sha256)
    write_contract(folder.contract, contract)
    record.checkpoints.remove()
    return evaluation


def float32_model(record: TrainingRecord, pixels: PixelContract, head: ClassificationHead) -> Any:
    """Return the best epoch's weights in a model built under the float32 policy.

    A model trained under mixed_float16 keeps its policy in every layer, and its exports answer in float16 or need Flex
    (DESIGN.md, fact 3).
    """
    best = record.checkpoints.load(best_epoch(record.history), with_optimizer=False)
    model = build_classifier(record.options, pixels, head, policy="float32", weights="none")
    model.set_weights(best.get_weights())
    return model

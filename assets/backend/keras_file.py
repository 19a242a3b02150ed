"""model.keras for a backend that loads one: as it is, or its last layer permuted into the old order of labels."""

from pathlib import Path

import keras
import numpy as np

from ...contract.dataset.labelled_images import find_labelled_images
from ...contract.errors import InputError, JudgedAndFailed
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator
from ...contract.run.run_folder import RunFolder
from ...runtimes.process.temporary_log import temporary_log
from ...runtimes.tf_graph.graph_layer import OWN_LAYERS
from ...runtimes.workers.workers import Workers
from .compare.ask_models import ask
from .compare.compare_models import in_order

#: Largest probability difference of a float32 artifact (DESIGN.md, default budgets).
TOLERANCE = 0.001


def write_permuted_keras(
    run: RunFolder,
    contract: ModelContract,
    order: tuple[str, ...],
    path: Path,
    *,
    data: Path | None,
    narrator: Narrator,
) -> str:
    """Write model.keras with its answers in another order, and hold it against model.keras on labelled images.

    Args:
        run: whose model it is.
        contract: of the run.
        order: its labels, in the order in which the new file answers.
        path: of the new file, .keras.
        data: labelled images; None: the test split of the run.
        narrator: shows progress.

    Returns:
        What was judged, in a line.

    Raises:
        InputError: the model does not end in a Dense layer and a softmax, whose weights could be permuted.
        JudgedAndFailed: the answers are others.
    """
    labels = contract.first_classification.labels
    columns = [labels.index(label) for label in order]
    model = keras.models.load_model(run.model, custom_objects=OWN_LAYERS, compile=False, safe_mode=True)
    dense = _last_dense(model, len(labels), run.model)
    dense.set_weights([np.asarray(weight)[..., columns] for weight in dense.get_weights()])
    model.save(path)
    images = [image.path for image in find_labelled_images(contract, data).images]
    with temporary_log("backend") as log, Workers() as workers:
        before, after = (
            ask(workers, file, "keras", promise, images, log=log, narrator=narrator, what=what)
            for file, promise, what in (
                (run.model, contract, "run's"),
                (path, in_order(contract, order), "permuted"),
            )
        )
    difference = float(np.abs(before[:, columns] - after).max())
    if not difference <= TOLERANCE:
        raise JudgedAndFailed(
            "the permuted model is another one",
            where=path,
            expected=f"largest probability difference at most {TOLERANCE}",
            received=f"{difference:.4g} on {len(images)} images",
        )
    return f"pass: largest probability difference {difference:.2g} to model.keras, n = {len(images)}"


def _last_dense(model: keras.Model, classes: int, where: Path) -> keras.layers.Dense:
    last = model.layers[-1] if model.layers else None
    softmax_apart = isinstance(last, keras.layers.Softmax) or (
        isinstance(last, keras.layers.Activation) and last.activation is keras.activations.softmax
    )
    dense = model.layers[-2] if softmax_apart and len(model.layers) > 1 else last
    is_whole = softmax_apart or getattr(dense, "activation", None) is keras.activations.softmax
    if isinstance(dense, keras.layers.Dense) and is_whole and dense.units == classes and len(model.outputs) == 1:
        return dense
    raise InputError(
        "the old labels are in another order, and this model's answers cannot be permuted",
        where=where,
        expected="one output, of a Dense layer and a softmax",
        received=type(last).__name__,
        fix="--allow-label-change, which replaces model and labels together; or let the service load a frozen graph",
    )

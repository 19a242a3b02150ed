"""Profile kaggle: colab_backend/models/ with graph, labels, contract and a recognizer that needs TensorFlow alone."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from ...contract.errors import InputError
from ...contract.run.run_folder import RunFolder
from ..delivery.deliver_files import deliver_files
from ..judged.judged_run import read_judgement

#: The folder that notebooks of this kind read from, and the file that is delivered as it is.
FOLDER = Path("colab_backend", "models")
RECOGNIZER = Path(__file__).parent / "compare" / "recognizer.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledFolder:
    """What was delivered.

    Attributes:
        folder: where.
        judged: what was judged about the graph, in a line.
        written, kept: names of files.
    """

    folder: Path
    judged: str
    written: tuple[str, ...]
    kept: tuple[str, ...]


def fill_colab_backend(run: str | Path, backend: str | Path, *, overwrite: bool = False) -> FilledFolder:
    """Write BACKEND/colab_backend/models/, or BACKEND/models/ where BACKEND is colab_backend itself.

    Args:
        run: the run folder, with a frozen graph that passed.
        backend: the folder that holds colab_backend.
        overwrite: replace files that were edited since.

    Raises:
        InputError: no frozen graph that takes files and passed.
        UsageError: files are in the way.
    """
    folder, root = RunFolder(Path(run)), Path(backend)
    target = root / (FOLDER.name if root.absolute().name == FOLDER.parts[0] else FOLDER)
    contract = folder.read_contract()
    graphs = [
        (artifact, promise)
        for artifact in folder.read_lock().artifacts
        if artifact.format == "frozen_graph" and "encoded" in (promise := artifact.contract_in(contract)).tensor_names
    ]
    if not graphs:
        fix = f"modelport convert {folder.root} --to frozen_graph, then modelport validate {folder.root}"
        raise InputError("the run has no frozen graph that takes files", where=folder.root, fix=fix)
    artifact, promise = graphs[0]
    judged = read_judgement(folder).require(artifact)
    told = replace(promise, provenance=replace(promise.provenance, dataset=None)).to_json()  # no path of this machine
    labels = promise.first_classification.labels
    delivered = deliver_files(
        target,
        {
            "trained_model_graph.pb": folder.root / artifact.path,
            "training_set_labels.txt": "".join(f"{label}\n" for label in labels).encode(),
            "contract.json": (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode(),
            "recognizer.py": RECOGNIZER,
        },
        product="backend-kaggle",
        overwrite=overwrite,
        about={"run_id": contract.provenance.run_id, "artifact": artifact.path, "verdict": judged.summary},
    )
    return FilledFolder(folder=target, judged=judged.summary, written=delivered.written, kept=delivered.kept)

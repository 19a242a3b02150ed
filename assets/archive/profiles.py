"""What a bundle holds, and under which names. No heavy import, so that `--help` can list it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The names that one kind of receiver looks for.

    Attributes:
        says: whose names they are, for `--help`.
        artifacts: name in the run folder -> name in the bundle, of what is judged.
        labels: name of a labels file in the bundle -> the model in the run folder whose order of answers it states.
        files: name in the run folder -> name in the bundle, of the rest.
        contract_of: the model whose order of labels and tensor names contract.json states; "" is the run's.
        recognizer: whether recognizer.py goes along, which needs TensorFlow alone.
        folder: in the bundle, where all of it lies; "" is its root.
    """

    says: str
    artifacts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str]
    files: dict[str, str]
    contract_of: str = ""
    recognizer: bool = False
    folder: str = ""


_FACTS = {"contract.json": "contract.json", "evaluation_report.json": "evaluation_report.json"}

#: Of a bundle without a profile: every artifact of the lock comes in, under the name that it has there.
RELEASE = Profile(
    says="every artifact under its own name, training_set_labels.txt, contract.json, evaluation_report.json",
    labels={"training_set_labels.txt": "model.keras"},
    files=_FACTS,
)

PROFILES = {
    "asl": Profile(
        says="model.tflite with labels.txt for an app, trained_model_graph.pb with training_set_labels.txt for a "
        "service, contract.json, evaluation_report.json",
        artifacts={"model.tflite": "model.tflite", "trained_model_graph.pb": "trained_model_graph.pb"},
        labels={"labels.txt": "model.tflite", "training_set_labels.txt": "trained_model_graph.pb"},
        files=_FACTS,
    ),
    "retrain": Profile(
        says="retrained_graph.pb and retrained_labels.txt, as TensorFlow 1's retrain script named them",
        artifacts={"trained_model_graph.pb": "retrained_graph.pb"},
        labels={"retrained_labels.txt": "trained_model_graph.pb"},
        files={},
    ),
    "kaggle": Profile(
        says="colab_backend's models/ with trained_model_graph.pb, training_set_labels.txt, contract.json and "
        "recognizer.py, as modelport deliver backend --profile kaggle fills it",
        artifacts={"trained_model_graph.pb": "trained_model_graph.pb"},
        labels={"training_set_labels.txt": "trained_model_graph.pb"},
        files={"contract.json": "contract.json"},
        contract_of="trained_model_graph.pb",
        recognizer=True,
        folder="models",
    ),
}

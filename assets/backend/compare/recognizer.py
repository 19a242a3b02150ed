"""Say what is on an image, with the frozen graph beside this file. Delivered by modelport; needs TensorFlow alone.

python recognizer.py IMAGE...    prints the five most probable labels of each
python recognizer.py             checks that the graph, its labels and its contract belong together, and that it answers
"""

import json
import sys
from pathlib import Path
from typing import Any

import tensorflow as tf


class Recognizer:
    """A frozen graph that takes the bytes of a JPEG or PNG file.

    Args:
        folder: with trained_model_graph.pb, training_set_labels.txt and contract.json; None: this file's.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        root = Path(folder) if folder is not None else Path(__file__).parent
        names = json.loads((root / "contract.json").read_text(encoding="utf-8"))["tensor_names"]
        self.labels = (root / "training_set_labels.txt").read_text(encoding="utf-8").splitlines()
        definition = tf.compat.v1.GraphDef.FromString((root / "trained_model_graph.pb").read_bytes())
        graph = tf.Graph()
        with graph.as_default():
            tf.import_graph_def(definition, name="")
        self._session = tf.compat.v1.Session(graph=graph)
        self._input, self._output = names["encoded"], names["output"]

    def probabilities(self, data: bytes) -> Any:
        """Return (classes,) float32 in the order of `labels`, for the bytes of a JPEG or PNG file."""
        return self._session.run(self._output, {self._input: data})[0]

    def predict(self, data: bytes, top: int = 5) -> list[dict[str, Any]]:
        """Return the most probable labels, the first one first, each with its score in [0, 1]."""
        scores = self.probabilities(data)
        best = (-scores).argsort(kind="stable")[:top]
        return [{"label": self.labels[index], "score": float(scores[index])} for index in best]


def smoke_check(recognizer: Recognizer) -> str:
    """Ask about noise; return a line, or raise SystemExit saying what is wrong."""
    noise = tf.cast(tf.random.stateless_uniform((64, 64, 3), (1, 2), 0, 256, tf.int32), tf.uint8)
    scores = recognizer.probabilities(tf.io.encode_png(noise).numpy())
    if scores.shape != (len(recognizer.labels),):
        raise SystemExit(f"the graph answers {scores.shape[-1]} values, and there are {len(recognizer.labels)} labels")
    if not abs(float(scores.sum()) - 1) < 1e-3:
        raise SystemExit(f"the answers are no probabilities: their sum is {float(scores.sum())}")
    return f"ok: {len(recognizer.labels)} labels, TensorFlow {tf.__version__}"


def main(images: list[str]) -> None:
    """Run the command line."""
    recognizer = Recognizer()
    if not images:
        sys.stdout.write(f"{smoke_check(recognizer)}\n")
    for image in images:
        found = recognizer.predict(Path(image).read_bytes())
        told = "  ".join(f"{one['label']} {one['score']:.4f}" for one in found)
        sys.stdout.write(f"{image}  {told}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""A frozen graph in a TensorFlow 1 session of this process, fed with file bytes as existing backends do."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from ....contract.errors import InputError
from ....contract.image.decode import decode_image, to_pixels
from ....contract.model_contract.model_contract import FROZEN_GRAPH_NAMES
from ....runtimes.tf_graph.graph_operators import check_operators
from ....runtimes.tf_graph.read_graph_def import check_whole as check_nodes
from .check_image import check_whole
from .model_files import Snapshot
from .refusal import Refusal, refusal_of


class FrozenGraphRunner:
    """A GraphDef that takes file bytes, or pixels where its contract has no tensor for files.

    Raises:
        InputError: damaged, without the tensors that the contract, or the old retrain scripts, name; or with operators
            that do more than compute.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        assert isinstance(snapshot.model, bytes)
        contract = snapshot.contract
        names = FROZEN_GRAPH_NAMES if contract is None else contract.tensor_names
        self._pixels = None if contract is None or "encoded" in names else contract.pixels
        graph = _import(snapshot.model)
        self._input = _tensor(graph, names["pixels" if self._pixels else "encoded"])
        self._output = _tensor(graph, names["output"])
        self._session = tf.compat.v1.Session(graph=graph)
        self.runtime = f"tensorflow {version('tensorflow')}"
        self.labels = () if contract is None else contract.first_classification.labels

    def scores(self, image: bytes) -> NDArray[np.float32]:
        """Answer one image."""
        fed = self._as_taken(image)
        try:
            answer = self._session.run(self._output, {self._input: fed})
        except tf.errors.InvalidArgumentError as error:
            if self._pixels is not None:
                raise
            raise Refusal(400, "the image cannot be decoded by the model") from error
        return np.asarray(answer, np.float32).reshape(-1)

    def _as_taken(self, image: bytes) -> Any:
        if self._pixels is None:
            check_whole(image)
            return image
        try:
            return to_pixels(decode_image(image, self._pixels, where=None), self._pixels)[None]
        except InputError as error:
            raise refusal_of(error) from error


def _import(data: bytes) -> Any:
    definition = tf.compat.v1.GraphDef()
    try:
        definition.ParseFromString(data)
    except DecodeError as error:
        raise InputError("frozen graph is damaged", received=f"{len(data):,} bytes; {str(error)[:200]}") from error
    check_nodes(definition, Path("frozen graph"))
    check_operators(definition, "frozen graph")
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(definition, name="")
    return graph


def _tensor(graph: Any, name: str) -> Any:
    try:
        return graph.get_tensor_by_name(name)
    except (KeyError, ValueError) as error:
        what = "frozen graph has no such tensor"
        raise InputError(what, where=name, expected="the names that the client feeds and reads") from error

"""Runs a frozen graph in a TensorFlow 1 session, as existing backends do."""

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from ..facts.description import Description, Operator, TensorInfo
from ..facts.driver import by_head
from .graph_facts import PLACEHOLDERS
from .graph_operators import check_operators
from .read_graph_def import read_graph_def

#: Tensors that an error names.
_NAMED = 5


class FrozenGraphDriver:
    """A GraphDef without variables, fed with pixels or with the bytes of one file.

    Raises InputError before anything of it runs where it holds operators that may do more than compute: a lock says
    that a file was not changed, not where it comes from. And where it has other tensors than the contract says.
    """

    def __init__(self, path: str, contract: ModelContract) -> None:
        definition = read_graph_def(Path(path))
        check_operators(definition, path)
        self._graph, self._contract = tf.Graph(), contract
        with self._graph.as_default():
            tf.import_graph_def(definition, name="")
        self._outputs = frozen_output_names(contract)
        self._check_names(path)
        self._session = tf.compat.v1.Session(graph=self._graph)
        counts = Counter(node.op for node in definition.node)
        self.description = Description(
            runtime=f"tensorflow {version('tensorflow')}",
            inputs=(self._info("pixels", contract.tensor_names["pixels"]),),
            outputs=tuple(self._info(head, name) for head, name in self._outputs.items()),
            doors=("pixels", "encoded") if "encoded" in contract.tensor_names else ("pixels",),
            operators=tuple(Operator(name=op, version=0, count=n) for op, n in sorted(counts.items())),
        )

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Feed one batch to the pixel tensor."""
        feed = {self._contract.tensor_names["pixels"]: pixels}
        return by_head(self._session.run(self._outputs, feed), self._contract)

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Feed files one by one: the graph takes a scalar string."""
        name = self._contract.tensor_names["encoded"]
        answers = [by_head(self._session.run(self._outputs, {name: file}), self._contract) for file in files]
        return {head: np.concatenate([answer[head] for answer in answers]) for head in answers[0]}

    def _check_names(self, path: str) -> None:
        """Raise InputError for a tensor of the contract that is not there, and say which are."""
        names = {role: name for role, name in self._contract.tensor_names.items() if role != "output"}
        for role, name in (names | self._outputs).items():
            try:
                self._graph.get_tensor_by_name(name)
            except (KeyError, ValueError) as error:  # no such operation or output; no name of a tensor
                operations = self._graph.get_operations()
                fed = [one.outputs[0].name for one in operations if one.type in PLACEHOLDERS]
                ends = [one.outputs[0].name for one in operations if one.outputs and not one.outputs[0].consumers()]
                raise InputError(
                    f"graph has no tensor {name!r}, which the contract says is its {role}",
                    where=path,
                    received=f"fed at {_some(fed)}; ends at {_some(ends)}",
                    fix="modelport adopt GRAPH.pb RUN, which finds its tensors or takes --input-name and --output-name",
                ) from error

    def _info(self, role: str, name: str) -> TensorInfo:
        tensor = self._graph.get_tensor_by_name(name)
        return TensorInfo(name=role, dtype=tensor.dtype.name, shape=tuple(tensor.shape.as_list()))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "") or "nothing"


def frozen_output_names(contract: ModelContract) -> dict[str, str]:
    """Return head name to tensor name: the first answers at the contract's output, the others at their own names."""
    first, *others = (head.name for head in contract.heads)
    return {first: contract.tensor_names["output"]} | {name: f"{name}:0" for name in others}

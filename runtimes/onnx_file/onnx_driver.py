"""Runs an ONNX file with ONNX Runtime on the CPU."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from ..facts.description import Description, Operator, TensorInfo
from ..facts.driver import by_head
from ..process.tasks import task
from ..process.threads import threads_here
from .cut_protobuf import check_whole


class OnnxDriver:
    """An ONNX model with one input."""

    def __init__(self, path: str | bytes, contract: ModelContract, *, facts: bool = True) -> None:
        self._session, self._contract = _open(path), contract
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        self.description = Description(
            runtime=f"onnxruntime {version('onnxruntime')}",
            inputs=tuple(map(_info, inputs)),
            outputs=tuple(map(_info, outputs)),
            **(_facts(path) if facts and isinstance(path, str) else {}),
        )
        self._input, self._names = inputs[0].name, [output.name for output in outputs]

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Run one batch."""
        answers = self._session.run(self._names, {self._input: pixels})
        return by_head(dict(zip(self._names, answers, strict=True)), self._contract)

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Refuse: the file takes pixels."""
        raise InputError("this ONNX file takes pixels, not file bytes")


def _open(path: str | bytes) -> Any:
    try:
        return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"], **_thread_options())
    except Exception:  # its classes are private
        if isinstance(path, str):
            check_whole(path)
        raise


def _thread_options() -> dict[str, Any]:
    if (threads := threads_here()) is None:
        return {}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return {"sess_options": options}


@task
def onnx_facts(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in the file at arguments["path"] as JSON values."""
    facts = _facts(arguments["path"])
    return facts | {"operators": [asdict(operator) for operator in facts["operators"]]}


def _facts(path: str) -> dict[str, Any]:
    """Return what stands in the file, where the package that reads it is installed beside the runtime."""
    if find_spec("onnx") is None:
        return {}
    from ..embedded_contract.embedded_promise import onnx_says
    from .graph import dtype_name, files_beside, load_onnx, nodes_of, tensors_of

    model = load_onnx(Path(path))
    own = {(function.domain, function.name) for function in model.functions}
    counts = Counter((node.domain, node.op_type) for node in nodes_of(model))
    foreign = {(domain, name) for domain, name in counts if domain not in ("", "ai.onnx")} - own
    return {
        "operators": tuple(Operator(name=name, version=0, count=n) for (_, name), n in sorted(counts.items())),
        "tensor_dtypes": dict(sorted(Counter(dtype_name(tensor.data_type) for tensor in tensors_of(model)).items())),
        "stored_bytes": _stored_bytes(tensors_of(model)),
        "custom_operators": tuple(sorted(name for _, name in foreign)),
        "files_beside": files_beside(model),
        **onnx_says(model),
    }


def _stored_bytes(tensors: Iterable[Any]) -> dict[str, int]:
    from .graph import dtype_name

    counts: Counter[str] = Counter()
    for tensor in tensors:
        counts[dtype_name(tensor.data_type)] += tensor.ByteSize()
    return dict(sorted(counts.items()))


def _info(value: Any) -> TensorInfo:
    dtype = {"tensor(float)": "float32"}.get(value.type, value.type.removeprefix("tensor(").removesuffix(")"))
    shape = tuple(size if isinstance(size, int) else None for size in value.shape)
    return TensorInfo(name=value.name, dtype=dtype, shape=shape)

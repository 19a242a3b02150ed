"""Runs a TensorFlow.js graph model in Node.js, on the wasm or the cpu backend."""

import json
import subprocess
import weakref
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from ..embedded_contract.embedded_promise import tfjs_says
from ..facts.description import Description, TensorInfo
from ..facts.driver import by_head
from ..process.frames import read_frame, write_frame
from ..process.tasks import task
from .inspect_tfjs import inspect_tfjs, stored_dtype, stored_size
from .tfjs_packages import find_backend, find_node, find_packages

RUNNER = Path(__file__).with_name("tfjs_runner.mjs")


class TfjsDriver:
    """A graph model with one input, in a Node.js process that ends with this object."""

    def __init__(self, path: str, contract: ModelContract) -> None:
        node, (packages, version), backend = find_node(), find_packages(), find_backend()
        facts, self._contract = _facts(path), contract
        command = [str(node), str(RUNNER), str(packages), backend]
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._end = weakref.finalize(self, _end, self._node)
        model, weights = _read(Path(path))
        opened, _ = self._ask({"model": model}, [np.frombuffer(weights, dtype=np.uint8)])
        said = {role: tuple(_info(item) for item in opened[role]) for role in ("inputs", "outputs")}
        self._dtype = opened["inputs"][0]["dtype"]
        self.description = Description(
            runtime=f"tfjs {version} {backend}, node {opened['node']}",
            inputs=facts.pop("inputs") or said["inputs"],
            outputs=facts.pop("outputs") or said["outputs"],
            **facts,
        )

    def predict(self, pixels: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """Run one batch; uint8 pixels enter as int32, the only whole numbers of TensorFlow.js."""
        answer, values = self._ask({}, [pixels.astype(np.dtype(self._dtype).newbyteorder("<"), copy=False)])
        return by_head(dict(zip(answer["names"], values, strict=True)), self._contract)

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Refuse: the model takes pixels."""
        raise InputError("this TensorFlow.js model takes pixels, not file bytes")

    def _ask(
        self, request: dict[str, Any], arrays: Sequence[NDArray[Any]]
    ) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        try:
            write_frame(self._node.stdin, request, arrays)  # type: ignore[arg-type]
            answer, values = read_frame(self._node.stdout)  # type: ignore[arg-type]
        except (OSError, EOFError, ValueError) as error:
            self._end()
            raise InputError(f"Node.js ended with exit code {self._node.returncode}") from error
        if "refused" in answer:
            raise InputError(f"TensorFlow.js: {answer['refused']}")
        return answer, values


@task
def tfjs_facts(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in the model at arguments["path"] as JSON values."""
    facts = _facts(arguments["path"])
    told = ("tensor_dtypes", "stored_bytes", "promise")
    return {"operators": [asdict(operator) for operator in facts["operators"]]} | {name: facts[name] for name in told}


def _facts(path: str) -> dict[str, Any]:
    """Return what model.json says, as fields of a Description.

    Raises:
        InputError: not a graph model, a damaged one, or one whose weights are not whole.
    """
    told = inspect_tfjs(Path(path))
    if told.variant != "TensorFlow.js graph-model":
        raise InputError("not a graph model", where=path, expected="format graph-model", received=told.variant)
    if told.problems:
        raise InputError("; ".join(problem.sentence for problem in told.problems))
    model = _model(Path(path))
    entries = [entry for group in model["weightsManifest"] for entry in group["weights"]]
    counts = Counter(stored_dtype(entry) for entry in entries)
    stored: Counter[str] = Counter()
    for entry in entries:
        dtype, size_bytes = stored_size(entry)
        stored[dtype] += size_bytes
    return {
        "inputs": tuple(_described(tensor) for tensor in told.inputs),
        "outputs": tuple(_described(tensor) for tensor in told.outputs),
        "operators": told.operators,
        "tensor_dtypes": dict(sorted(counts.items())),
        "stored_bytes": dict(sorted(stored.items())),
        **tfjs_says(model),
    }


def _model(path: Path) -> dict[str, Any]:
    file = path / "model.json" if path.is_dir() else path
    value: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return value


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return model.json, and the weights of all its files one after the other. inspect_tfjs has checked the paths."""
    model, folder = _model(path), path if path.is_dir() else path.parent
    names = [name for group in model["weightsManifest"] for name in group["paths"]]
    return model, b"".join((folder / name).read_bytes() for name in names)


def _described(tensor: Any) -> TensorInfo:
    return TensorInfo(name=tensor.name, dtype=tensor.dtype, shape=tensor.shape or ())


def _info(item: dict[str, Any]) -> TensorInfo:
    sizes = tuple(None if size is None or size < 0 else int(size) for size in item["shape"] or ())
    return TensorInfo(name=item["name"], dtype=item["dtype"], shape=sizes)


def _end(node: "subprocess.Popen[bytes]") -> None:
    node.kill()
    node.communicate()

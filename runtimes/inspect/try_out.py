"""The worker's second task for `modelport inspect`: open a .tflite or .onnx file in its runtime and run it on zeros."""

import math
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..process.tasks import task

#: Values of one input that a try-out makes; 4,096 x 4,096 RGB are 50 million.
MAX_ELEMENTS = 1 << 26


@task
def try_out(arguments: dict[str, Any]) -> dict[str, Any]:
    """Open and run arguments["path"], of arguments["format"]; a task of a worker.

    Returns:
        "runtime": its name and version; "refused": why it does not open or run, or None; "not_run": why it was opened
        and not run, or None; "not_finite": names of outputs that hold NaN or infinity; "delegate": for TFLite
        "partitions", "taken" and "outside" (operator to number), or None.
    """
    open_and_run = {"tflite": _try_tflite, "onnx": _try_onnx}[arguments["format"]]
    return open_and_run(Path(arguments["path"]))


def _answer(runtime: str, **facts: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"refused": None, "not_run": None, "not_finite": [], "delegate": None}
    return {"runtime": f"{runtime} {version(runtime)}"} | empty | facts


def _try_tflite(path: Path) -> dict[str, Any]:
    from ai_edge_litert.interpreter import Interpreter

    delegate = None
    try:
        interpreter = Interpreter(model_path=str(path), num_threads=2)
        interpreter.allocate_tensors()
        delegate = _delegate_share(interpreter._get_ops_details())
        feed = {entry["index"]: _zeros(entry["shape"], entry["dtype"]) for entry in interpreter.get_input_details()}
        if any(zeros is None for zeros in feed.values()):
            return _answer("ai-edge-litert", not_run="its inputs are texts or too large", delegate=delegate)
        for index, zeros in feed.items():
            interpreter.set_tensor(index, zeros)
        interpreter.invoke()
    except (RuntimeError, ValueError, TypeError) as error:
        return _answer("ai-edge-litert", refused=_first_line(error), delegate=delegate)
    outputs = {entry["name"]: interpreter.get_tensor(entry["index"]) for entry in interpreter.get_output_details()}
    return _answer("ai-edge-litert", not_finite=_not_finite(outputs), delegate=delegate)


def _delegate_share(operators: list[dict[str, Any]]) -> dict[str, Any]:
    """Count the operators between the borders of each delegate node: those that it replaced."""
    delegates = [entry for entry in operators if entry["op_name"] == "DELEGATE"]
    own = [entry for entry in operators if entry["op_name"] != "DELEGATE"]
    made_by = {int(output): entry["index"] for entry in own for output in entry["outputs"]}
    by_index = {entry["index"]: entry for entry in own}
    taken: set[int] = set()
    for delegate in delegates:
        borders, waiting = set(map(int, delegate["inputs"])), list(map(int, delegate["outputs"]))
        while waiting:
            tensor = waiting.pop()
            index = made_by.get(tensor)
            if index is None or tensor in borders or index in taken:
                continue
            taken.add(index)
            waiting += map(int, by_index[index]["inputs"])
    outside = Counter(entry["op_name"] for entry in own if entry["index"] not in taken)
    return {"partitions": len(delegates), "taken": len(taken), "outside": dict(sorted(outside.items()))}


def _try_onnx(path: Path) -> dict[str, Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        feed = {
            entry.name: _zeros(_with_batch_one(entry.shape), _numpy_type(entry.type)) for entry in session.get_inputs()
        }
        if any(zeros is None for zeros in feed.values()):
            return _answer("onnxruntime", not_run="the size or type of an input is not fixed")
        names = [entry.name for entry in session.get_outputs()]
        outputs = dict(zip(names, session.run(names, feed), strict=True))
    except Exception as error:  # ONNX Runtime's own classes, one for each kind of failure, derive from Exception only
        return _answer("onnxruntime", refused=_first_line(error))
    return _answer("onnxruntime", not_finite=_not_finite(outputs))


def _with_batch_one(shape: list[Any]) -> list[Any]:
    return [1 if position == 0 and not isinstance(size, int) else size for position, size in enumerate(shape)]


def _numpy_type(name: str) -> Any:
    known = {"float": "float32", "double": "float64"}
    inner = name.removeprefix("tensor(").removesuffix(")")
    return known.get(inner, inner)


def _zeros(shape: Any, dtype: Any) -> NDArray[Any] | None:
    """Return zeros; None where the shape is not fixed, too large, or of texts."""
    sizes = [int(size) if isinstance(size, int | np.integer) else -1 for size in shape]
    if min(sizes, default=1) < 0 or math.prod(sizes) > MAX_ELEMENTS:
        return None
    try:
        kind = np.dtype(dtype)
    except TypeError:
        return None
    return np.zeros(sizes, kind) if kind.kind in "fiub" else None


def _not_finite(outputs: dict[str, Any]) -> list[str]:
    """Name the outputs that hold NaN or infinity; ONNX's sequences and maps, which are no arrays, are not looked at."""
    arrays = {name: value for name, value in outputs.items() if isinstance(value, np.ndarray)}
    return [name for name, value in arrays.items() if value.dtype.kind == "f" and not np.isfinite(value).all()]


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__

"""What stands in a .tflite file: operators and their versions, dtypes, what no stock runtime has."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from ...contract.model_contract.tflite_release import release_key
from ..embedded_contract.embedded_promise import tflite_says
from ..facts.description import Operator
from ..process.tasks import task
from .graph import DTYPES, operators_of, weight_bytes_of, weights_of
from .needed_versions import Signature, needed_version
from .stated_versions import first_release
from .tables import load_tflite
from .zero_points import input_quantization, odd_zero_points

_OPERATOR_NAMES = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
_FLEX = "Flex"  # TensorFlow Lite's prefix for operators that the Flex delegate runs


def read_tflite(data: bytes) -> dict[str, Any]:
    """Return the fields of a Description that a .tflite file's own bytes decide.

    Raises:
        InputError: the bytes are not a TFLite model, or a damaged one.
    """
    model = load_tflite(data)
    codes = [_name_and_version(code) for code in model.operatorCodes]
    used = Counter(codes[op.opcodeIndex] for graph in model.subgraphs for op in graph.operators or [])
    custom = sorted(_custom_name(code) for code in model.operatorCodes if code.customCode is not None)
    stock = [key for key in used if key[0] != "CUSTOM"]
    understated = _understated(model, codes)
    needed = {f"{name} version {v}": first_release(name, v) for name, v in stock}
    needed |= {sentence: first_release(name, version) for sentence, (name, version) in understated.items()}
    known = [release for release in needed.values() if release]
    newest = max(known, key=release_key, default=None)
    return {
        "operators": tuple(Operator(name=name, version=v, count=n) for (name, v), n in sorted(used.items())),
        "tensor_dtypes": dict(Counter(_dtype(t) for graph in model.subgraphs for t in graph.tensors)),
        "stored_bytes": weight_bytes_of(weights_of(model)),
        "float_operators": _float_islands(model),
        "custom_operators": tuple(name for name in custom if not name.startswith(_FLEX)),
        "flex_operators": tuple(name for name in custom if name.startswith(_FLEX)),
        "min_tflite": newest,
        "min_tflite_because": tuple(sorted(text for text, release in needed.items() if newest and release == newest)),
        "understated_operators": tuple(sorted(understated)),
        "unknown_operators": tuple(text for text, release in needed.items() if not release),
        "odd_zero_points": tuple(odd.sentence for odd in odd_zero_points(model) if odd.is_rule),
        "input_quantization": input_quantization(model),
        **tflite_says(data, model),
    }


@task
def tflite_facts(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return `read_tflite` of the file at arguments["path"] as JSON values."""
    facts = read_tflite(Path(arguments["path"]).read_bytes())
    return facts | {"operators": [asdict(operator) for operator in facts["operators"]]}


def _float_islands(model: Any) -> dict[str, int]:
    """Return name to number of the operators that compute in float where others compute in int8; else nothing."""
    operators = [operator for graph in model.subgraphs for operator in operators_of(model, graph)]
    if not any(operator.kind == "int8" for operator in operators):
        return {}
    return dict(sorted(Counter(one.name for one in operators if one.kind in ("float", "hybrid")).items()))


def _understated(model: Any, codes: list[tuple[str, int]]) -> dict[str, tuple[str, int]]:
    """Return a sentence for each kind of operator that states an older version than its content needs, and that."""
    found = {}
    for graph in model.subgraphs:
        for operator in graph.operators or []:
            name, stated = codes[operator.opcodeIndex]
            version, reason = needed_version(_signature(name, operator, graph.tensors))
            if stated < version:
                found[f"{name} states version {stated}, but has {reason}: that is version {version}"] = (name, version)
    return found


def _signature(name: str, operator: Any, tensors: Any) -> Signature:
    inputs = [tensors[index] if index >= 0 else None for index in _indices(operator.inputs)]
    weights = inputs[1] if len(inputs) > 1 else None
    scales = [] if weights is None or weights.quantization is None else weights.quantization.scale
    return Signature(
        name=name,
        inputs=tuple("" if tensor is None else _dtype(tensor) for tensor in inputs),
        outputs=tuple(_dtype(tensors[index]) for index in _indices(operator.outputs)),
        per_channel=scales is not None and len(scales) > 1,
        asymmetric_inputs=bool(getattr(operator.builtinOptions, "asymmetricQuantizeInputs", False)),
    )


def _dtype(tensor: Any) -> str:
    return DTYPES.get(tensor.type, f"type {tensor.type}")


def _indices(values: Any) -> list[int]:
    return [] if values is None else [int(index) for index in values]


def _name_and_version(code: Any) -> tuple[str, int]:
    number = max(code.builtinCode, code.deprecatedBuiltinCode)  # files from before 2.3 fill only the deprecated field
    return _OPERATOR_NAMES.get(number, f"OPERATOR_{number}"), code.version


def _custom_name(code: Any) -> str:
    return code.customCode.decode(errors="replace") if isinstance(code.customCode, bytes) else str(code.customCode)

"""What stands in a .tflite file: operators and their versions, dtypes, what no stock runtime has."""

from collections import Counter
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from ..contract.errors import InputError
from ..contract.tflite_release import release_key
from .description import Operator
from .tflite_versions import first_release

_OPERATOR_NAMES = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
_DTYPE_NAMES = {v: k.lower() for k, v in vars(schema.TensorType).items() if isinstance(v, int)}
_FLEX = "Flex"  # TensorFlow Lite's prefix for operators that the Flex delegate runs


def read_tflite(data: bytes) -> dict[str, Any]:
    """Return the fields of a Description that a .tflite file's own bytes decide.

    Raises:
        InputError: the bytes are not a TFLite model.
    """
    if data[4:8] != b"TFL3":
        raise InputError(
            "not a TFLite model", expected="'TFL3' at byte 4", received=f"{len(data):,} bytes, {data[:8]!r}"
        )
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    codes = [_name_and_version(code) for code in model.operatorCodes]
    used = Counter(codes[op.opcodeIndex] for graph in model.subgraphs for op in graph.operators or [])
    custom = sorted(_custom_name(code) for code in model.operatorCodes if code.customCode is not None)
    releases = {key: first_release(*key) for key in used if key[0] != "CUSTOM"}
    known = [release for release in releases.values() if release]
    return {
        "operators": tuple(Operator(name=name, version=v, count=n) for (name, v), n in sorted(used.items())),
        "tensor_dtypes": dict(Counter(_DTYPE_NAMES[t.type] for graph in model.subgraphs for t in graph.tensors)),
        "custom_operators": tuple(name for name in custom if not name.startswith(_FLEX)),
        "flex_operators": tuple(name for name in custom if name.startswith(_FLEX)),
        "min_tflite": max(known, key=release_key, default=None),
        "unknown_operators": tuple(f"{name} version {v}" for (name, v), release in releases.items() if not release),
    }


def _name_and_version(code: Any) -> tuple[str, int]:
    number = max(code.builtinCode, code.deprecatedBuiltinCode)  # files from before 2.3 fill only the deprecated field
    return _OPERATOR_NAMES.get(number, f"OPERATOR_{number}"), code.version


def _custom_name(code: Any) -> str:
    return code.customCode.decode(errors="replace") if isinstance(code.customCode, bytes) else str(code.customCode)

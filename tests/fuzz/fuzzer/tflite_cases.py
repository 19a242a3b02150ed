"""Mutate .tflite files: fields of the schema's objects, and sometimes the numbers that hold the flatbuffer together."""

import random
import struct
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from .case import Seed, promise
from .edge_values import Traps, flip, integer
from .object_fields import mutate_object
from .real_files import real_seeds
from .tflite_seeds import float_model, int8_model, many_operators, pack

#: What the schema's code raises when a value does not fit the field's type.
_UNFIT = (TypeError, ValueError, AttributeError, struct.error, OverflowError, IndexError, KeyError, AssertionError)


def seeds() -> list[Seed]:
    """Return three models made here, and the smallest of others where they are."""
    made = {"float": float_model(), "int8": int8_model(), "many": many_operators()}
    own = [Seed(name=name, files={"model.tflite": data}, contract=promise()) for name, data in made.items()]
    cifar = promise(32, tuple(f"{number}" for number in range(10)))
    others = {"mlperf_tiny/pretrainedResnet_quant.tflite": cifar}
    return own + own + real_seeds(others, "model.tflite")


def mutate(random: random.Random, seed: Seed, traps: Traps) -> tuple[dict[str, bytes], list[str]]:
    """Return the changed file, and what was done."""
    (data,) = seed.files.values()
    if random.random() < 0.2:
        changed, what = _layout(random, data)
        return {"model.tflite": changed}, [what]
    for _ in range(20):
        model = unpack(data)
        count = 1 + (random.random() < 0.35) + (random.random() < 0.15)
        try:
            done = [_field(random, model, traps) for _ in range(count)]
            return {"model.tflite": pack(model)}, done
        except _UNFIT:
            continue
    return {"model.tflite": data}, ["nothing"]


def unpack(data: bytes) -> Any:
    """Return the schema's objects of a file."""
    return schema.ModelT.InitFromPackedBuf(data, 0)


def _field(random: random.Random, model: Any, traps: Traps) -> str:
    """Change one field of a part that is chosen first: constants are most of a file's values, and say least."""
    graph = model.subgraphs[0] if model.subgraphs else None
    pools: list[list[Any]] = [[model], model.operatorCodes or [], model.signatureDefs or [], model.metadata or []]
    if graph is not None:
        pools += [[graph]] + [list(graph.tensors or [])] * 4 + [list(graph.operators or [])] * 4
        quantized = [tensor.quantization for tensor in graph.tensors or [] if tensor.quantization]
        pools += [
            quantized,
            model.buffers or [],
            [op.builtinOptions for op in graph.operators or [] if op.builtinOptions],
        ]
    part = random.choice(random.choice([pool for pool in pools if pool]))
    if not vars(part):
        return "nothing"
    return type(part).__name__.removesuffix("T") + mutate_object(random, part, traps, is_json=False)


def _layout(random: random.Random, data: bytes) -> tuple[bytes, str]:
    """Change offsets and lengths behind the identifier, cut the file, or flip bytes."""
    match random.randrange(4):
        case 0:
            size = random.randrange(8, len(data))
            return data[:size], f"cut to {size} bytes"
        case 1:
            return data[:8] + flip(random, data[8:], 3), "bytes flipped"
        case _:
            at = 4 * random.randrange(2, len(data) // 4)
            (old,) = struct.unpack_from("<i", data, at)
            new = integer(random, old, -(1 << 31), (1 << 31) - 1)
            return data[:at] + struct.pack("<i", new) + data[at + 4 :], f"int32 at byte {at}: {old} = {new}"

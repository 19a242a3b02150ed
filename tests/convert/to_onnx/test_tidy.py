"""One form for an ONNX model; the oracle is ONNX Runtime before and after."""

import random
from collections import Counter
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from modelport.convert.to_onnx.tidy import tidy

node, value = onnx.helper.make_node, onnx.helper.make_tensor_value_info


def constant(name: str, array: Any) -> Any:
    return onnx.numpy_helper.from_array(np.asarray(array), name)


def made(nodes: list[Any], constants: list[Any], shape: list[Any]) -> Any:
    graph = onnx.helper.make_graph(
        nodes, "model", [value("image", 1, shape)], [value("label", 1, ["batch", None])], constants
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)


def pooled(last: str = "kernel") -> Any:
    """Two sums that one node takes, and a Reshape that changes nothing."""
    weights = np.random.default_rng(0).random((3, 4), dtype=np.float32)
    nodes = [
        node("GlobalAveragePool", ["image"], ["mean"], name="a"),
        node("Reshape", ["mean", "same"], ["again"], name="b"),
        node("Add", ["again", "one"], ["more"], name="c"),
        node("Mul", ["again", "two"], ["twice"], name="d"),
        node("Sub", ["more", "twice"], ["both"], name="e"),
        node("Reshape", ["both", "flat"], ["rows"], name="f"),
        node("MatMul", ["rows", last], ["label"], name="g"),
    ]
    constants = [
        constant("same", np.array([-1, 3, 1, 1])),
        constant("one", np.array([1], np.float32)),
        constant("two", np.array([2], np.float32)),
        constant("flat", np.array([-1, 3])),
        constant(last, weights),
        constant("nobody's", np.array([7], np.float32)),
    ]
    return made(nodes, constants, ["batch", 3, 5, 5])


def shuffled(model: Any, seed: int) -> Any:
    """Rename every inner value, and put nodes and constants into another order that is valid as well."""
    chance, graph = random.Random(seed), model.graph
    inner = [name for n in graph.node for name in n.output if name != "label"] + [t.name for t in graph.initializer]
    names = dict(zip(inner, chance.sample([f"x{i}" for i in range(99)], len(inner)), strict=True))
    for n in graph.node:
        n.name = str(chance.random())
        n.input[:] = [names.get(x, x) for x in n.input]
        n.output[:] = [names.get(x, x) for x in n.output]
    for tensor in graph.initializer:
        tensor.name = names[tensor.name]
    ready, rest, ordered = {"image", *(t.name for t in graph.initializer)}, list(graph.node), []
    while rest:
        n = chance.choice([n for n in rest if set(n.input) <= ready])
        rest.remove(n)
        ordered.append(n)
        ready |= set(n.output)
    constants = chance.sample(list(graph.initializer), len(graph.initializer))
    del graph.node[:], graph.initializer[:]
    graph.node.extend(ordered)
    graph.initializer.extend(constants)
    return model


def answer(model: Any, pixels: Any) -> Any:
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["label"], {"image": pixels})[0]


def tidied(model: Any) -> Any:
    tidy(model)
    return model


def test_names_and_order_of_the_input_leave_no_trace() -> None:
    whole = {tidied(shuffled(pooled(), seed)).SerializeToString(deterministic=True) for seed in range(20)}
    assert 1 == len(whole)


@pytest.mark.parametrize("batch", [1, 7])
def test_the_answers_stay_and_what_changes_nothing_goes(batch: int) -> None:
    pixels = np.random.default_rng(1).random((batch, 3, 5, 5), dtype=np.float32)
    expected, tidy_model = answer(pooled(), pixels), tidied(pooled())
    np.testing.assert_array_equal(expected, answer(tidy_model, pixels))
    assert {"Reshape": 1, "Add": 1, "Mul": 1, "Sub": 1, "GlobalAveragePool": 1, "MatMul": 1} == dict(
        Counter(n.op_type for n in tidy_model.graph.node)
    )
    assert 4 == len(tidy_model.graph.initializer)


@pytest.mark.parametrize("shared", [False, True])
def test_a_flatten_of_channels_last_needs_no_transpose_unless_others_take_it(shared: bool) -> None:
    weights = np.random.default_rng(0).random((30, 4), dtype=np.float32)
    nodes = [
        node("Transpose", ["image"], ["last"], perm=[0, 2, 3, 1]),
        node("Reshape", ["last", "flat"], ["rows"]),
        node("MatMul", ["rows", "kernel"], ["dense"]),
        node("ReduceSum", ["last" if shared else "image", "axes"], ["sum"], keepdims=0),
        node("Add", ["dense", "sum"], ["label"]),
    ]
    constants = [constant("flat", np.array([-1, 30])), constant("kernel", weights)]
    constants.append(constant("axes", np.array([1, 2] if shared else [2, 3])))
    nodes[3].output[0], nodes[4].input[1] = "sums", "sum"
    nodes.insert(4, node("ReduceSum", ["sums", "one"], ["sum"]))
    constants.append(constant("one", np.array([1])))
    pixels = np.random.default_rng(1).random((3, 2, 3, 5), dtype=np.float32)
    expected = answer(made(nodes, constants, ["batch", 2, 3, 5]), pixels)
    model = tidied(made(nodes, constants, ["batch", 2, 3, 5]))
    np.testing.assert_allclose(expected, answer(model, pixels), rtol=1e-5)
    assert shared == ("Transpose" in {n.op_type for n in model.graph.node})


@pytest.mark.parametrize("width", [2, 5], ids=["channels", "a-divisor-of-all"])
def test_a_dense_layer_of_each_pixel_keeps_its_transpose(width: int) -> None:
    """Rows of the Reshape are pixels, not images: its weights hold a row a channel, and the order of those stays."""
    nodes = [
        node("Transpose", ["image"], ["last"], perm=[0, 2, 3, 1]),
        node("Reshape", ["last", "flat"], ["rows"]),
        node("MatMul", ["rows", "kernel"], ["label"]),
    ]
    weights = np.random.default_rng(0).random((width, 4), dtype=np.float32)
    constants = [constant("flat", np.array([-1, width])), constant("kernel", weights)]
    pixels = np.random.default_rng(1).random((3, 2, 3, 5), dtype=np.float32)
    expected = answer(made(nodes, constants, ["batch", 2, 3, 5]), pixels)
    model = tidied(made(nodes, constants, ["batch", 2, 3, 5]))
    np.testing.assert_array_equal(expected, answer(model, pixels))


def test_a_flatten_that_is_an_output_itself_keeps_its_order() -> None:
    nodes = [
        node("Transpose", ["image"], ["last"], perm=[0, 2, 3, 1]),
        node("Reshape", ["last", "flat"], ["label"]),
        node("MatMul", ["label", "kernel"], ["dense"]),
    ]
    weights = np.random.default_rng(0).random((30, 4), dtype=np.float32)
    model = made(nodes, [constant("flat", np.array([-1, 30])), constant("kernel", weights)], ["batch", 2, 3, 5])
    model.graph.output.append(value("dense", 1, ["batch", 4]))
    pixels = np.random.default_rng(1).random((3, 2, 3, 5), dtype=np.float32)
    np.testing.assert_array_equal(pixels.transpose(0, 2, 3, 1).reshape(3, 30), answer(tidied(model), pixels))


def test_a_model_with_branches_is_left_as_it_is() -> None:
    inner = onnx.helper.make_graph([node("Relu", ["image"], ["out"])], "branch", [], [value("out", 1, None)])
    model = made(
        [node("If", ["yes"], ["label"], then_branch=inner, else_branch=inner)], [constant("yes", True)], [1, 2]
    )
    before = model.SerializeToString()
    tidy(model)
    assert before == model.SerializeToString()

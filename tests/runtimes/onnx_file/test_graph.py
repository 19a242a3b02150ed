"""What hides in branches, functions and attributes of an ONNX model; the oracle is onnx's own checker and builder."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from modelport.runtimes.onnx_file.onnx_driver import onnx_facts

node, value = onnx.helper.make_node, onnx.helper.make_tensor_value_info
HALF = onnx.numpy_helper.from_array(np.ones((2, 2), np.float16), "weights")


def branch(*nodes: Any) -> Any:
    return onnx.helper.make_graph(list(nodes), "branch", [], [value("out", 1, None)])


def save(path: Path, nodes: list[Any], *, functions: tuple[Any, ...] = (), initializer: tuple[Any, ...] = ()) -> Path:
    graph = onnx.helper.make_graph(nodes, "g", [value("x", 1, ["n", 2])], [value("y", 1, None)], list(initializer))
    domains = [onnx.helper.make_opsetid(domain, version) for domain, version in (("", 17), ("strange", 1), ("own", 1))]
    onnx.save(onnx.helper.make_model(graph, opset_imports=domains, functions=list(functions), ir_version=9), path)
    return path


def facts(path: Path) -> dict[str, Any]:
    return onnx_facts({"path": str(path)})


@pytest.mark.parametrize("depth", [1, 3])
def test_an_operator_in_a_branch_is_found(tmp_path: Path, depth: int) -> None:
    inner = node("Gelu", ["x"], ["out"], domain="strange")
    for _ in range(depth):
        inner = node("If", ["c"], ["out"], then_branch=branch(inner), else_branch=branch(node("Relu", ["x"], ["out"])))
    inner.output[0] = "y"
    found = facts(save(tmp_path / "m.onnx", [inner]))
    assert ("Gelu",) == found["custom_operators"]
    assert {"name": "Relu", "version": 0, "count": depth} in found["operators"]


def test_a_function_of_the_models_own_is_not_foreign_but_what_it_calls_is(tmp_path: Path) -> None:
    body = [node("Gelu", ["a"], ["b"], domain="strange")]
    opsets = [onnx.helper.make_opsetid("strange", 1)]
    function = onnx.helper.make_function("own", "Block", ["a"], ["b"], body, opsets)
    found = facts(save(tmp_path / "m.onnx", [node("Block", ["x"], ["y"], domain="own")], functions=(function,)))
    assert ("Gelu",) == found["custom_operators"]


def test_a_tensor_in_an_attribute_counts_like_an_initializer(tmp_path: Path) -> None:
    last = node("Cast", ["w"], ["y"], to=1)
    by_node = save(tmp_path / "node.onnx", [node("Constant", [], ["w"], value=HALF), last])
    by_list = save(tmp_path / "list.onnx", [node("Identity", ["weights"], ["w"]), last], initializer=(HALF,))
    assert {"float16": 1} == facts(by_node)["tensor_dtypes"] == facts(by_list)["tensor_dtypes"]


def test_files_beside_are_named_once(tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [node("Cast", ["weights"], ["y"], to=1)], initializer=(HALF,))
    assert () == facts(path)["files_beside"]
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="m.data", size_threshold=0)
    assert ("m.data",) == facts(path)["files_beside"]

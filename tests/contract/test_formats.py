"""The three parts of the table of formats know the same formats, and name code that is there."""

import ast
from pathlib import Path

import modelport
import pytest
from modelport.contract.formats import EXPORTED, FORMATS, format_of_folder, format_of_name, runs_in_node
from modelport.runtimes.facts.format_runtimes import FACTS, RUNTIMES

ROOT = Path(modelport.__path__[0])


def names_in(file: Path) -> dict[str, ast.AST]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}


def test_every_format_has_a_runtime_and_no_other_has() -> None:
    assert list(FORMATS) == list(RUNTIMES)


def test_every_exported_format_has_a_writer_in_the_same_order() -> None:
    pytest.importorskip("tensorflow", reason="writers need the extra [tensorflow]")
    from modelport.convert.convert import WRITERS

    assert EXPORTED == tuple(WRITERS)


@pytest.mark.parametrize("format", RUNTIMES)
@pytest.mark.parametrize("part", ["driver", "inspector"])
def test_the_code_that_a_row_names_is_there(format: str, part: str) -> None:
    file, name = getattr(RUNTIMES[format], part).split(":")
    assert name in names_in(ROOT / "runtimes" / f"{file.replace('.', '/')}.py")


@pytest.mark.parametrize("target", FACTS.values())
def test_what_reads_facts_is_a_task(target: str) -> None:
    module, name = target.split(":")
    function = names_in(ROOT / f"{module.removeprefix('modelport.').replace('.', '/')}.py")[name]
    assert isinstance(function, ast.FunctionDef)
    assert ["task"] == [ast.unparse(decorator) for decorator in function.decorator_list]


def test_a_row_is_a_file_or_a_folder() -> None:
    assert all(bool(row.suffixes) != bool(row.mark) for row in FORMATS.values())


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("model.h5", "h5"),
        ("MODEL.HDF5", "h5"),
        ("a/b.Keras", "keras"),
        ("x.PB", "frozen_graph"),
        ("backbone.weights.h5", None),
        ("saved_model", None),
        ("model.onnx.txt", None),
    ],
)
def test_a_name_says_its_format_whatever_its_case(name: str, format: str | None) -> None:
    assert format == format_of_name(name)


def test_a_folder_says_its_format_by_what_is_in_it(tmp_path: Path) -> None:
    assert format_of_folder(tmp_path) is None
    (tmp_path / "model.json").write_text("{}")
    assert "tfjs" == format_of_folder(tmp_path)


def test_javascript_alone_runs_in_node() -> None:
    assert ["tfjs"] == [name for name in (*FORMATS, "nobody's") if runs_in_node(name)]

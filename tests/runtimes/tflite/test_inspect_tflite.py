"""What is told about .tflite files: modelport's own recipes against the interpreter, and files changed by hand."""

import io
import shutil
import struct
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as schema
from modelport.runtimes.embedded_contract.tflite_metadata import read_tflite_metadata
from modelport.runtimes.facts.inspection import Inspection
from modelport.runtimes.inspect.inspect_file import inspect_here
from modelport.runtimes.inspect.try_out import try_out

RECIPES = ("float32", "float16", "dynamic_int8", "full_int8")


def changed(source: Path, destination: Path, change: Callable[[Any], None]) -> Path:
    """Write the file with its schema objects changed."""
    model = schema.ModelT.InitFromPackedBuf(source.read_bytes(), 0)
    change(model)
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    destination.write_bytes(builder.Output())
    return destination


def sentences(told: Inspection) -> str:
    return "\n".join(problem.sentence for problem in told.problems)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_delegates_share_of_every_recipe_is_what_the_runtime_takes(exported_run: Path, recipe: str) -> None:
    path = exported_run / f"model.{recipe}.tflite"
    told, measured = inspect_here(path).delegate, try_out({"path": str(path), "format": "tflite"})["delegate"]
    assert told is not None
    outside = {name.split(" (")[0]: count for name, count in told.outside.items()}
    assert (measured["taken"], measured["outside"]) == (told.taken, outside)


def test_int8_hard_swish_is_outside_the_delegates_reach(exported_run: Path) -> None:
    """DESIGN.md, fact 5."""
    outside = inspect_here(exported_run / "model.full_int8.tflite").delegate
    assert outside is not None
    assert outside.outside["HARD_SWISH (int8)"] > 5
    assert {} == inspect_here(exported_run / "model.float32.tflite").delegate.outside  # type: ignore[union-attr]


def test_shares_follow_the_recipe(exported_run: Path) -> None:
    kinds = {recipe: inspect_here(exported_run / f"model.{recipe}.tflite").operator_kinds for recipe in RECIPES}
    assert {"float"} == set(kinds["float32"])
    assert {"conversion", "float"} == set(kinds["float16"])
    assert {"float", "hybrid"} == set(kinds["dynamic_int8"])
    assert {"conversion", "int8"} == set(kinds["full_int8"])


def test_weight_bytes_follow_the_recipe_and_parameters_do_not(exported_run: Path) -> None:
    told = {recipe: inspect_here(exported_run / f"model.{recipe}.tflite") for recipe in RECIPES}
    parameters = told["float32"].parameters
    assert parameters
    assert {"float32": 4 * parameters} == told["float32"].weight_bytes
    assert {"float16": 2 * parameters} == told["float16"].weight_bytes
    assert all(abs((one.parameters or 0) - parameters) <= 2 for one in told.values())


def test_an_own_artifact_has_no_problem_but_speed(exported_run: Path) -> None:
    for recipe in RECIPES:
        assert "" == sentences(inspect_here(exported_run / f"model.{recipe}.tflite"))


def test_an_artifact_away_from_its_run_still_says_all(exported_run: Path, tmp_path: Path) -> None:
    for recipe in RECIPES:
        (tmp_path / "m.tflite").write_bytes((exported_run / f"model.{recipe}.tflite").read_bytes())
        told = inspect_here(tmp_path / "m.tflite")
        assert ("inside", ("blue", "green", "red"), ()) == (told.contract_from, told.labels, told.missing)


def test_a_file_without_metadata_has_no_labels_and_says_so(exported_run: Path, tmp_path: Path) -> None:
    def strip(model: Any) -> None:
        model.metadata = []

    told = inspect_here(changed(exported_run / "model.float32.tflite", tmp_path / "m.tflite", strip))
    assert "no labels inside" in sentences(told)
    assert {"value range", "labels"} <= set(told.missing)


def test_a_contract_inside_that_is_no_json_is_none(exported_run: Path, tmp_path: Path) -> None:
    def spoil(model: Any) -> None:
        (entry,) = (entry for entry in model.metadata if entry.name == b"modelport_contract")
        model.buffers[entry.buffer].data = list(b"[" * 100_000)

    told = inspect_here(changed(exported_run / "model.float32.tflite", tmp_path / "m.tflite", spoil))
    assert told.contract is None


def test_a_file_in_the_place_of_another_is_told_apart(exported_run: Path, copy_of: Callable[[Path], Path]) -> None:
    run = copy_of(exported_run)
    (run / "model.float32.tflite").write_bytes((run / "model.float16.tflite").read_bytes())
    assert "not the file that artifacts.json beside it lists" in sentences(inspect_here(run / "model.float32.tflite"))


def test_a_contract_beside_an_unlisted_file_may_not_be_its_own(
    exported_run: Path, copy_of: Callable[[Path], Path]
) -> None:
    run = copy_of(exported_run)
    shutil.copyfile(run / "model.float16.tflite", run / "model.new.tflite")
    assert "" == sentences(inspect_here(run / "model.new.tflite")), "its contract is inside"
    changed(run / "model.float16.tflite", run / "model.new.tflite", lambda model: setattr(model, "metadata", []))
    assert "artifacts.json beside it does not list it" in sentences(inspect_here(run / "model.new.tflite"))


def test_a_file_compiled_for_the_edge_tpu_is_named(exported_run: Path, tmp_path: Path) -> None:
    def compile_for_tpu(model: Any) -> None:
        code = model.operatorCodes[0]
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode, code.version = b"edgetpu-custom-op", 1

    path = changed(exported_run / "model.full_int8.tflite", tmp_path / "m_edgetpu.tflite", compile_for_tpu)
    told = inspect_here(path)
    assert ("edgetpu-custom-op",) == told.custom_operators
    assert "compiled for the Coral Edge TPU: only that chip runs it" in sentences(told)
    assert "edgetpu-custom-op" in try_out({"path": str(path), "format": "tflite"})["refused"]


def test_a_release_that_apps_do_not_bundle_is_named(exported_run: Path, tmp_path: Path) -> None:
    """FULLY_CONNECTED version 12 needs 2.17 (DESIGN.md, fact 16)."""

    def newer(model: Any) -> None:
        (code,) = (c for c in model.operatorCodes if c.builtinCode == schema.BuiltinOperator.FULLY_CONNECTED)
        code.version = 12

    told = inspect_here(changed(exported_run / "model.float32.tflite", tmp_path / "m.tflite", newer))
    assert "2.17.0" == told.min_tflite
    assert "needs TensorFlow Lite 2.17.0 (FULLY_CONNECTED version 12): older runtimes refuse it" in sentences(told)
    assert "its metadata claims TensorFlow Lite 1.15.0, its operators need 2.17.0" in sentences(told)


def test_a_version_older_than_the_content_is_named(exported_run: Path, tmp_path: Path) -> None:
    """DESIGN.md, fact 16: such a file loads in an old runtime and answers at chance."""

    def understate(model: Any) -> None:
        for code in model.operatorCodes:
            code.version = 1

    told = inspect_here(changed(exported_run / "model.dynamic_int8.tflite", tmp_path / "m.tflite", understate))
    assert "an older runtime loads the file and answers wrong, without an error" in sentences(told)


def test_variables_without_values_are_named(exported_run: Path, tmp_path: Path) -> None:
    """DESIGN.md, fact 11: 0.2 MB that answer NaN."""

    def lose_weights(model: Any) -> None:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.READ_VARIABLE
        code.deprecatedBuiltinCode, code.version = 127, 1
        model.operatorCodes.append(code)
        model.subgraphs[0].operators[0].opcodeIndex = len(model.operatorCodes) - 1

    told = inspect_here(changed(exported_run / "model.float32.tflite", tmp_path / "m.tflite", lose_weights))
    assert "reads variables (READ_VARIABLE) whose values are not in the file" in sentences(told)


def test_logits_are_told_where_the_softmax_is_gone(exported_run: Path, tmp_path: Path) -> None:
    def cut_softmax(model: Any) -> None:
        graph = model.subgraphs[0]
        (last,) = (o for o in graph.operators if list(o.outputs) == list(graph.outputs))
        graph.operators.remove(last)
        graph.outputs, model.signatureDefs = last.inputs, []

    told = inspect_here(changed(exported_run / "model.float32.tflite", tmp_path / "m.tflite", cut_softmax))
    assert "raw scores (logits)" in sentences(told)
    assert "raw scores" not in sentences(inspect_here(exported_run / "model.float32.tflite"))


def zip_of(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def metadata_with_labels(name: str) -> bytes:
    """ModelMetadata -> SubGraphMetadata -> output TensorMetadata -> AssociatedFile, with the flatbuffers builder."""
    builder = flatbuffers.Builder(256)

    def table(slots: int, *fields: tuple[int, int]) -> int:
        builder.StartObject(slots)
        for slot, offset in fields:
            builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
        return int(builder.EndObject())

    def vector(item: int) -> int:
        builder.StartVector(4, 1, 4)
        builder.PrependUOffsetTRelative(item)
        return int(builder.EndVector())

    text = builder.CreateString(name)
    builder.StartObject(4)
    builder.PrependUOffsetTRelativeSlot(0, text, 0)
    builder.PrependInt8Slot(2, 2, 0)
    file = builder.EndObject()
    tensor = table(7, (6, vector(file)))
    graph = table(7, (3, vector(tensor)))
    builder.Finish(table(8, (3, vector(graph))), file_identifier=b"M001")
    return bytes(builder.Output())


def test_labels_are_read_from_the_file_that_the_metadata_names() -> None:
    told = read_tflite_metadata(b"model" + zip_of("l.txt", b"\xef\xbb\xbfyes\r\nno\r\n"), metadata_with_labels("l.txt"))
    assert (("yes", "no"), ("l.txt",), ()) == (told.labels, told.files, told.damage)


@pytest.mark.parametrize(
    ("model", "damage"),
    [
        pytest.param(b"model", "the metadata names l.txt, and no ZIP with it is inside", id="no-zip"),
        pytest.param(zip_of("other.txt", b"yes"), "There is no item named 'l.txt'", id="another-file"),
        pytest.param(zip_of("l.txt", b"a\n" * 50_000_000), "l.txt is longer than", id="zip-bomb"),
    ],
)
def test_labels_that_cannot_be_read_are_said_and_harm_nothing(model: bytes, damage: str) -> None:
    told = read_tflite_metadata(model, metadata_with_labels("l.txt"))
    assert ((), 1) == (told.labels, len(told.damage))
    assert damage in told.damage[0]


def test_every_cut_of_the_metadata_is_damage_and_no_crash() -> None:
    whole = metadata_with_labels("l.txt")
    for size in range(1, len(whole)):
        told = read_tflite_metadata(b"", whole[:size])
        assert told.damage or not told.labels


def test_every_huge_number_in_the_metadata_is_damage_and_no_crash() -> None:
    whole = metadata_with_labels("l.txt")
    kinds: Counter[bool] = Counter()
    for at in range(0, len(whole) - 4, 4):
        bent = whole[:at] + struct.pack("<I", 0xFFFFFFF0) + whole[at + 4 :]
        kinds[bool(read_tflite_metadata(b"", bent).damage)] += 1
    assert kinds[True] > len(whole) // 8

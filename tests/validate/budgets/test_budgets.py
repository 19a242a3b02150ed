"""Default budgets, from the table in DESIGN.md, and which of several budgets counts."""

import pytest
from modelport.contract.errors import UsageError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.contract.run.artifacts import Artifact
from modelport.validate.budgets.budgets import BudgetBook

_MILLION = 1_000_000


def _contract(parameters: int = 3_000_000) -> ModelContract:
    return ModelContract(
        pixels=PixelContract(),
        heads=(ClassificationHead(name="label", labels=("a", "b")),),
        parameters=parameters,
        provenance=Provenance(run_id="r", model_sha256="m"),
        min_tflite="2.12.0",
    )


def _artifact(format: str, recipe: str, path: str = "model.tflite") -> Artifact:
    return Artifact(path=path, format=format, recipe=recipe, size_bytes=1, sha256="", parent_sha256="m")


def _values(book: BudgetBook, artifact: Artifact) -> dict[str, object]:
    return {key: budget.value for key, budget in book.of_artifact(artifact, _contract()).items()}


@pytest.mark.parametrize(
    ("format", "recipe", "expected"),
    [
        ("onnx", "float32", {"max_probability_difference": 0.001, "max_bytes": 12_900_000}),
        ("frozen_graph", "float32", {"max_probability_difference": 0.001, "max_bytes": 12_900_000}),
        ("saved_model", "float32", {"max_probability_difference": 0.001, "max_bytes": 27_500_000}),
        (
            "tflite",
            "float16",
            {
                "max_probability_difference": 0.05,
                "min_agreement": 0.99,
                "max_bytes": 6_900_000,
                "min_tflite": "2.12.0",
            },
        ),
        (
            "tflite",
            "full_int8",
            {"max_drop_points": 1.0, "min_agreement": 0.95, "max_bytes": 4_050_000, "min_tflite": "2.12.0"},
        ),
        (
            "tflite",
            "dynamic_int8",
            {"max_drop_points": 1.0, "min_agreement": 0.95, "max_bytes": 4_050_000, "min_tflite": "2.12.0"},
        ),
    ],
)
def test_defaults_are_those_of_the_table_for_3_million_parameters(
    format: str, recipe: str, expected: dict[str, object]
) -> None:
    """4.2 P + 0.3 MB = 12.9 MB; 8.5 P + 2 MB = 27.5; 2.2 P + 0.3 = 6.9; 1.25 P + 0.3 = 4.05."""
    assert expected == _values(BudgetBook(), _artifact(format, recipe))


def test_the_most_specific_budget_wins() -> None:
    sections: dict[str, dict[str, float | int | str]] = {
        "": {"min_top1": 0.1, "min_top3": 0.1, "min_agreement": 0.1, "max_drop_points": 0.1},
        "tflite": {"min_top3": 0.2, "min_agreement": 0.2, "max_drop_points": 0.2},
        "full_int8": {"min_agreement": 0.3, "max_drop_points": 0.3},
        "model.tflite": {"max_drop_points": 0.4},
    }
    book = BudgetBook(file="modelport.toml", sections=sections)
    found = book.of_artifact(_artifact("tflite", "full_int8"), _contract())
    assert {key: found[key].value for key in sections[""]} == {
        "min_top1": 0.1,
        "min_top3": 0.2,
        "min_agreement": 0.3,
        "max_drop_points": 0.4,
    }
    assert [found[key].source for key in (*sections[""], "max_bytes", "min_tflite")] == [
        "modelport.toml [budgets]",
        "modelport.toml [budgets.tflite]",
        "modelport.toml [budgets.full_int8]",
        'modelport.toml [budgets."model.tflite"]',
        "default",
        "contract.json",
    ]


def test_an_option_beats_every_section() -> None:
    book = BudgetBook(file="f", sections={"model.tflite": {"max_bytes": 1}}, options={"max_bytes": 2})
    found = book.of_artifact(_artifact("tflite", "full_int8"), _contract())["max_bytes"]
    assert (found.value, found.source) == (2, "--budget")


def test_a_file_may_loosen_a_default() -> None:
    book = BudgetBook(file="f", sections={"": {"max_drop_points": 5.0}})
    assert _values(book, _artifact("tflite", "full_int8"))["max_drop_points"] == 5.0


def test_sections_of_others_do_not_apply() -> None:
    book = BudgetBook(file="f", sections={"onnx": {"min_top1": 0.9}, "other.tflite": {"min_top1": 0.9}})
    assert "min_top1" not in _values(book, _artifact("tflite", "full_int8"))


def test_the_oldest_tflite_concerns_tflite_files_only() -> None:
    book = BudgetBook(file="f", sections={"": {"min_tflite": "2.14.0"}}, options={})
    assert _values(book, _artifact("tflite", "float32"))["min_tflite"] == "2.14.0"
    assert "min_tflite" not in _values(book, _artifact("onnx", "float32"))


@pytest.mark.parametrize(
    ("key", "format", "recipe", "is_about_it"),
    [
        ("max_delegate_partitions", "tflite", "float32", True),
        ("max_delegate_partitions", "onnx", "float32", False),
        ("max_float_operators", "tflite", "full_int8", True),
        ("max_float_operators", "tflite", "qat_int8", True),
        ("max_float_operators", "tflite", "dynamic_int8", False),
        ("max_float_operators", "onnx", "full_int8", False),
    ],
)
def test_keys_of_one_format_and_recipe_concern_no_other_if_set_for_all(
    key: str, format: str, recipe: str, is_about_it: bool
) -> None:
    for book in (BudgetBook(file="f", sections={"": {key: 2}}), BudgetBook(options={key: 2})):
        assert (key in _values(book, _artifact(format, recipe))) is is_about_it


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("onnx", "max_delegate_partitions"),
        ("onnx", "min_tflite"),
        ("frozen_graph", "max_float_operators"),
        ("float16", "max_float_operators"),
        ("float32", "max_latency_ratio"),
        ("model.onnx", "min_tflite"),
    ],
)
def test_a_key_that_its_section_can_hold_against_nothing_is_refused(section: str, key: str) -> None:
    book = BudgetBook(file="f", sections={section: {key: "2.12.0" if key == "min_tflite" else 1}})
    with pytest.raises(UsageError, match=rf"{key} cannot be held against[\s\S]*{section}.* {key}"):
        book.check(_contract(), [_artifact("onnx", "float32", "model.onnx"), _artifact("tflite", "full_int8")])


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("float16", "max_delegate_partitions"),
        ("tflite", "max_float_operators"),
        ("full_int8", "max_float_operators"),
        ("onnx", "max_latency_ratio"),
        ("", "min_tflite"),
        ("absent.onnx", "max_delegate_partitions"),
    ],
)
def test_a_key_that_its_section_may_hold_against_something_is_not_refused(section: str, key: str) -> None:
    book = BudgetBook(file="f", sections={section: {key: "2.12.0" if key == "min_tflite" else 1}})
    book.check(_contract(), [_artifact("onnx", "float32", "model.onnx")])


def test_a_ratio_to_float32_is_not_held_against_float32_itself() -> None:
    for book in (
        BudgetBook(file="f", sections={"tflite": {"max_latency_ratio": 0.8}}),
        BudgetBook(options={"max_latency_ratio": 0.8}),
    ):
        assert "max_latency_ratio" not in _values(book, _artifact("tflite", "float32"))
        assert _values(book, _artifact("tflite", "float16"))["max_latency_ratio"] == 0.8


def test_the_source_of_a_heads_budget_names_the_head() -> None:
    sections: dict[str, dict[str, float | int | str]] = {
        "": {"heads.label.min_top1": 0.1},
        "onnx": {"heads.label.min_top3": 0.2},
        "model.onnx": {"heads.label.min_class_recall": 0.3},
    }
    found = BudgetBook(file="f", sections=sections).of_artifact(_artifact("onnx", "float8", "model.onnx"), _contract())
    assert {key.rpartition(".")[2]: budget.source for key, budget in found.items()} == {
        "min_top1": "f [budgets.heads.label]",
        "min_top3": "f [budgets.onnx.heads.label]",
        "min_class_recall": 'f [budgets."model.onnx".heads.label]',
    }


def test_an_unknown_recipe_has_no_default() -> None:
    assert _values(BudgetBook(), _artifact("onnx", "float8")) == {}

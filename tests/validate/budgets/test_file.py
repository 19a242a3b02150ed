"""[budgets] of modelport.toml."""

from pathlib import Path

import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.validate.budgets.file import read_budgets


def _write(path: Path, text: str) -> Path:
    file = path / "modelport.toml"
    file.write_text(text)
    return file


def test_every_kind_of_section_is_read(tmp_path: Path) -> None:
    file = _write(
        tmp_path,
        """
        [train]
        epochs = 3
        [budgets]
        max_bytes = "4 MB"
        [budgets.full_int8]
        max_drop_points = 0.5
        [budgets.tflite]
        min_tflite = "2.14.0"
        [budgets."./model.onnx"]
        min_top1 = 1
        """,
    )
    expected = {
        "": {"max_bytes": 4_000_000},
        "full_int8": {"max_drop_points": 0.5},
        "tflite": {"min_tflite": "2.14.0"},
        "model.onnx": {"min_top1": 1.0},
    }
    book = read_budgets(file)
    assert expected == book.sections
    assert (book.named_paths, book.named_kinds) == (("model.onnx",), ("full_int8", "tflite"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[budgets]\nmin_topl = 0.9", "did you mean .*'min_top1'"),
        ("[budgets.full_int8]\nmax_drop = 1", "did you mean 'max_drop_points'"),
        ("[budgets.full_int]\nmax_bytes = 1", "unknown section 'full_int', did you mean 'full_int8'"),
        ("[budgets.model.onnx]\nmax_bytes = 1", r'\[budgets."model.onnx"\]'),
        ("[budgets]\nmin_top1 = 90", r"\[budgets\] min_top1"),
        ("[budget]\nmin_top1 = 0.9", r"did you mean \[budgets\]"),
        pytest.param("[budgets]\nmin_top1 = 0.5\n[budget.onnx]\nmin_top1 = 0.99", r"\[budget\]", id="near-miss-beside"),
        pytest.param("[Budgets]\nmin_top1 = 0.5", r"did you mean \[budgets\]", id="large-letter"),
        pytest.param("[budgets]\n[basline]", r"did you mean \[baseline\]", id="near-miss-of-the-baseline"),
        pytest.param("min_top1 = 0.99\n[budgets]\n", r"outside of \[budgets\][\s\S]*min_top1", id="above-the-table"),
        pytest.param("min_topl = 0.99\n[budgets]\n", r"outside of \[budgets\]", id="misspelt-above-the-table"),
        pytest.param(
            '[budgets."model.onnx"]\n[budgets."./model.onnx"]', r'"model.onnx".*"./model.onnx"', id="one-file-twice"
        ),
        pytest.param("[budgets.onnx]\nmin_top1 = 90", r"\[budgets.onnx\] min_top1", id="in-a-section"),
        ("budgets = 3", "not a table"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_budgets(_write(tmp_path, text))


def test_a_budget_that_is_given_twice_is_refused_with_both_values() -> None:
    with pytest.raises(UsageError, match=r"given twice[\s\S]*1 and 1000000"):
        read_budgets(options=("max_bytes=1", "max_bytes=1MB"))


def test_broken_toml_names_the_file_and_the_line(tmp_path: Path) -> None:
    file = _write(tmp_path, "[budgets]\nmax_bytes = \n")
    with pytest.raises(InputError, match=r"modelport\.toml[\s\S]*line 2"):
        read_budgets(file)


def test_tables_of_other_stages_are_left_to_them(tmp_path: Path) -> None:
    names = ("data", "train", "convert", "quantize", "deliver.flutter", "ship", "adopt", "pack", "validate")
    text = "seed = 3\n" + "".join(f"[{name}]\nname = 1\n" for name in names)
    assert read_budgets(_write(tmp_path, f"{text}[budgets]\nmin_top1 = 0.5\n")).sections == {"": {"min_top1": 0.5}}


def test_toml_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not TOML that can be read"):
        read_budgets(_write(tmp_path, "[budgets]\na = " + 3000 * "[" + 3000 * "]"))
    with pytest.raises(UsageError, match="budget has no such value"):
        read_budgets(_write(tmp_path, "[budgets.onnx]\nmin_top1" + 3000 * ".a" + " = 1"))


def test_a_named_file_must_exist_and_hold_budgets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_budgets(tmp_path / "absent.toml")
    with pytest.raises(InputError, match="no budgets"):
        read_budgets(_write(tmp_path, "[train]\n"))


def test_the_file_of_the_working_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (read_budgets().file, read_budgets().sections) == (None, {})
    _write(tmp_path, "[train]\n")
    assert read_budgets().file is None
    _write(tmp_path, "[budgets]\nmin_top1 = 0.9\n")
    book = read_budgets(options=("min_top1=0.8",))
    assert (book.file, book.sections, book.options) == ("modelport.toml", {"": {"min_top1": 0.9}}, {"min_top1": 0.8})

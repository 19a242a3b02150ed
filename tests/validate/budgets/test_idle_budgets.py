"""Budgets that were held against nothing: each is said, and refused or failed where it must be."""

from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import UsageError
from modelport.validate.budgets.budgets import BudgetBook
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from modelport.validate.report.report import Report


def _judge(run: Any, made: Any, options: JudgeOptions) -> Report:
    return judge_run(run.root, options, opener=made.opener_of({}))


def _book(sections: dict[str, dict[str, float | int | str]]) -> BudgetBook:
    return BudgetBook(file="f", sections=sections)


def test_a_section_of_a_file_that_only_leaves_out_is_said(make_run: Any, made: Any) -> None:
    run = make_run()
    run.export()
    run.export("half.onnx", "float16")
    book = BudgetBook(file="f", sections={"nothere.tflite": {"min_top1": 0.9}, "float16": {}, "float32": {}})
    report = _judge(run, made, JudgeOptions(budgets=book, only=("model.onnx",)))
    assert 'Left out by --only: f [budgets."nothere.tflite"], f [budgets.float16].' in report.notes
    assert report.exit_code == 0


def test_what_has_an_outcome_of_its_own_is_not_said_twice(make_run: Any, made: Any) -> None:
    run = make_run()
    run.export()
    report = _judge(run, made, JudgeOptions(budgets=_book({"full_int8": {}})))
    assert [outcome.verdict for outcome in report.outcomes] == [Verdict.PASS, Verdict.NOT_JUDGED]
    assert "full_int8" not in " ".join(report.notes)


@pytest.mark.parametrize(
    ("book", "source"),
    [
        pytest.param(BudgetBook(options={"max_delegate_partitions": 1}), "--budget", id="option"),
        pytest.param(_book({"": {"max_delegate_partitions": 1}}), "f [budgets]", id="for-all"),
        pytest.param(_book({"float32": {"max_delegate_partitions": 1}}), "f [budgets.float32]", id="recipe"),
    ],
)
def test_a_key_that_was_held_against_nothing_is_said(make_run: Any, made: Any, book: BudgetBook, source: str) -> None:
    run = make_run()
    run.export()
    report = _judge(run, made, JudgeOptions(budgets=book))
    assert f"max_delegate_partitions ({source}) was held against nothing: it is about TFLite files." in report.notes


def test_a_key_that_was_held_against_one_of_two_is_not_said(make_run: Any, made: Any) -> None:
    run = make_run()
    run.export()
    run.export("half.onnx", "float16")
    report = _judge(run, made, JudgeOptions(budgets=BudgetBook(options={"max_latency_ratio": 9.0})))
    assert "held against nothing" not in " ".join(report.notes)


@pytest.mark.parametrize("section", ["float16", "half.onnx"])
def test_a_key_that_cannot_be_about_what_its_section_names_is_refused(make_run: Any, made: Any, section: str) -> None:
    """Even if --only leaves it out."""
    run = make_run()
    run.export()
    run.export("half.onnx", "float16")
    with pytest.raises(UsageError, match="max_float_operators cannot be held against"):
        _judge(run, made, JudgeOptions(budgets=_book({section: {"max_float_operators": 0}}), only=("model.onnx",)))


def test_a_head_that_the_model_lacks_is_refused_in_a_section_that_nothing_falls_under(make_run: Any, made: Any) -> None:
    run = make_run()
    run.export()
    with pytest.raises(UsageError, match="unknown head 'age'"):
        _judge(run, made, JudgeOptions(budgets=_book({"tflite": {"heads.age.max_mae": 4}}), only=("onnx",)))


@pytest.mark.parametrize(("strict", "exit_code"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("section", ["full_int8", "model.full_int8.tflite"])
def test_a_gate_whose_section_no_given_file_falls_under_is_not_passed_with_strict(
    make_run: Any, made: Any, section: str, strict: bool, exit_code: int
) -> None:
    run = make_run()
    given: Path = run.export()
    book = BudgetBook(file="f", sections={"": {"min_top1": 0.7}, section: {"max_bytes": 1}})
    report = _judge(run, made, JudgeOptions(budgets=book, artifacts=(given,), strict=strict))
    assert report.exit_code == exit_code
    said = [finding.sentence for outcome in report.outcomes[1:] for finding in outcome.findings]
    noted = [note for note in report.notes if note.startswith("Not applied, as no given file falls under it")]
    assert (len(said), len(noted)) == ((1, 0) if strict else (0, 1))
    assert f"{book.source_of(section)} names what was not given" in said or not strict

"""An artifact that answers in another order of labels, as an old client's labels file has it, is judged as such."""

from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from modelport.validate.scores.head_scores import ClassificationScores


def permuted(make_run: Any, labels: tuple[str, ...] | None) -> Any:
    """The closed form of red, green, blue as a file that answers blue, red, green; the lock says `labels`."""
    run = make_run()
    run.export(order=(2, 0, 1))
    run.artifacts.clear()
    run.record("model.onnx", format="onnx", labels=labels)
    return run


def test_answers_are_counted_in_the_runs_order(make_run: Any) -> None:
    (outcome,) = judge_run(permuted(make_run, ("blue", "red", "green")).root, JudgeOptions()).outcomes
    assert Verdict.PASS == outcome.verdict, outcome.findings
    (scores,) = outcome.doors["pixels"]
    assert 15 == scores.n
    assert isinstance(scores, ClassificationScores)
    assert scores.parity is not None
    assert {"red", "green", "blue"} == {drop.label for drop in scores.parity.class_drops}
    assert scores.parity.max_probability_difference < 1e-5


@pytest.mark.parametrize("labels", [None, ("red", "green", "blue"), ("green", "blue", "red")])
def test_another_order_than_it_answers_in_fails(make_run: Any, labels: tuple[str, ...] | None) -> None:
    (outcome,) = judge_run(permuted(make_run, labels).root, JudgeOptions()).outcomes
    assert Verdict.FAIL == outcome.verdict


def test_a_file_that_the_lock_knows_keeps_its_order_wherever_it_lies(make_run: Any, tmp_path: Any) -> None:
    run = permuted(make_run, ("blue", "red", "green"))
    moved = tmp_path / "elsewhere.onnx"
    moved.write_bytes((run.root / "model.onnx").read_bytes())
    (outcome,) = judge_run(run.root, JudgeOptions(artifacts=(moved,))).outcomes
    assert Verdict.PASS == outcome.verdict


def test_labels_that_are_not_the_runs_are_refused(make_run: Any) -> None:
    with pytest.raises(InputError, match="other labels than its run has"):
        judge_run(permuted(make_run, ("blue", "red", "grey")).root, JudgeOptions())

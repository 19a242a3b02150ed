"""What `validate` says of an int8 file that computes partly in float."""

from typing import Any

from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import judge_run


def test_float_islands_are_a_note_and_no_fault(make_run: Any, made: Any) -> None:
    run = make_run()
    run.export("model.full_int8.onnx", "full_int8")
    run.export("model.onnx")
    session = made.stand_in(float_operators={"FLOOR": 1, "TANH": 2})
    report = judge_run(run.root, opener=made.opener_of({"model.full_int8.onnx": session}))
    without = judge_run(run.root, opener=made.opener_of({}))
    (note,) = (note for note in report.notes if "islands" in note)
    assert note.startswith("model.full_int8.onnx computes in int8 but for 3 operators in float (FLOOR 1, TANH 2)")
    assert [one.verdict for one in without.outcomes] == [one.verdict for one in report.outcomes]
    assert Verdict.FAIL not in {one.verdict for one in report.outcomes}
    assert not any("islands" in note for note in without.notes)

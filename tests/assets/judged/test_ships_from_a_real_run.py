"""What is chosen of a run that was trained, exported and judged here, and what other commands say of model.tflite."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from modelport.assets.judged.choose_model import choose_tflite, record_choice
from modelport.assets.judged.judged_run import read_judgement
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.model_contract.model_contract import read_contract
from modelport.contract.run.run_folder import RunFolder
from modelport.runtimes.inspect.inspect_file import inspect_here
from modelport.runtimes.inspect.inspect_run import inspect_run
from modelport.runtimes.predict import predict_images
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run


@pytest.fixture
def run(judged_run: Path, copy_of: Callable[[Path], Path]) -> RunFolder:
    return RunFolder(copy_of(judged_run))


def test_the_smallest_that_passed_ships_and_all_commands_know_it(run: RunFolder) -> None:
    """On 12 images no int8 drop is settled (+-24 points): the half-float file is the smallest that passed."""
    choice = choose_tflite(run)
    assert ("model.float16.tflite", Verdict.PASS) == (choice.artifact.path, choice.verdict)
    model = record_choice(run, choice)
    assert (run.root / "model.float16.tflite").read_bytes() == model.read_bytes()
    assert 0 == inspect_run(run.root).exit_code
    assert not inspect_here(model).problems
    dataset = open_dataset(Path(read_contract(run.contract).provenance.dataset or ""))
    images = [image.path for image in dataset.splits["test"][:2]]
    answers = [predict_images(run.root / name, images) for name in ("model.tflite", "model.float16.tflite")]
    for one, other in zip(*answers, strict=True):
        np.testing.assert_array_equal(one.outputs[0][1], other.outputs[0][1])


def test_a_judge_does_not_judge_it_twice_nor_call_it_unlisted(run: RunFolder, tmp_path: Path) -> None:
    record_choice(run, choose_tflite(run))
    report = judge_run(run.root, JudgeOptions(only=("tflite",), report=tmp_path / "report"))
    assert 4 == len(report.outcomes)
    assert "model.tflite" not in {outcome.artifact.path for outcome in report.outcomes}
    assert not [note for note in report.notes if "model.tflite" in note]


def test_every_verdict_of_the_report_is_read(run: RunFolder) -> None:
    """model.h5 of so small a network is over its budget of bytes: a failure that is real."""
    judgement = read_judgement(run)
    found = {artifact.path: judgement.verdict_of(artifact) for artifact in run.read_lock().artifacts}
    assert Verdict.FAIL is found["model.h5"].verdict
    assert "budget at most" in found["model.h5"].sentences[0]
    for name in ("saved_model", "trained_model_graph.pb", "model.onnx", "model.float32.tflite"):
        assert found[name].passed
        assert (found[name].n, found[name].is_within) == (12, True)
    for name in ("model.dynamic_int8.tflite", "model.full_int8.tflite"):
        assert (Verdict.UNDECIDED, True) == (found[name].verdict, found[name].is_within)

"""A run, judged: real ONNX files in their own process, and stand-ins for what real files rarely do."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError, MissingExtraError, RuntimeFailure, UsageError
from modelport.contract.labels.heads import RegressionHead
from modelport.contract.model_contract.model_contract import write_contract
from modelport.contract.run.reference import read_reference
from modelport.runtimes.facts.description import TensorInfo
from modelport.validate.budgets.budgets import BudgetBook
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from modelport.validate.report.report import Report
from modelport.validate.scores.head_scores import ClassificationScores
from PIL import Image

PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED


def _verdicts(report: Report) -> dict[str, Verdict]:
    return {outcome.artifact.path: outcome.verdict for outcome in report.outcomes}


def _failures(report: Report, index: int = 0) -> dict[str, str]:
    return {f.key: f.sentence for f in report.outcomes[index].findings if f.verdict is FAIL}


def _scores(report: Report, door: str = "pixels", index: int = 0) -> ClassificationScores:
    (scores,) = report.outcomes[index].doors[door]
    assert isinstance(scores, ClassificationScores)
    return scores


class TestRealFiles:
    def test_a_faithful_file_passes_and_its_numbers_are_those_of_the_closed_form(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        report = judge_run(run.root)
        scores = _scores(report)
        assert _verdicts(report) == {"model.onnx": PASS}
        assert scores.accuracy is not None
        assert scores.parity is not None
        assert (scores.n, scores.accuracy.top1_fraction, scores.parity.agreement_fraction) == (15, 1.0, 1.0)
        assert scores.parity.max_probability_difference < 1e-6
        assert "onnxruntime" in report.to_json()["artifacts"][0]["description"]["runtime"]

    def test_shuffled_labels_fail(self, make_run: Any) -> None:
        run = make_run()
        run.export("model.full_int8.onnx", "full_int8", order=(1, 2, 0))
        report = judge_run(run.root)
        assert {"max_drop_points", "min_agreement", "diagnosis"} == set(_failures(report))
        assert "top-1 drop +100.0 points" in _failures(report)["max_drop_points"]

    def test_another_slope_fails_as_float32_and_says_where(self, make_run: Any) -> None:
        run = make_run()
        run.export(slope=9.0)
        assert "largest probability difference" in _failures(judge_run(run.root))["max_probability_difference"]

    def test_a_float16_file_fails_for_what_it_takes_and_gives(self, make_run: Any) -> None:
        run = make_run()
        run.export(dtype=10)
        failures = _failures(judge_run(run.root))
        assert "float16, expected float32" in failures["inputs"]
        assert "float16, expected float32" in failures["outputs"]
        assert "float16 tensors in a float32 file" in failures["dtypes"]

    def test_a_file_that_was_edited_after_the_export_fails(self, make_run: Any) -> None:
        run = make_run()
        path = run.export()
        path.write_bytes(path.read_bytes() + b"\x00\x00")
        assert "changed after the export" in _failures(judge_run(run.root))["sha256"]

    def test_a_truncated_file_fails_with_its_runtimes_reason_and_the_others_are_judged(self, make_run: Any) -> None:
        run = make_run()
        path = run.export("broken.onnx", recipe="float16")
        run.export()
        path.write_bytes(path.read_bytes()[:-40])
        report = judge_run(run.root)
        assert _verdicts(report) == {"broken.onnx": FAIL, "model.onnx": PASS}
        assert {"sha256", "runtime"} == set(_failures(report))

    def test_a_missing_file_fails_and_the_others_are_judged(self, make_run: Any) -> None:
        run = make_run()
        run.export("gone.onnx", recipe="float16").unlink()
        run.export()
        report = judge_run(run.root)
        assert _verdicts(report) == {"gone.onnx": FAIL, "model.onnx": PASS}
        assert _failures(report) == {"file": "the file is missing"}

    def test_a_file_made_from_another_model_fails(self, make_run: Any) -> None:
        run = make_run()
        path = run.export()
        run.artifacts.clear()
        run.record(path.name, parent_sha256="0" * 64)
        assert "made from another model" in _failures(judge_run(run.root))["parent"]

    def test_a_file_above_its_budget_fails(self, make_run: Any) -> None:
        run = make_run()
        size_bytes = run.export().stat().st_size
        for allowed, verdict in ((size_bytes, PASS), (size_bytes - 1, FAIL)):
            options = JudgeOptions(budgets=BudgetBook(options={"max_bytes": allowed}))
            assert {"model.onnx": verdict} == _verdicts(judge_run(run.root, options))

    def test_a_tflite_file_is_judged_with_its_oldest_runtime(self, make_run: Any) -> None:
        pytest.importorskip("tensorflow", reason="tensorflow, which makes the file, is not installed")
        run = make_run()
        script = (
            "import sys, tensorflow as tf\n"
            "f = tf.function(lambda x: {'label': tf.nn.softmax(8.0 * tf.reduce_mean(x, [1, 2]))})\n"
            "c = f.get_concrete_function(tf.TensorSpec([1, 8, 8, 3]))\n"
            "open(sys.argv[1], 'wb').write(tf.lite.TFLiteConverter.from_concrete_functions([c]).convert())\n"
        )
        subprocess.run(
            [sys.executable, "-c", script, run.root / "model.tflite"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        run.record("model.tflite", format="tflite")
        report = judge_run(run.root)
        assert _verdicts(report) == {"model.tflite": PASS}
        assert {"min_tflite", "max_bytes", "max_probability_difference"} <= {f.key for f in report.outcomes[0].findings}
        strict = JudgeOptions(budgets=BudgetBook(options={"min_tflite": "1.0"}))
        assert "needs TensorFlow Lite" in _failures(judge_run(run.root, strict))["min_tflite"]


class TestRuntimes:
    def _judge(self, run: Any, made: Any, **sessions: Any) -> Report:
        for name in sessions:
            (run.root / name).write_bytes(name.encode())
            run.record(name)
        return judge_run(run.root, opener=made.opener_of(sessions))

    @pytest.mark.parametrize(
        ("error", "verdict"),
        [
            pytest.param(RuntimeFailure("crashed with SIGSEGV"), FAIL, id="crash"),
            pytest.param(RuntimeFailure("took longer than 1 s"), FAIL, id="timeout"),
            pytest.param(
                MissingExtraError("tensorflow", needed_for="running a saved_model"), NOT_JUDGED, id="no-runtime"
            ),
        ],
    )
    def test_what_does_not_open_is_a_verdict_with_its_reason(
        self, make_run: Any, made: Any, error: Exception, verdict: Verdict
    ) -> None:
        report = self._judge(make_run(), made, bad=error, good=made.stand_in())
        assert {"bad": verdict, "good": PASS} == _verdicts(report)
        assert str(error).splitlines()[0] in report.outcomes[0].findings[-1].sentence
        assert report.exit_code == 1

    def test_what_a_runtime_prints_goes_below_the_report(self, make_run: Any, made: Any) -> None:
        seen: dict[str, Any] = {}

        def spy(path: Path, format: str, contract: Any, **how: Any) -> Any:
            seen.update(how)
            return made.opener_of({})(path, format, contract)

        run = make_run()
        run.export()
        judge_run(run.root, opener=spy)
        assert seen == {"log": run.root / "validation" / "logs" / "model.onnx.log"}

    def test_a_crash_in_the_middle_is_a_verdict_too(self, make_run: Any, made: Any) -> None:
        report = self._judge(make_run(), made, bad=made.stand_in(error=RuntimeFailure("hung")), good=made.stand_in())
        assert _verdicts(report) == {"bad": FAIL, "good": PASS}

    def test_nan_fails_with_the_first_image_named(self, make_run: Any, made: Any) -> None:
        def poison(pixels: Any) -> Any:
            answer = made.closed_form(pixels)
            answer[1] = np.nan
            return answer

        report = self._judge(make_run(), made, bad=made.stand_in(answer=poison))
        assert "NaN or infinity for 1 of 15 images, first test/blue/001.png" in _failures(report)["finite"]
        assert '"max_probability_difference": null' in json.dumps(report.to_json(), allow_nan=False)

    def test_answers_of_another_shape_fail(self, make_run: Any, made: Any) -> None:
        narrow = made.stand_in(answer=lambda pixels: made.closed_form(pixels)[:, :2])
        assert "does not match the heads" in _failures(self._judge(make_run(), made, bad=narrow))["runtime"]

    def test_the_worst_door_decides_and_both_are_reported(self, make_run: Any, made: Any) -> None:
        wrong_pixels = made.stand_in(
            answer=lambda pixels: made.closed_form(pixels)[:, ::-1], doors=("encoded", "pixels")
        )
        report = self._judge(make_run(), made, two=wrong_pixels)
        assert FAIL is report.outcomes[0].verdict
        assert report.outcomes[0].worst_door == "pixels"
        assert list(report.outcomes[0].doors) == ["encoded", "pixels"]
        assert {"pixels"} == {f.door for f in report.outcomes[0].findings if f.verdict is FAIL}

    def test_files_that_graphs_cannot_decode_are_not_sent_and_told(
        self, make_run: Any, made: Any, tmp_path: Path
    ) -> None:
        run = make_run()
        Image.open(run.dataset / "test/red/000.png").save(run.dataset / "test/red/bitmap.bmp")
        report = self._judge(run, made, two=made.stand_in(doors=("pixels", "encoded")))
        assert (_scores(report).n, _scores(report, "encoded").n) == (16, 15)
        assert any("1 of 16 images are neither JPEG nor PNG" in f.sentence for f in report.outcomes[0].findings)

    def test_wrong_structure_and_wrong_values_are_both_reported(self, make_run: Any, made: Any) -> None:
        outputs = (TensorInfo(name="label", dtype="float16", shape=(None, 3)),)
        bad = made.stand_in(answer=lambda pixels: made.closed_form(pixels)[:, ::-1], outputs=outputs)
        found = set(_failures(self._judge(make_run(), made, bad=bad)))
        assert {"outputs", "max_probability_difference", "diagnosis"} == found


class TestReference:
    def test_a_changed_decoder_is_named_and_not_blamed_on_the_model(self, make_run: Any, made: Any) -> None:
        run = make_run()
        run.export()
        paths = sorted((run.dataset / "test").rglob("*.png"))
        predictions = {"label": np.full((15, 3), 1 / 3, dtype=np.float32)}
        made.write_reference_of(run, paths, pixels_sha256=("0" * 64,) * 15, predictions=predictions)
        report = judge_run(run.root)
        assert any("The decoder changed: 15 images" in note and "test/blue/000.png" in note for note in report.notes)
        assert _verdicts(report) == {"model.onnx": NOT_JUDGED}
        made.write_reference_of(run, paths[:1])
        assert not any("decoder" in note for note in judge_run(run.root).notes)

    def test_images_without_a_reference_count_for_accuracy_only(self, make_run: Any, made: Any) -> None:
        run = make_run()
        run.export()
        made.write_reference_of(run, sorted((run.dataset / "test").rglob("*.png"))[:11])
        report = judge_run(run.root)
        scores = _scores(report)
        assert scores.accuracy is not None
        assert scores.parity is not None
        assert (scores.accuracy.n, scores.parity.n) == (15, 11)
        assert "Parity not judged: 4 of 15 images are not in the reference." in report.notes
        assert _verdicts(report) == {"model.onnx": PASS}

    @pytest.mark.parametrize("how", ["no file", "other images"])
    def test_without_any_reference_parity_is_not_judged_and_the_command_fails(
        self, make_run: Any, made: Any, tmp_path: Path, how: str
    ) -> None:
        run = make_run()
        run.export()
        options = JudgeOptions()
        if how == "no file":
            (run.root / "reference.npz").unlink()
        else:
            made.write_images(tmp_path / "other", per_class=2, seed=9)
            options = JudgeOptions(data=tmp_path / "other")
        report = judge_run(run.root, options)
        n = report.n
        assert (_verdicts(report), report.exit_code) == ({"model.onnx": NOT_JUDGED}, 1)
        assert any(note.startswith("Parity not judged") and f"{n} of {n}" in note for note in report.notes)
        assert _scores(report).accuracy is not None

    def test_a_reference_of_another_run_is_refused(self, make_run: Any, made: Any) -> None:
        run = make_run()
        run.export()
        made.write_reference_of(run, sorted((run.dataset / "test").rglob("*.png")), run_id="other")
        with pytest.raises(InputError, match="mixes two runs"):
            judge_run(run.root)

    def test_a_reference_that_holds_nan_is_refused(self, make_run: Any, made: Any) -> None:
        run = make_run()
        run.export()
        predictions = {"label": np.full((15, 3), np.nan, dtype=np.float32)}
        made.write_reference_of(run, sorted((run.dataset / "test").rglob("*.png")), predictions=predictions)
        with pytest.raises(InputError, match="NaN or infinity for 15 of 15"):
            judge_run(run.root)

    def test_folders_whose_labels_contradict_the_reference_are_refused(self, make_run: Any) -> None:
        """Two class folders that changed their names: every count and size is right, and so were the exit code."""
        run = make_run()
        run.export()
        test = run.dataset / "test"
        for old, new in (("red", "aside"), ("blue", "red"), ("aside", "blue")):
            (test / old).rename(test / new)
        with pytest.raises(InputError, match="labels of 10 images contradict the reference") as caught:
            judge_run(run.root)
        assert caught.value.where == run.dataset
        assert str(caught.value.expected).startswith("'red' for test/blue/000.png")
        assert caught.value.received == "'blue'"

    def test_a_reference_whose_truths_are_no_labels_is_refused(self, make_run: Any, made: Any) -> None:
        run = make_run()
        run.export()
        made.write_reference_of(run, sorted((run.dataset / "test").rglob("*.png")), truths={"label": np.full(15, 3)})
        with pytest.raises(InputError, match="does not match the labels"):
            judge_run(run.root)

    def test_one_image_under_two_labels_in_the_reference_contradicts_neither(self, make_run: Any, made: Any) -> None:
        run = make_run()
        run.export()
        shutil.copyfile(run.dataset / "test/red/000.png", run.dataset / "test/blue/000.png")
        made.write_reference_of(run, sorted((run.dataset / "test").rglob("*.png")))
        note = "1 images are duplicates; intervals are narrower than they should be."
        assert note in judge_run(run.root).notes

    def test_a_test_split_that_lost_images_is_told_and_fails_under_strict(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        run.export()
        shutil.copytree(run.dataset, tmp_path / "copy")
        book = BudgetBook(options={"min_top1": 0.5})
        whole = judge_run(run.root, JudgeOptions(strict=True, budgets=book))
        assert (whole.notes, whole.exit_code) == ((), 0)
        for root in (run.dataset, tmp_path / "copy"):
            (root / "test/red/000.png").unlink()
        for data, strict, exit_code in (
            (None, False, 0),
            (None, True, 1),
            (tmp_path / "copy", True, 0),
        ):
            report = judge_run(run.root, JudgeOptions(data=data, strict=strict, budgets=book))
            assert exit_code == report.exit_code
            assert report.notes == ("1 of the reference's 15 images are not in the data.",)

    def test_labels_without_an_image_are_told(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        run.export()
        (run.dataset / "test" / "blue").rename(tmp_path / "blue")
        assert "No images of: blue." in judge_run(run.root, JudgeOptions(data=run.dataset / "test")).notes


class TestNotes:
    def test_images_that_were_trained_on_are_told(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        for count, notes in (
            (2, ("2 test images are in train or val too: the accuracies are too high.",)),
            (0, ()),
        ):
            evaluation = {"run_id": run.contract.provenance.run_id, "test_images_also_in_train_or_val": count}
            (run.root / "evaluation_report.json").write_text(json.dumps(evaluation))
            assert notes == judge_run(run.root).notes

    def test_the_same_bytes_twice_are_told(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        for name in ("copy", "again"):
            shutil.copyfile(run.dataset / "test/red/000.png", run.dataset / f"test/red/{name}.png")
        assert judge_run(run.root).notes == ("2 images are duplicates; intervals are narrower than they should be.",)

    def test_an_artifact_that_the_lock_does_not_list_is_told(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        (run.root / "old.tflite").touch()
        assert judge_run(run.root).notes == ("Not judged: old.tflite: not in artifacts.json.",)


class TestHeads:
    def test_every_head_is_judged_by_the_budgets_of_its_kind(self, make_run: Any, made: Any) -> None:
        """The second head says 30; the truth is 32, the reference says 31: an error of 2, a difference of 1."""
        run = make_run()
        run.contract = replace(run.contract, heads=(*run.contract.heads, RegressionHead(name="age", unit="years")))
        write_contract(run.root / "contract.json", run.contract)
        paths = sorted((run.dataset / "test").rglob("*.png"))
        made.write_reference_of(run, paths)
        held = read_reference(run.root / "reference.npz")
        made.write_reference_of(
            run,
            paths,
            truths=held.truths | {"age": np.full(15, 32, dtype=np.float32)},
            predictions=held.predictions | {"age": np.full((15, 1), 31, dtype=np.float32)},
        )
        run.export()
        outputs = tuple(TensorInfo(name=n, dtype="float32", shape=(None, w)) for n, w in (("label", 3), ("age", 1)))
        session = made.stand_in(outputs=outputs)
        label_only = session.predict
        session.predict = lambda pixels: label_only(pixels) | {"age": np.full((len(pixels), 1), 30, dtype=np.float32)}
        book = BudgetBook(options={"max_mae": 1.9, "max_value_difference": 1.0})
        report = judge_run(run.root, JudgeOptions(budgets=book), opener=made.opener_of({"model.onnx": session}))
        assert _failures(report) == {
            "max_mae": "mean absolute error 2 years of 15 images; budget at most 1.9 (--budget)"
        }
        judged = {(f.head, f.key) for f in report.outcomes[0].findings if f.head}
        assert judged == {
            ("label", "finite"),
            ("label", "probabilities"),
            ("label", "max_probability_difference"),
            ("age", "finite"),
            ("age", "max_mae"),
            ("age", "max_value_difference"),
        }


class TestStatistics:
    def test_a_float_recipe_is_not_judged_by_sampling_unless_asked(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        assert PASS is judge_run(run.root).outcomes[0].verdict
        asked = JudgeOptions(budgets=BudgetBook(options={"max_drop_points": 1.0}))
        assert UNDECIDED is judge_run(run.root, asked).outcomes[0].verdict

    def test_a_perfect_int8_file_on_75_images_is_undecided_and_381_would_settle_it(self, make_run: Any) -> None:
        run = make_run(per_class=25)
        run.export("model.full_int8.onnx", "full_int8")
        report = judge_run(run.root)
        (finding,) = [f for f in report.outcomes[0].findings if f.verdict is not PASS]
        assert (finding.verdict, finding.key) == (UNDECIDED, "max_drop_points")
        assert "+0.0 points [-4.9, +4.9] on 75 images" in finding.sentence
        assert "about 381 images" in finding.sentence


class TestBudgetsAreNeverSkipped:
    def test_a_path_that_only_a_budget_names_fails(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        book = BudgetBook(file="f", sections={"model.tflite": {"max_bytes": 9}})
        report = judge_run(run.root, JudgeOptions(budgets=book))
        assert (_verdicts(report), report.exit_code) == ({"model.onnx": PASS, "model.tflite": FAIL}, 1)
        narrowed = judge_run(run.root, JudgeOptions(budgets=book, only=("onnx",)))
        assert (_verdicts(narrowed), narrowed.exit_code) == ({"model.onnx": PASS}, 0)

    def test_a_recipe_that_only_a_budget_names_is_not_judged(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        book = BudgetBook(file="f", sections={"full_int8": {}})
        narrowed = judge_run(run.root, JudgeOptions(budgets=book, only=("onnx",)))
        assert (_verdicts(narrowed), narrowed.exit_code) == ({"model.onnx": PASS}, 0)
        report = judge_run(run.root, JudgeOptions(budgets=book))
        assert (_verdicts(report), report.exit_code) == ({"model.onnx": PASS, "full_int8": NOT_JUDGED}, 1)

    @pytest.mark.parametrize(
        ("path", "only"),
        [
            ("model.full_int8.tflite", "tflite"),
            ("model.full_int8.tflite", "full_int8"),
            ("trained_model_graph.pb", "frozen_graph"),
        ],
    )
    def test_a_missing_path_is_found_by_what_its_name_says(self, make_run: Any, path: str, only: str) -> None:
        run = make_run()
        run.export(recipe="full_int8", format=only if only != "full_int8" else "onnx")
        book = BudgetBook(file="f", sections={path: {"max_bytes": 9}})
        report = judge_run(run.root, JudgeOptions(budgets=book, only=(only,)))
        assert report.outcomes[-1].artifact.path == path

    def test_a_budget_that_applies_to_nothing_is_not_judged(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        report = judge_run(run.root, JudgeOptions(budgets=BudgetBook(options={"max_mae": 1.0})))
        assert _verdicts(report) == {"model.onnx": NOT_JUDGED}

    def test_a_recipe_without_a_parity_budget_is_not_judged(self, make_run: Any) -> None:
        run = make_run()
        run.export(recipe="float8")
        report = judge_run(run.root)
        assert NOT_JUDGED is report.outcomes[0].verdict
        asked = JudgeOptions(budgets=BudgetBook(options={"min_agreement": 0.9}))
        assert PASS is judge_run(run.root, asked).outcomes[0].verdict


class TestSelection:
    @pytest.mark.parametrize(
        ("only", "judged"),
        [
            (("onnx",), {"a.onnx", "b.onnx"}),
            (("float16",), {"b.onnx"}),
            (("a.onnx",), {"a.onnx"}),
            (("a.onnx", "float16"), {"a.onnx", "b.onnx"}),
        ],
    )
    def test_only_narrows_by_format_recipe_or_path(
        self, make_run: Any, only: tuple[str, ...], judged: set[str]
    ) -> None:
        run = make_run()
        run.export("a.onnx")
        run.export("b.onnx", "float16")
        (run.root / "c.tflite").write_bytes(b"not a model: it would fail")
        run.record("c.tflite", format="tflite")
        report = judge_run(run.root, JudgeOptions(only=only))
        assert judged == set(_verdicts(report))
        assert {"a.onnx", "b.onnx", "c.tflite"} - judged == set(report.left_out)
        assert report.exit_code == 0

    def test_a_name_that_fits_nothing_is_answered_with_the_known_ones(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        with pytest.raises(UsageError, match=r"tflitee[\s\S]*float32, model\.onnx, onnx"):
            judge_run(run.root, JudgeOptions(only=("tflitee",)))

    def test_nothing_to_judge_ends_in_the_command_that_helps(self, make_run: Any) -> None:
        with pytest.raises(InputError, match="modelport convert"):
            judge_run(make_run().root)


class TestWriting:
    def test_a_judge_writes_nothing_but_below_the_reports_folder(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        run.export()
        before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
        judge_run(run.root, JudgeOptions(report=tmp_path / "elsewhere"))
        after = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and "elsewhere" not in p.parts}
        assert before == after
        assert not (run.root / "validation").exists()

    def test_a_report_that_cannot_be_written_is_said_before_any_work(self, make_run: Any, made: Any) -> None:
        """A file in the place of the folder: what a read-only run gives, also where tests run as root."""
        run = make_run()
        run.export()
        (run.root / "validation").write_text("in the way")
        with pytest.raises(UsageError, match=r"report cannot be written[\s\S]*--report DIR"):
            judge_run(run.root, opener=made.opener_of({"model.onnx": AssertionError("was opened")}))

"""What changed since the last accepted report: limits by hand, hostile baselines, and the command."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from modelport.contract.errors import InputError, ModelportError, UsageError
from modelport.contract.run.artifacts import Artifact
from modelport.validate.baseline.compare import against_baseline
from modelport.validate.baseline.file import MOST_BYTES, read_baseline
from modelport.validate.baseline.limits import limits_of
from modelport.validate.budgets.project_file import read_project
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.report.baseline import Baseline, BaselineLimits
from modelport.validate.report.report import Report
from modelport.validate.scores.head_scores import (
    Accuracy,
    ClassificationScores,
    Drop,
    HeadScores,
    Parity,
    RegressionScores,
)
from modelport.validate.write_report import write_report

PASS, FAIL, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_JUDGED


def classified(right: int, n: int = 100, points: float = 0.0, head: str = "label") -> ClassificationScores:
    accuracy = Accuracy(n=n, top1_fraction=right / n, top1_interval=(0, 1), top3_fraction=1.0)
    drop = Drop(label="", n=n, lost=0, won=0, points=points, interval_points=(-50, 50))
    facts: dict[str, Any] = {"agreement_fraction": 1.0, "changed": 0, "max_difference_image": "", "kl_nats": 0.0}
    parity = Parity(n=n, reference=accuracy, drop=drop, class_drops=(), max_probability_difference=0.0, **facts)
    return ClassificationScores(head=head, n=n, not_finite=(), accuracy=accuracy, parity=parity)


def regressed(mae: float | None) -> RegressionScores:
    return RegressionScores(
        head="age", unit="years", n=9, not_finite=(), mae=mae, reference_mae=None, max_value_difference=None
    )


def outcome_of(*heads: HeadScores, size: int = 1000, path: str = "m.onnx", recipe: str = "float32") -> Outcome:
    artifact = Artifact(path=path, format="onnx", recipe=recipe, size_bytes=size, sha256="", parent_sha256="")
    finding = Finding(key="finite", verdict=PASS, sentence="fine", door="pixels", head="label")
    doors = {"pixels": heads} if heads else {}
    return Outcome(artifact=artifact, size_bytes=size, findings=(finding,), doors=doors)


def report_of(*outcomes: Outcome, **facts: Any) -> Report:
    values: dict[str, Any] = {"run_id": "run", "model_sha256": "", "created": "2026-01-01T00:00:00+00:00", "n": 100}
    values |= {"images": "data", "budgets_file": None, "only": (), "left_out": (), "reference": None, "notes": ()}
    values |= {"images_sha256": "a" * 64, "strict": False, "tools": {}}
    return Report(**values | facts, outcomes=outcomes)


def baseline_of(report: Report, folder: Path) -> Baseline:
    write_report(report, folder)
    return read_baseline(folder / "report.json")


def verdicts(report: Report) -> dict[str, Verdict]:
    """Return key of each finding of the comparison to its verdict."""
    return {
        f"{finding.key} {finding.head}".strip(): finding.verdict
        for outcome in report.outcomes
        for finding in outcome.findings
        if finding.key.startswith("baseline")
    }


class TestLimits:
    @pytest.mark.parametrize(
        ("size", "verdict"),
        [(1000, PASS), (1050, PASS), (1051, FAIL), (500, PASS)],
        ids=["same", "at", "above", "smaller"],
    )
    def test_five_percent_more_bytes_are_the_most(self, size: int, verdict: Verdict, tmp_path: Path) -> None:
        baseline = baseline_of(report_of(outcome_of()), tmp_path)
        found = against_baseline(report_of(outcome_of(size=size)), baseline, BaselineLimits())
        assert {"baseline_bytes": verdict} == verdicts(found)
        assert int(verdict is FAIL) == found.exit_code

    @pytest.mark.parametrize(("right", "verdict"), [(93, PASS), (92, PASS), (91, FAIL), (99, PASS)])
    def test_one_point_of_top1_is_the_most_and_one_point_is_not_more_than_one(
        self, right: int, verdict: Verdict, tmp_path: Path
    ) -> None:
        """100 * (0.93 - 0.92) is 1.0000000000000009 in floating point."""
        baseline = baseline_of(report_of(outcome_of(classified(93))), tmp_path)
        found = against_baseline(report_of(outcome_of(classified(right))), baseline, BaselineLimits())
        assert verdict is verdicts(found)["baseline_top1 label"]

    @pytest.mark.parametrize(("points", "verdict"), [(0.5, PASS), (1.5, PASS), (1.6, FAIL), (-3.0, PASS)])
    def test_the_drop_may_grow_by_one_point(self, points: float, verdict: Verdict, tmp_path: Path) -> None:
        baseline = baseline_of(report_of(outcome_of(classified(90, points=0.5))), tmp_path)
        found = against_baseline(report_of(outcome_of(classified(90, points=points))), baseline, BaselineLimits())
        assert verdict is verdicts(found)["baseline_drop label"]

    @pytest.mark.parametrize(("mae", "verdict"), [(4.0, PASS), (4.2, PASS), (4.21, FAIL), (float("nan"), FAIL)])
    def test_the_error_of_a_regression_head_may_grow_by_five_percent(
        self, mae: float, verdict: Verdict, tmp_path: Path
    ) -> None:
        baseline = baseline_of(report_of(outcome_of(regressed(4.0))), tmp_path)
        found = against_baseline(report_of(outcome_of(regressed(mae))), baseline, BaselineLimits())
        assert verdict is verdicts(found)["baseline_mae age"]

    def test_every_head_is_compared_with_itself(self, tmp_path: Path) -> None:
        baseline = baseline_of(report_of(outcome_of(classified(90), classified(80, head="mood"))), tmp_path)
        now = report_of(outcome_of(classified(80, head="mood"), classified(70)))
        found = verdicts(against_baseline(now, baseline, BaselineLimits()))
        assert (FAIL, PASS) == (found["baseline_top1 label"], found["baseline_top1 mood"])

    def test_what_can_no_longer_be_measured_is_not_judged_and_does_not_pass(self, tmp_path: Path) -> None:
        baseline = baseline_of(report_of(outcome_of(classified(90), regressed(4.0))), tmp_path)
        for now in (outcome_of(classified(90)), outcome_of(classified(90), regressed(None))):
            found = against_baseline(report_of(now), baseline, BaselineLimits())
            assert NOT_JUDGED is verdicts(found)["baseline_mae age"]
            assert found.exit_code == 1


class TestWhatIsThere:
    def test_a_vanished_artifact_fails(self, tmp_path: Path) -> None:
        baseline = baseline_of(report_of(outcome_of(), outcome_of(path="gone.onnx", recipe="float16")), tmp_path)
        found = against_baseline(report_of(outcome_of()), baseline, BaselineLimits())
        assert found.exit_code == 1
        assert ("gone.onnx", FAIL) == (found.outcomes[-1].artifact.path, found.outcomes[-1].verdict)
        assert "the baseline holds it, and it was not judged now" in found.outcomes[-1].findings[0].sentence

    @pytest.mark.parametrize(("only", "exit_code"), [("float32", 0), ("float16", 1), ("gone.onnx", 1), ("onnx", 1)])
    def test_only_leaves_out_what_it_does_not_name_and_says_so(self, only: str, exit_code: int, tmp_path: Path) -> None:
        baseline = baseline_of(report_of(outcome_of(), outcome_of(path="gone.onnx", recipe="float16")), tmp_path)
        found = against_baseline(report_of(outcome_of(), only=(only,)), baseline, BaselineLimits())
        assert exit_code == found.exit_code
        assert (exit_code == 0) == ("In the baseline, and left out by --only: gone.onnx." in found.sentences)

    def test_a_new_artifact_is_said_and_does_not_fail(self, tmp_path: Path) -> None:
        baseline = baseline_of(report_of(outcome_of()), tmp_path)
        found = against_baseline(report_of(outcome_of(), outcome_of(path="new.onnx")), baseline, BaselineLimits())
        assert found.exit_code == 0
        assert "New since the baseline, and judged by budgets alone: new.onnx." in found.sentences

    def test_the_same_report_has_no_notes_and_no_changes(self, tmp_path: Path) -> None:
        report = report_of(outcome_of(classified(90)))
        found = against_baseline(report, baseline_of(report, tmp_path), BaselineLimits())
        assert found.baseline is not None
        assert () == found.baseline.notes
        assert all(change.before == change.after for change in found.baseline.changes)
        assert found.baseline.same_images is True

    def test_other_images_another_run_and_a_failed_baseline_are_said(self, tmp_path: Path) -> None:
        bad = replace(outcome_of(), findings=(Finding(key="x", verdict=FAIL, sentence="bad"),))
        old = report_of(bad, run_id="other", n=75, images="elsewhere", images_sha256="b" * 64)
        found = against_baseline(report_of(outcome_of()), baseline_of(old, tmp_path), BaselineLimits())
        said = " ".join(found.sentences)
        assert "The baseline itself did not pass" in said
        assert "another run: other, now run." in said
        assert "other images (75: elsewhere; now 100: data)" in said

    def test_an_older_report_without_a_hash_of_its_images_is_taken_and_said(self, tmp_path: Path) -> None:
        write_report(report_of(outcome_of()), tmp_path)
        value = json.loads((tmp_path / "report.json").read_text())
        for key in ("images_sha256", "baseline"):
            del value[key]
        (tmp_path / "old.json").write_text(json.dumps(value))
        found = against_baseline(report_of(outcome_of()), read_baseline(tmp_path / "old.json"), BaselineLimits())
        assert "The baseline does not say which 100 images it was judged on: they may be others." in found.sentences


class TestHostile:
    def damaged(self, folder: Path, change: Any) -> Path:
        write_report(report_of(outcome_of(classified(90), regressed(4.0))), folder)
        value = json.loads((folder / "report.json").read_text())
        change(value)
        (folder / "bad.json").write_text(json.dumps(value))
        return folder / "bad.json"

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"{", id="cut"),
            pytest.param(b"[]", id="a-list"),
            pytest.param(b"null", id="null"),
            pytest.param(b"\xff\xfe\x00", id="no-utf-8"),
            pytest.param(b"[" * 100_000, id="nested-deeply"),
            pytest.param(b'{"modelport_report": ' + b"9" * 5000 + b"}", id="5000-digits"),
            pytest.param(b'{"modelport_report": NaN}', id="nan"),
            pytest.param(b'{"modelport_report": 2}', id="another-version"),
            pytest.param(b'{"modelport_report": true}', id="true-is-not-1"),
            pytest.param(b'{"modelport_report": 1}', id="nothing-else"),
            pytest.param(b'{"modelport_lock": 1, "artifacts": []}', id="a-lock"),
        ],
    )
    def test_what_is_no_report_is_refused(self, text: bytes, tmp_path: Path) -> None:
        (tmp_path / "bad.json").write_bytes(text)
        with pytest.raises(InputError, match=r"baseline|report"):
            read_baseline(tmp_path / "bad.json")

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            ("n", -1),
            ("n", 1.5),
            ("n", 10**30),
            ("artifacts", {}),
            ("artifacts.0", None),
            ("artifacts.0.path", 7),
            ("artifacts.0.size_bytes", True),
            ("artifacts.0.size_bytes", "1"),
            ("artifacts.0.doors", []),
            ("artifacts.0.doors.pixels", {}),
            ("artifacts.0.doors.pixels.0.head", None),
            ("artifacts.0.doors.pixels.0.accuracy", []),
            ("artifacts.0.doors.pixels.0.accuracy.top1_fraction", 1.5),
            ("artifacts.0.doors.pixels.0.accuracy.top1_fraction", "0.9"),
            ("artifacts.0.doors.pixels.0.parity.drop.points", -1e308),
            ("artifacts.0.doors.pixels.1.mae", -1),
            ("exit_code", None),
            ("images_sha256", 3),
        ],
    )
    def test_a_wrong_value_is_named_and_refused(self, place: str, value: object, tmp_path: Path) -> None:
        def change(report: Any) -> None:
            *parents, last = place.split(".")
            for name in parents:
                report = report[int(name) if isinstance(report, list) else name]
            report[int(last) if isinstance(report, list) else last] = value

        with pytest.raises(InputError) as caught:
            read_baseline(self.damaged(tmp_path, change))
        assert caught.value.exit_code == 2
        assert caught.value.expected is not None

    @pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
    def test_a_number_beyond_all_bounds_is_refused(self, number: str, tmp_path: Path) -> None:
        path = self.damaged(tmp_path, lambda report: report["artifacts"][0]["doors"]["pixels"][1].update(mae=12345))
        path.write_text(path.read_text().replace("12345", number))
        with pytest.raises(InputError):
            read_baseline(path)

    def test_nan_is_refused_where_nobody_would_read_it(self, tmp_path: Path) -> None:
        path = self.damaged(tmp_path, lambda report: report["tools"].update(some="12345"))
        path.write_text(path.read_text().replace('"12345"', "NaN"))
        with pytest.raises(InputError, match="cannot be read"):
            read_baseline(path)

    def test_an_artifact_twice_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="twice"):
            read_baseline(self.damaged(tmp_path, lambda report: report["artifacts"].append(report["artifacts"][0])))

    def test_a_huge_file_is_refused_unread(self, tmp_path: Path) -> None:
        with (tmp_path / "huge.json").open("wb") as file:
            file.truncate(MOST_BYTES + 1)
        with pytest.raises(InputError, match="too large"):
            read_baseline(tmp_path / "huge.json")

    @pytest.mark.parametrize("name", ["absent.json", "."])
    def test_what_is_no_file_is_refused(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="baseline is"):
            read_baseline(tmp_path / name)


class TestOptions:
    def test_the_command_line_beats_the_file_beats_the_default(self, tmp_path: Path) -> None:
        file = tmp_path / "modelport.toml"
        file.write_text('[baseline]\nmax_growth = "2.5 %"\nmax_drop_points = 3\n')
        options = {"max_growth": None, "max_drop_points": "0.5", "max_mae_growth": None}
        expected = BaselineLimits(max_growth_percent=2.5, max_drop_points=0.5, max_mae_growth_percent=5.0)
        assert expected == limits_of(read_project(file), options)

    @pytest.mark.parametrize(
        "line",
        [
            'max_grow = "5%"',
            "max_growth = 5",
            'max_growth = "5"',
            'max_growth = "-5%"',
            "max_drop_points = true",
            "max_drop_points = nan",
            "max_drop_points = 101",
            'max_drop_points = "1%"',
        ],
    )
    def test_what_a_limit_cannot_be_is_refused(self, line: str, tmp_path: Path) -> None:
        file = tmp_path / "modelport.toml"
        file.write_text(f"[baseline]\n{line}\n")
        with pytest.raises(UsageError):
            limits_of(read_project(file), {})

    @pytest.mark.parametrize("text", ["[baselin]\nx = 1\n", "baseline = 3\n"])
    def test_a_misspelt_table_is_refused(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "modelport.toml"
        file.write_text(text)
        with pytest.raises(ModelportError):
            limits_of(read_project(file), {})


class TestCommand:
    @pytest.fixture(autouse=True)
    def _empty(self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path_factory.mktemp("working"))

    def judge(self, *arguments: object) -> Result:
        return CliRunner().invoke(cli, ["validate", *map(str, arguments)], catch_exceptions=False)

    def test_what_grew_fails_and_is_shown_in_every_report(self, make_run: Any) -> None:
        run = make_run()
        path = run.export()
        assert self.judge(run.root, "--report", "accepted").exit_code == 0
        before = path.stat().st_size
        with path.open("ab") as file:
            file.write(b"\x72\x50" + b"x" * 80)  # field 14 of ModelProto, unknown to it: 80 bytes of text
        run.artifacts.clear()
        run.record(path.name)
        result = self.judge(
            run.root, "--baseline", "accepted/report.json", "--report", "now", "--junit", "now/junit.xml"
        )
        assert result.exit_code == 1
        grown = f"{100 * 82 / before:+.1f} %"
        assert f"bytes {before:,} -> {before + 82:,} ({grown})" in result.stdout
        for name in ("report.md", "report.html", "report.json", "junit.xml"):
            assert grown in Path("now", name).read_text(encoding="utf-8"), name
        assert self.judge(run.root, "--baseline", "accepted/report.json", "--baseline-max-growth", "40%").exit_code == 0

    def test_budgets_and_limits_come_of_one_reading(self, make_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever reads twice pairs the limits of one version with the budgets of another, and waits at a pipe."""
        run = make_run()
        run.export()
        self.judge(run.root, "--report", "accepted")
        Path("modelport.toml").write_text('[budgets]\nmin_top1 = 0.0\n[baseline]\nmax_growth = "1%"\n')
        read, read_text = list[Path](), Path.read_text

        def counted(path: Path, *more: Any, **named: Any) -> str:
            read.append(path)
            return read_text(path, *more, **named)

        monkeypatch.setattr(Path, "read_text", counted)
        assert 0 == self.judge(run.root, "--baseline", "accepted/report.json").exit_code
        assert 1 == read.count(Path("modelport.toml"))

    @pytest.mark.parametrize(
        "options",
        [
            pytest.param(["--baseline", "absent.json"], id="no-such-file"),
            pytest.param(["--baseline-max-growth", "5%"], id="a-limit-without-a-baseline"),
            pytest.param(["--baseline", "RUN/validation/report.json"], id="it-would-be-overwritten"),
            pytest.param(["--baseline", "accepted/report.json", "--baseline-max-growth", "5"], id="no-percent"),
            pytest.param(["--baseline", "accepted/report.json", "--baseline-max-drop-points", "much"], id="no-number"),
            pytest.param(["--baseline", "accepted/report.md"], id="no-json"),
        ],
    )
    def test_a_wrong_baseline_exits_with_2_before_anything_is_judged(self, make_run: Any, options: list[str]) -> None:
        run = make_run()
        run.export()
        self.judge(run.root, "--report", "accepted")
        result = self.judge(run.root, *(text.replace("RUN", str(run.root)) for text in options))
        assert (2, "") == (result.exit_code, result.stdout)
        assert not (run.root / "validation").exists()

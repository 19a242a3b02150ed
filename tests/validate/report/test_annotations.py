"""Workflow commands, read as GitHub's runner reads them, and the summary of the step."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from modelport.contract.errors import InputError
from modelport.validate.report.annotations import annotations, command, error_annotation
from modelport.validate.report.report import Report


def parse(line: str) -> tuple[str, dict[str, str], str]:
    """Read a command as src/Runner.Common/ActionCommand.cs of actions/runner does (TryParseV2)."""

    def unescape(text: str, tokens: dict[str, str]) -> str:
        for escape, token in tokens.items():
            text = text.replace(escape, token)
        return text

    assert line.startswith("::")
    end = line.index("::", 2)
    name, _, rest = line[2:end].partition(" ")
    data = {"%0D": "\r", "%0A": "\n"}
    of_property = data | {"%3A": ":", "%2C": ",", "%25": "%"}
    pairs = (pair.split("=", 1) for pair in rest.strip().split(",") if pair)
    return (
        name,
        {key: unescape(value, of_property) for key, value in pairs},
        unescape(line[end + 2 :], data | {"%25": "%"}),
    )


def test_each_artifact_that_is_no_pass_is_one_annotation(eventful_report: Report) -> None:
    found = [parse(line) for line in annotations(eventful_report)]
    errors = {properties["title"] for kind, properties, _ in found if kind == "error"}
    problems = [outcome for outcome in eventful_report.outcomes if outcome.verdict != "pass"]
    assert errors == {f"modelport: {outcome.verdict}: {outcome.artifact.path}" for outcome in problems}
    age = next(message for _, properties, message in found if "full_int8" in properties["title"])
    assert (
        "fail: [head age] mean absolute error 1.5 years of 60 images; budget at most 1.2 (modelport.toml [budgets])"
        in age.split("\n")
    )


def test_hostile_names_stay_in_their_line_and_come_back_as_text(hostile_report: Report) -> None:
    lines = annotations(hostile_report)
    assert all(len(line.splitlines()) == 1 and line.isprintable() for line in lines)
    titles = [parse(line)[1]["title"] for line in lines]
    assert "modelport: fail: @octocat ![x](http://evil.example/x.png) [y](javascript:alert(1)) <!--" in titles
    assert "modelport: fail: ::error::x %0A]]>&\\u202eon\\x1b[31m\\x00\\ud800`|`.onnx" in titles
    assert {"error", "warning", "notice"} >= {parse(line)[0] for line in lines}


@pytest.mark.parametrize("text", ["100 %", "a\nb", "a::b,c=d", "50%25", "\x1b[31m", "##[add-mask]x"])
def test_escapes_keep_what_has_a_glyph(text: str) -> None:
    kind, properties, message = parse(command("warning", text, text))
    shown = text.replace("\x1b", "\\x1b")
    assert ("warning", shown) == (kind, message)
    assert shown.replace("\n", "\\n") == properties["title"]


def test_more_than_ten_of_a_kind_are_named_in_the_tenth(eventful_report: Report) -> None:
    bad = next(one for one in eventful_report.outcomes if one.verdict == "fail")
    many = tuple(replace(bad, artifact=replace(bad.artifact, path=f"m{number}")) for number in range(25))
    found = [parse(line) for line in annotations(replace(eventful_report, outcomes=many))]
    errors = [(properties["title"], message) for kind, properties, message in found if kind == "error"]
    assert len(errors) == 10
    assert errors[-1][0] == "modelport: 16 more"
    assert all(f"m{number}" in errors[-1][1] for number in range(9, 25))


def test_an_error_of_ours_is_an_annotation_too() -> None:
    error = InputError("file is missing", where="gate.zip", fix="modelport pack run")
    kind, properties, message = parse(error_annotation(error))
    assert ("error", "modelport: not judged") == (kind, properties["title"])
    assert message.splitlines()[0] == "file is missing: gate.zip"


class TestCommand:
    @pytest.fixture(autouse=True)
    def _step(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "step").mkdir()
        monkeypatch.chdir(tmp_path / "step")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step" / "summary.md"))

    def judge(self, *arguments: object) -> Result:
        return CliRunner().invoke(cli, ["validate", *map(str, arguments)], catch_exceptions=False)

    def test_commands_are_stopped_while_names_of_others_are_printed(self, make_run: Any) -> None:
        run = make_run()
        given = run.export().rename(run.root.parent / "::error::pwned.onnx")  # no lock holds such a name
        command = ("--artifact", given, "--annotations", "github", "--budget", "max_bytes=1")
        lines = self.judge(run.root, *command).stdout.splitlines()
        (stop,) = (line for line in lines if line.startswith("::stop-commands::"))
        token = stop.removeprefix("::stop-commands::")
        start, end = lines.index(stop), lines.index(f"::{token}::")
        assert re.fullmatch("[0-9a-f]{32}", token)
        assert not any("pwned" in line for line in lines[:start])
        assert any(":error::pwned.onnx" in line for line in lines[start:end])
        kinds = [parse(line)[0] for line in lines[end + 1 :]]
        assert kinds[0] == "error"
        assert "modelport: fail: ::error::pwned.onnx" == parse(lines[end + 1])[1]["title"]

    def test_the_summary_is_appended_to(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        run.export()
        summary = tmp_path / "step" / "summary.md"
        summary.write_text("before\n", encoding="utf-8")
        self.judge(run.root, "--annotations", "github")
        text = summary.read_text(encoding="utf-8")
        assert text.startswith("before\n### ✅ modelport: 1 pass")
        assert text == "before\n" + (run.root / "validation" / "report.md").read_text(encoding="utf-8") + "\n"

    def test_without_annotations_nothing_is_told_to_the_runner(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        run.export()
        result = self.judge(run.root)
        assert not (tmp_path / "step" / "summary.md").exists()
        assert "::" not in result.stdout

    def test_json_stays_alone_on_stdout(self, make_run: Any) -> None:
        run = make_run()
        run.export()
        result = self.judge(run.root, "--annotations", "github", "--json")
        assert json.loads(result.stdout)["counts"]["pass"] == 1
        assert "::warning title=modelport%3A no floor::" in result.stderr

    def test_an_input_error_is_annotated_and_exits_with_2(self, tmp_path: Path) -> None:
        result = self.judge(tmp_path / "nothing.zip", "--annotations", "github")
        assert result.exit_code == 2
        lines = [line for line in result.stdout.splitlines() if line.startswith("::")]
        assert [parse(line)[0] for line in lines][-1] == "error"
        assert "Error: " in result.stderr

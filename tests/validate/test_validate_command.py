"""`modelport validate` from the outside."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from modelport.cli.text.verdict_table import print_report
from modelport.validate.report.baseline import BaselineLimits, Comparison

#: 15 images that are all right can prove 0.79: 15 / (15 + 1.96^2).
_FLOOR = ["--budget", "min_top1=0.79"]


def _run(*args: object) -> Result:
    return CliRunner().invoke(cli, ["validate", *map(str, args)], prog_name="modelport", catch_exceptions=False)


@pytest.fixture(autouse=True)
def _empty_working_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("working"))


def test_a_good_run_ends_in_counts_and_the_reports_path(make_run: Any) -> None:
    run = make_run()
    run.export()
    result = _run(run.root)
    last = result.stdout.splitlines()[-1]
    assert result.exit_code == 0
    assert (
        f"1 pass, 0 fail, 0 undecided, 0 not judged on 15 images; report: {run.root / 'validation' / 'report.md'}"
        == last
    )
    assert (run.root / "validation" / "report.md").read_text().splitlines()[-1] in last
    assert "15 images" in result.stdout
    assert "Nothing says that the model is any good" in result.stdout
    assert "budgets: the defaults" in result.stderr


def test_the_table_is_whole_in_a_pipe(make_run: Any) -> None:
    run = make_run()
    name = "model.dynamic_int8.of_a_rather_long_name.onnx"
    run.export(name, "dynamic_int8")
    (row,) = [line for line in _run(run.root).stdout.splitlines() if line.strip().startswith(f"{name} ")]
    assert [name, "0.00", "/", "0.30", "100.0", "[79.6,", "100.0]", "+0.0", "[-20.4,", "+20.4]"] == (row.split()[:10])
    assert [row.split()[10], row.split()[-1]] == ["100.0", "undecided"]


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        pytest.param([], 0, id="pass"),
        pytest.param(["--budget", "max_bytes=1"], 1, id="a-budget-below-the-size"),
        pytest.param(_FLOOR, 0, id="good-enough"),
        pytest.param(["--strict"], 1, id="strict-without-a-floor"),
        pytest.param(["--strict", *_FLOOR], 0, id="strict-with-a-floor"),
        pytest.param(["--budget", "max_drop_points=1"], 0, id="undecided"),
        pytest.param(["--strict", *_FLOOR, "--budget", "max_drop_points=1"], 1, id="strict-undecided"),
        pytest.param(["--budget", "min_top1=0.9"], 0, id="a-floor-that-15-images-cannot-prove"),
        pytest.param(["--strict", "--budget", "min_top1=0.9"], 1, id="strict-and-a-floor-that-15-images-cannot-prove"),
        pytest.param(["--budget", "max_mae=1"], 1, id="not-judged"),
        pytest.param(["--budget", "max_size=1"], 2, id="unknown-key"),
        pytest.param(["--only", "coreml"], 2, id="unknown-name"),
        pytest.param(["--only", ""], 2, id="no-name"),
        pytest.param(["--only", ", "], 2, id="no-name-but-a-comma"),
        pytest.param(["--only", "onnx", "--only", ""], 2, id="one-of-two-without-a-name"),
        pytest.param(["--budget", "max_bytes=1", "--budget", "max_bytes=1MB"], 2, id="a-budget-twice"),
        pytest.param(["--budgets", "absent.toml"], 2, id="no-such-file"),
        pytest.param(["--limit-seconds", "0"], 2, id="no-time"),
        pytest.param(["--data", "absent"], 2, id="no-such-data"),
    ],
)
def test_exit_codes(make_run: Any, options: list[str], exit_code: int) -> None:
    run = make_run()
    run.export()
    result = _run(run.root, *options)
    assert (exit_code, False) == (result.exit_code, "Traceback" in result.output)


def test_not_a_run_folder_is_one_message(tmp_path: Path) -> None:
    result = _run(tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not a run folder" in result.stderr


def test_json_alone_is_on_stdout_and_equals_the_file(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    run.export()
    result = _run(run.root, "--json", "--report", tmp_path / "report")
    assert json.loads(result.stdout) == json.loads((tmp_path / "report" / "report.json").read_text())
    assert not (run.root / "validation").exists()


def test_the_budget_file_that_was_used_is_said_and_recorded(make_run: Any) -> None:
    run = make_run()
    run.export()
    Path("modelport.toml").write_text('[budgets."model.onnx"]\nmax_bytes = "1 kB"\n')
    result = _run(run.root, "--only", "onnx,float32")
    report = json.loads((run.root / "validation" / "report.json").read_text())
    assert result.exit_code == 0
    assert "budgets: modelport.toml" in result.stderr
    assert report["artifacts"][0]["budgets"]["max_bytes"]["source"] == 'modelport.toml [budgets."model.onnx"]'
    assert report["artifacts"][0]["budgets"]["max_probability_difference"]["source"] == "default"


def test_help_ends_in_an_example_and_imports_no_numpy() -> None:
    code = (
        "import sys; from modelport.cli.main import cli\n"
        "try: cli(['validate', '--help'], prog_name='modelport')\n"
        "except SystemExit: pass\n"
        "print('numpy' in sys.modules, 'rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    assert "modelport validate run" in done.stdout
    assert done.stdout.splitlines()[-1] == "False False"


def test_no_framework_is_imported_to_judge_an_onnx_file(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    run.export()
    code = (
        "import sys; from modelport.cli.main import cli\n"
        f"try: cli(['validate', {str(run.root)!r}], prog_name='modelport')\n"
        "except SystemExit: pass\n"
        "print(sorted({'tensorflow', 'keras', 'sklearn', 'matplotlib', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_comes_from_elsewhere_orders_neither_terminal_nor_runner(
    hostile_report: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names of files, labels, and the run of a baseline hold escapes, line ends, reversed writing and commands."""
    baseline = Comparison(
        file="old.json",
        run_id="r",
        created="c",
        n=1,
        images="i",
        same_images=None,
        changes=(),
        limits=BaselineLimits(),
        notes=("run \x1b[2J\n::error::owned\r\u202e",),
    )
    print_report(replace(hostile_report, baseline=baseline), "report\n::error::x.md")
    printed = capsys.readouterr().out
    assert "run \\x1b[2J\\n::error::owned\\r\\u202e" in printed
    assert [letter for letter in printed if not letter.isprintable() and letter != "\n"] == []
    assert [line for line in printed.splitlines() if line.strip().startswith("::") or "##[" in line] == []

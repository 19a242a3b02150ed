from pathlib import Path

import pytest
from click.testing import CliRunner
from modelport.cli.main import cli

pytest.importorskip("tensorflow", reason="the demo needs the extra [tensorflow]")


def test_a_seed_out_of_range_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["demo", str(tmp_path / "demo"), "--seed", "-1"])
    assert 2 == result.exit_code
    assert "-1 is not in the range 0<=x<=4294967295" in result.stderr
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_is_not_empty_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    result = CliRunner().invoke(cli, ["demo", str(tmp_path)])
    assert 2 == result.exit_code
    assert "Error: output exists" in result.stderr
    assert ["thesis.txt"] == [path.name for path in tmp_path.iterdir()]

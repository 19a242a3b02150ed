from pathlib import Path

import pytest
from click.testing import CliRunner
from modelport.cli.main import cli

pytest.importorskip("tensorflow", reason="the demo needs the extra [tensorflow]")


def test_a_folder_that_is_not_empty_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    result = CliRunner().invoke(cli, ["demo", str(tmp_path)])
    assert 2 == result.exit_code
    assert "Error: output exists" in result.stderr
    assert ["thesis.txt"] == [path.name for path in tmp_path.iterdir()]

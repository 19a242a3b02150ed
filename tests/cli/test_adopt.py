from pathlib import Path

import pytest
from click.testing import CliRunner
from modelport.cli.main import cli


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(["--source-range", "255"], "such as 0..1, 0..255, -1..1", id="range"),
        pytest.param(["--source-range", "-1..x"], "value range is not understood", id="range-that-begins-with-a-dash"),
        pytest.param(["--image-size", "0", "5"], "0 is not in the range x>=1", id="size"),
        pytest.param(["--min-tflite", "new"], "new", id="release"),
        pytest.param([], "labels cannot be read", id="no-labels-file"),
    ],
)
def test_what_cannot_be_adopted_is_refused_before_anything_is_written(
    tmp_path: Path, more: list[str], message: str
) -> None:
    pytest.importorskip("tensorflow", reason="adoption needs the extra [tensorflow]")
    run = tmp_path / "run"
    words = ["adopt", "model.h5", str(run), "--labels", str(tmp_path / "gone.txt"), "--data", str(tmp_path / "gone")]
    result = CliRunner().invoke(cli, [*words, *more])
    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
    assert not run.exists()


@pytest.mark.parametrize("missing", ["--labels", "--data"])
def test_labels_and_images_are_asked_for(missing: str) -> None:
    given = [word for option in {"--labels", "--data"} - {missing} for word in (option, "x")]
    result = CliRunner().invoke(cli, ["adopt", "model.h5", "run", *given])
    assert 2 == result.exit_code
    assert missing in result.stderr

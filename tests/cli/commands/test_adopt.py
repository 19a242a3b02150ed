from pathlib import Path

import pytest
from click.testing import CliRunner
from modelport.cli.main import cli
from PIL import Image


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


def test_a_frozen_graphs_names_reach_it(tmp_path: Path) -> None:
    """A graph of one placeholder and one end; the flags ask for others."""
    tf = pytest.importorskip("tensorflow", reason="adoption needs the extra [tensorflow]")
    with tf.Graph().as_default() as graph:
        tf.reduce_mean(tf.compat.v1.placeholder(tf.float32, (None, 4, 4, 3), name="x"), (1, 2), name="output")
    (tmp_path / "m.pb").write_bytes(graph.as_graph_def().SerializeToString())
    (tmp_path / "labels.txt").write_text("a\nb\nc\n")
    Image.new("RGB", (4, 4)).save(tmp_path / "a_1.png")
    files = ["--labels", str(tmp_path / "labels.txt"), "--data", str(tmp_path)]
    words = ["adopt", str(tmp_path / "m.pb"), str(tmp_path / "run"), *files]
    for option, known in (("--input-name", "x:0 float32"), ("--output-name", "output")):
        result = CliRunner().invoke(cli, [*words, option, "y:0"])
        assert (2, "") == (result.exit_code, result.stdout)
        for text in (f"no such {option[2:-5]}: {option}", known, "received  y:0"):
            assert text in result.stderr
        assert not (tmp_path / "run").exists()

"""A run delivered to backends as they are found: what goes in was judged and compared, and the old client reads on."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

from modelport.assets.backend.deliver_backend import STOP_FIRST, deliver_backend  # noqa: E402
from modelport.assets.backend.find.options import BackendOptions  # noqa: E402
from modelport.assets.backend.store.swap import roll_back  # noqa: E402
from modelport.contract.errors import InputError, JudgedAndFailed  # noqa: E402
from modelport.contract.files.hashing import files_below, sha256_of, sha256_of_file  # noqa: E402
from modelport.contract.image.pixels import InputForm  # noqa: E402
from modelport.contract.run.reference import read_reference  # noqa: E402
from modelport.validate.budgets.file import read_budgets  # noqa: E402
from modelport.validate.judge import JudgeOptions, judge_run  # noqa: E402
from modelport.validate.write_report import write_report  # noqa: E402

GRAPH, LABELS = "trained_model_graph.pb", "training_set_labels.txt"
OLD_LABELS = b"GREEN\r\nCrimson\r\nBlue\r\n"
MEANING = {"GREEN": "green", "Crimson": "red", "Blue": "blue"}
#: The old graph always answers its first label.
OPTIONS = BackendOptions(aliases={"crimson": "red"}, old_is_broken=True)
BROKEN = BackendOptions(old_is_broken=True)
CLIENT = Path(__file__).parents[2] / "convert" / "to_frozen_graph" / "old_client.py"

Make = Callable[..., Path]


def hashes(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in files_below(root)}


def expected_labels(run: Path) -> list[str]:
    """The reference's answers, in the order of its images."""
    labels = json.loads((run / "contract.json").read_text())["heads"][0]["labels"]
    return [labels[row.argmax()] for row in read_reference(run / "reference.npz").predictions["label"]]


def old_client_says(backend: Path, run: Path, dataset: Path) -> list[str]:
    files = [str(dataset / path) for path in read_reference(run / "reference.npz").paths]
    command = [sys.executable, str(CLIENT), str(backend / GRAPH), str(backend / LABELS), *files]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [label for label, _ in json.loads(done.stdout)["found"]]


def test_the_runs_own_judged_graph_goes_in_where_it_serves(judged_run: Path, make_backend: Make) -> None:
    backend = make_backend(b"blue\r\ngreen\r\nred\r\n")
    before = hashes(judged_run)
    with pytest.raises(JudgedAndFailed, match="no better than chance"):
        deliver_backend(judged_run, backend)
    done = deliver_backend(judged_run, backend, BROKEN)
    assert sha256_of(judged_run / GRAPH) == sha256_of(backend / GRAPH)
    assert done.compared is not None
    reference = read_reference(judged_run / "reference.npz")
    right = sum(
        a == b for a, b in zip(expected_labels(judged_run), [p.split("/")[1] for p in reference.paths], strict=True)
    )
    share = sum(path.split("/")[1] == "blue" for path in reference.paths)
    assert (len(reference.paths), right, share) == (done.compared.n, done.compared.new_right, done.compared.old_right)
    assert before == hashes(judged_run), "a run is only read"
    assert deliver_backend(judged_run, backend).swapped is None, "the same again does nothing"


@pytest.mark.slow
def test_the_old_client_reads_its_old_labels_and_answers_as_the_reference(
    trained_run: Path, dataset: Path, make_backend: Make
) -> None:
    backend = make_backend()
    old = sha256_of(backend / GRAPH)
    assert {"GREEN"} == set(old_client_says(backend, trained_run, dataset))
    before = hashes(trained_run)
    done = deliver_backend(trained_run, backend, OPTIONS)
    assert before == hashes(trained_run)
    assert OLD_LABELS == (backend / LABELS).read_bytes()
    said = old_client_says(backend, trained_run, dataset)
    assert expected_labels(trained_run) == [MEANING[label] for label in said]
    assert len(set(said)) > 1
    assert done.compared is not None
    assert done.compared.new_right > (done.compared.old_right or 0)
    assert done.judged is not None
    assert done.judged.startswith("pass")
    roll_back(backend)
    assert (old, OLD_LABELS) == (sha256_of(backend / GRAPH), (backend / LABELS).read_bytes())
    assert {"GREEN"} == set(old_client_says(backend, trained_run, dataset))


@pytest.mark.slow
def test_the_keras_model_that_the_service_prefers_is_swapped_in_the_old_order(
    trained_run: Path, dataset: Path, make_backend: Make
) -> None:
    import keras

    backend = make_backend()
    (backend / "models").mkdir()
    shutil.copyfile(trained_run / "model.keras", backend / "models" / "model.keras")
    with pytest.raises(InputError, match=r"prefers models/model\.keras over trained_model_graph\.pb"):
        deliver_backend(trained_run, backend, BackendOptions(format="frozen_graph", aliases=OPTIONS.aliases))
    graph = sha256_of(backend / GRAPH)
    done = deliver_backend(trained_run, backend, OPTIONS)
    assert graph == sha256_of(backend / GRAPH)
    assert any(GRAPH in warning for warning in done.warnings)
    model = keras.models.load_model(backend / "models" / "model.keras", compile=False)
    own = keras.models.load_model(trained_run / "model.keras", compile=False)
    pixels = np.random.default_rng(0).random((4, 48, 48, 3), np.float32)
    blue, green, red = np.asarray(own(pixels)).T
    np.testing.assert_allclose(np.stack([green, red, blue], axis=1), model(pixels), atol=1e-5)
    assert deliver_backend(trained_run, backend, OPTIONS).swapped is None, "its bytes differ each time it is made"


@pytest.mark.slow
def test_other_classes_are_refused_and_with_leave_go_in_together(trained_run: Path, make_backend: Make) -> None:
    backend = make_backend(b"cat\ndog\ncow\n")
    before = hashes(backend)
    with pytest.raises(InputError, match="classes are not the old ones") as refusal:
        deliver_backend(trained_run, backend)
    assert "--allow-label-change" in str(refusal.value.fix)
    assert before == hashes(backend)
    done = deliver_backend(trained_run, backend, BackendOptions(allow_label_change=True))
    assert STOP_FIRST in done.notes
    assert b"blue\ngreen\nred\n" == (backend / LABELS).read_bytes()
    definition = tf.compat.v1.GraphDef.FromString((backend / GRAPH).read_bytes())
    assert {"DecodeJpeg/contents", "final_result"} <= {node.name for node in definition.node}
    roll_back(backend)
    assert b"cat\ndog\ncow\n" == (backend / LABELS).read_bytes()
    assert before[GRAPH] == sha256_of(backend / GRAPH)


@pytest.mark.slow
def test_a_damaged_old_graph_is_refused_and_stays(trained_run: Path, make_backend: Make) -> None:
    backend = make_backend()
    for content in (
        b"",
        b"\x00" * 4096,
        (backend / GRAPH).read_bytes()[:-100],
        np.random.default_rng(0).bytes(1 << 16),
    ):
        (backend / GRAPH).write_bytes(content)
        before = hashes(backend)
        with pytest.raises(InputError) as refusal:
            deliver_backend(trained_run, backend, OPTIONS)
        assert "--like " not in str(refusal.value.fix), "an option that this command does not have"
        assert before == hashes(backend)


@pytest.mark.slow
def test_a_hostile_old_graph_is_replaced_and_never_run(trained_run: Path, make_backend: Make, tmp_path: Path) -> None:
    backend, victim = make_backend(), tmp_path / "written"
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(tf.compat.v1.GraphDef.FromString((backend / GRAPH).read_bytes()), name="")
        answer = graph.get_tensor_by_name("final_result:0")
        with tf.control_dependencies([tf.io.write_file(str(victim), "owned")]):
            tf.identity(answer, name="final")
    (backend / GRAPH).write_bytes(graph.as_graph_def().SerializeToString())
    done = deliver_backend(trained_run, backend, OPTIONS)
    assert not victim.exists()
    assert done.compared is not None
    assert done.compared.old_right is None
    assert "WriteFile" in str(done.compared.why_not)


@pytest.mark.slow
def test_a_client_of_pixels_gets_its_names_and_its_range(trained_run: Path, make_backend: Make) -> None:
    backend = make_backend(b"red\ngreen\nblue\n")
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (1, 48, 48, 3), name="Placeholder")
        tf.nn.softmax(tf.matmul(tf.reduce_mean(image, (1, 2)), np.eye(3, dtype=np.float32)), name="scores")
    (backend / GRAPH).write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(InputError, match="range") as refusal:
        deliver_backend(trained_run, backend)
    assert "--value-range" in str(refusal.value)
    done = deliver_backend(trained_run, backend, BackendOptions(form=InputForm(value_range=(-1.0, 1.0))))
    assert done.compared is not None
    assert done.compared.old_right is not None
    definition = tf.compat.v1.GraphDef.FromString((backend / GRAPH).read_bytes())
    assert {"Placeholder", "scores"} <= {node.name for node in definition.node}


@pytest.mark.slow
@pytest.mark.parametrize(("format", "place"), [("saved_model", "saved_model"), ("h5", "models/model.h5")])
def test_other_formats_go_in_judged(judged_run: Path, tmp_path: Path, format: str, place: str) -> None:
    if format == "h5":  # of so small a network the .h5 is 0.4 % above the default budget of bytes
        judged_run = Path(shutil.copytree(judged_run, tmp_path / "run"))
        options = JudgeOptions(only=("h5",), budgets=read_budgets(options=("max_bytes=5MB",)))
        write_report(judge_run(judged_run, options), judged_run / "validation")
    backend, source = tmp_path / "service", {"saved_model": "saved_model", "h5": "model.h5"}[format]
    (backend / place).parent.mkdir(parents=True)
    (backend / LABELS).write_bytes(b"blue\ngreen\nred\n")
    if format == "h5":
        shutil.copyfile(judged_run / source, backend / place)
        with open(backend / place, "ab") as stream:
            stream.write(b"another by its bytes alone")
    else:
        shutil.copytree(judged_run / source, backend / "first")
        (backend / "first" / "note.txt").write_text("another by its bytes alone")
        (backend / place).symlink_to("first")
    before = sha256_of(backend / place)
    done = deliver_backend(judged_run, backend)
    assert done.compared is not None
    assert done.compared.old_right == done.compared.new_right
    assert sha256_of(judged_run / source) == sha256_of(backend / place)
    roll_back(backend)
    assert before == sha256_of(backend / place)


@pytest.mark.slow
def test_an_empty_backend_gets_graph_and_labels(judged_run: Path, tmp_path: Path) -> None:
    backend = tmp_path / "service"
    backend.mkdir()
    deliver_backend(judged_run, backend)
    assert b"blue\ngreen\nred\n" == (backend / LABELS).read_bytes()
    assert sha256_of(judged_run / GRAPH) == sha256_of(backend / GRAPH)
    roll_back(backend)
    assert not (backend / GRAPH).exists()


@pytest.mark.slow
def test_a_graph_that_was_not_judged_does_not_go_in(exported_run: Path, make_backend: Make, tmp_path: Path) -> None:
    run = Path(shutil.copytree(exported_run, tmp_path / "run"))
    backend = make_backend(b"blue\ngreen\nred\n")
    before = hashes(backend)
    with pytest.raises(InputError) as refusal:
        deliver_backend(run, backend)
    assert f"modelport validate {run}" in str(refusal.value.fix)
    assert before == hashes(backend)


@pytest.mark.slow
def test_a_graph_that_fails_a_budget_does_not_go_in(trained_run: Path, make_backend: Make) -> None:
    backend, budgets = make_backend(), read_budgets(options=("max_bytes=1000",))
    before = hashes(backend)
    with pytest.raises(JudgedAndFailed, match="made for this backend is not delivered"):
        deliver_backend(trained_run, backend, BackendOptions(aliases=OPTIONS.aliases, budgets=budgets))
    assert before == hashes(backend)


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    given = [sys.executable, "-P", "-m", "modelport", "deliver", "backend", *map(str, arguments)]
    return subprocess.run(given, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_command_tells_what_it_did_and_what_is_to_do(judged_run: Path, make_backend: Make) -> None:
    backend = make_backend(b"blue\ngreen\nred\n")
    done = command(judged_run, backend, "--old-is-broken")
    assert 0 == done.returncode, done.stderr
    for said in ("top-1 on", "old ", "delivered", "--rollback", "loads its model once: restart it"):
        assert said in done.stdout
    told = json.loads(command(judged_run, backend, "--overwrite", "--json").stdout)
    assert told["swapped"]["changed"] is False
    assert "restored" in command("--rollback", backend).stdout
    again = command("--rollback", backend)
    assert (2, "") == (again.returncode, again.stdout)
    assert again.stderr.startswith("Error: nothing to roll back to")


def test_options_that_do_not_go_together_are_usage_errors(tmp_path: Path) -> None:
    from click.testing import CliRunner
    from modelport.cli.main import cli

    def refused(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["deliver", "backend", *arguments])

    place = str(tmp_path)
    assert "two places are needed" in refused(place).output
    assert "--alias" in refused("--rollback", place, "--alias", "a=b").output
    given = ((), (place,), (place, place, place), ("--rollback", place, "--profile", "kaggle"))
    for arguments in (*given, (place, place, "--max-drop-points", "nan")):
        assert 2 == refused(*arguments).exit_code, arguments

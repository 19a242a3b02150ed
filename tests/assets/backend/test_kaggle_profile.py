"""colab_backend/models/: complete, and its recognizer answers with TensorFlow alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from modelport.assets.backend.kaggle_profile import fill_colab_backend
from modelport.contract.errors import InputError, UsageError
from modelport.contract.run.reference import read_reference


@pytest.fixture
def filled(judged_run: Path, tmp_path: Path) -> Path:
    return fill_colab_backend(judged_run, tmp_path / "project").folder


def test_the_folder_is_complete_and_names_no_path_of_this_machine(filled: Path, tmp_path: Path, dataset: Path) -> None:
    assert tmp_path / "project" / "colab_backend" / "models" == filled
    names = {"trained_model_graph.pb", "training_set_labels.txt", "contract.json", "recognizer.py", "delivery.json"}
    assert names == {path.name for path in filled.iterdir()}
    for name in ("contract.json", "delivery.json"):
        assert str(dataset) not in (filled / name).read_text()


def test_a_recognizer_that_was_edited_is_not_lost(filled: Path, judged_run: Path, tmp_path: Path) -> None:
    again = fill_colab_backend(judged_run, tmp_path / "project" / "colab_backend")
    assert ((), filled) == (again.written, again.folder)
    (filled / "recognizer.py").write_text("mine")
    with pytest.raises(UsageError, match=r"recognizer\.py"):
        fill_colab_backend(judged_run, tmp_path / "project")
    assert "mine" == (filled / "recognizer.py").read_text()


def test_a_run_without_a_graph_is_told_what_to_do(tiny_run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        fill_colab_backend(tiny_run, tmp_path)
    assert "modelport convert" in str(refusal.value.fix)


def recognizer(folder: Path, *images: str) -> subprocess.CompletedProcess[str]:
    """Run it where nothing of modelport is to be found."""
    command = [sys.executable, "-I", str(folder / "recognizer.py"), *images]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.slow
def test_the_recognizer_answers_as_the_reference_does(filled: Path, judged_run: Path, dataset: Path) -> None:
    reference = read_reference(judged_run / "reference.npz")
    files = [str(dataset / path) for path in reference.paths]
    labels = json.loads((filled / "contract.json").read_text())["heads"][0]["labels"]
    done = recognizer(filled, *files)
    assert 0 == done.returncode, done.stderr
    for line, file, row in zip(done.stdout.splitlines(), files, reference.predictions["label"], strict=True):
        name, first, *_ = line.split("  ")
        assert file == name
        assert labels[row.argmax()] == first.split()[0]
        assert float(first.split()[1]) == pytest.approx(row.max(), abs=1e-3)


@pytest.mark.slow
def test_its_own_check_passes_and_fails_where_labels_are_missing(filled: Path) -> None:
    done = recognizer(filled)
    assert done.stdout.startswith("ok: 3 labels, TensorFlow 2."), done.stderr
    (filled / "training_set_labels.txt").write_text("blue\nred\n")
    done = recognizer(filled)
    assert 1 == done.returncode
    assert "the graph answers 3 values, and there are 2 labels" in done.stderr

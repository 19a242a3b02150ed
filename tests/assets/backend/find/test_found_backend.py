"""What a service really loads: told by what lies there and by the names in its code, which is never run."""

from pathlib import Path

import pytest
from modelport.assets.backend.find.code_names import names_in_code
from modelport.assets.backend.find.found_backend import find_backend
from modelport.contract.errors import InputError, UsageError


def lay(root: Path, *paths: str, **texts: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        text = "a\nb\n" if path.endswith(".txt") else "model"
        (root / path).write_text(text)
    for name, text in texts.items():
        (root / f"{name}.py").write_text(text)
    return root


def test_the_incumbents_keras_model_is_what_is_swapped(tmp_path: Path) -> None:
    lay(tmp_path, "trained_model_graph.pb", "training_set_labels.txt", "models/model.keras")
    found = find_backend(tmp_path)
    assert ("models/model.keras", "keras", "training_set_labels.txt") == (found.model, found.format, found.labels)
    assert ("trained_model_graph.pb",) == found.passed_over


def test_swapping_the_graph_alone_is_refused_with_the_sentence(tmp_path: Path) -> None:
    lay(tmp_path, "trained_model_graph.pb", "training_set_labels.txt", "models/model.keras")
    sentence = (
        "the service prefers models/model.keras over trained_model_graph.pb: swapping the graph alone changes nothing"
    )
    with pytest.raises(InputError) as refusal:
        find_backend(tmp_path, format="frozen_graph")
    assert sentence == refusal.value.what
    stated = find_backend(tmp_path, format="frozen_graph", model="trained_model_graph.pb")
    assert "trained_model_graph.pb" == stated.model


@pytest.mark.parametrize(
    ("graph", "labels"),
    [
        ("trained_model_graph.pb", "training_set_labels.txt"),
        ("retrained_graph.pb", "retrained_labels.txt"),
        ("output_graph.pb", "output_labels.txt"),
    ],
)
def test_the_names_of_tensorflow_1_days_are_known(tmp_path: Path, graph: str, labels: str) -> None:
    found = find_backend(lay(tmp_path, graph, labels))
    assert (graph, "frozen_graph", labels) == (found.model, found.format, found.labels)


def test_preferred_labels_count_whatever_model_is_loaded(tmp_path: Path) -> None:
    lay(tmp_path, "trained_model_graph.pb", "training_set_labels.txt", "models/training_set_labels.txt")
    assert "models/training_set_labels.txt" == find_backend(tmp_path).labels
    (tmp_path / "models" / "training_set_labels.txt").write_text("b\na\n")
    with pytest.raises(InputError, match=r"prefers models/training_set_labels\.txt over training_set_labels\.txt"):
        find_backend(tmp_path)
    stated = find_backend(tmp_path, labels=tmp_path / "training_set_labels.txt")
    assert "training_set_labels.txt" == stated.labels


def test_labels_that_differ_in_line_ends_alone_are_the_same(tmp_path: Path) -> None:
    lay(tmp_path, "trained_model_graph.pb", "training_set_labels.txt", "models/training_set_labels.txt")
    (tmp_path / "models" / "training_set_labels.txt").write_bytes(b"a\r\nb\r\n")
    assert "models/training_set_labels.txt" == find_backend(tmp_path).labels


def test_labels_that_the_code_names_are_not_passed_over(tmp_path: Path) -> None:
    code = 'open("labels.txt"); load("trained_model_graph.pb")\n'
    lay(tmp_path, "trained_model_graph.pb", "training_set_labels.txt", "labels.txt", app=code)
    assert "training_set_labels.txt" == find_backend(tmp_path).labels
    (tmp_path / "labels.txt").write_text("b\na\n")
    with pytest.raises(
        InputError, match=r"app\.py names labels\.txt, and not training_set.*, and they differ"
    ) as refusal:
        find_backend(tmp_path)
    assert f"--like-labels {tmp_path / 'labels.txt'}" in str(refusal.value.fix)
    assert "labels.txt" == find_backend(tmp_path, labels=tmp_path / "labels.txt").labels


def test_a_third_labels_file_that_differs_is_said_too(tmp_path: Path) -> None:
    both = ("models/training_set_labels.txt", "training_set_labels.txt")
    lay(tmp_path, "trained_model_graph.pb", *both, "output_labels.txt")
    (tmp_path / "output_labels.txt").write_text("b\na\n")
    with pytest.raises(InputError, match=r"over output_labels\.txt, and they differ"):
        find_backend(tmp_path)


def test_code_that_names_the_graph_alone_is_not_overruled_by_a_keras_model(tmp_path: Path) -> None:
    both = ("trained_model_graph.pb", "models/model.keras")
    lay(tmp_path, *both, "training_set_labels.txt", app='load("trained_model_graph.pb")\n')
    with pytest.raises(
        InputError, match=r"app\.py names trained_model_graph\.pb, and models/model\.keras lies"
    ) as refusal:
        find_backend(tmp_path)
    assert "--model-file trained_model_graph.pb" in str(refusal.value.fix)
    assert "trained_model_graph.pb" == find_backend(tmp_path, model="trained_model_graph.pb").model
    (tmp_path / "app.py").write_text('load("trained_model_graph.pb", "model.keras")\n')
    assert "models/model.keras" == find_backend(tmp_path).model


def test_a_model_that_the_code_names_and_nobody_knows_is_not_guessed(tmp_path: Path) -> None:
    lay(tmp_path, "asl.pb", "trained_model_graph.pb", app='GRAPH = os.path.join("x", "asl.pb")\n')
    with pytest.raises(InputError, match="names a model that modelport does not know") as refusal:
        find_backend(tmp_path)
    assert "--model-file asl.pb" in str(refusal.value.fix)
    assert "asl.pb" == find_backend(tmp_path, model="asl.pb").model


def test_names_that_are_not_swapped_are_reported_and_code_is_not_run(tmp_path: Path) -> None:
    code = 'open("ran", "w")\nA = "trained_model_graph.pb"; B = \'models/second.tflite\'\n"labels_v2.txt"\n'
    lay(tmp_path, "trained_model_graph.pb", "training_set_labels.txt", "models/second.tflite", app=code)
    found = {one.name: one.is_there for one in find_backend(tmp_path).named}
    assert {"second.tflite": True, "labels_v2.txt": False} == found
    assert not (tmp_path / "ran").exists()


def test_other_peoples_code_is_passed_by(tmp_path: Path) -> None:
    for folder in ("venv/lib", "node_modules", ".git", "a/site-packages"):
        lay(tmp_path, f"{folder}/x.py")
        (tmp_path / folder / "x.py").write_text('"model.pb"')
    (tmp_path / "broken.py").write_bytes(b"\xff\xfe 'other.pb' \x00")
    assert ["other.pb"] == [one.name for one in names_in_code(tmp_path)]


def test_a_backend_without_a_model_gets_the_first_place(tmp_path: Path) -> None:
    found = find_backend(tmp_path)
    assert ("trained_model_graph.pb", True, None) == (found.model, found.is_new, found.labels)
    assert "models/model.keras" == find_backend(tmp_path, format="keras").model


@pytest.mark.parametrize(("model", "format"), [("../x.pb", None), ("/x.pb", None), ("x.pkl", None), ("x.pb", "keras")])
def test_a_stated_model_lies_in_the_backend_and_is_of_its_format(
    tmp_path: Path, model: str, format: str | None
) -> None:
    with pytest.raises(UsageError):
        find_backend(tmp_path, model=model, format=format)


def test_a_run_folder_is_no_backend(tmp_path: Path) -> None:
    """Its own model.keras would be taken for what a service loads, and replaced."""
    lay(tmp_path, "model.keras", "training_set_labels.txt", "contract.json", "artifacts.json")
    with pytest.raises(UsageError, match="run folder"):
        find_backend(tmp_path)

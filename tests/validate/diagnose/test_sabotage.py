"""Artifacts that were broken on purpose, sound ones, and other people's models: as benchmarks/sabotage.py has them."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "data"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:You are saving")]


@pytest.fixture(scope="module")
def bench() -> Any:
    """Return the modules of the benchmark, which lie in no package."""
    pytest.importorskip("tensorflow", reason="models are trained and exported with the extra [tensorflow]")
    if not SHARED.is_dir():
        pytest.skip(f"no shared data at {SHARED}")
    sys.path.insert(0, str(ROOT / "benchmarks"))
    names = {"sabotage": "sabotage", "models": "sabotage_models", "foreign": "foreign_models"}
    yield {key: importlib.import_module(name) for key, name in names.items()}
    sys.path.remove(str(ROOT / "benchmarks"))


@pytest.fixture(scope="module")
def signs(bench: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small CNN that knows photos of signs; a model and data that the detectors were not written with."""
    run: Path = bench["models"].signs_run(SHARED / "sign_digits", tmp_path_factory.mktemp("signs"))
    return run


def test_every_sabotage_fails_and_is_named(bench: Any, signs: Path, tmp_path: Path) -> None:
    judged = bench["sabotage"].judge_sabotages(signs, tmp_path / "broken", bench["sabotage"].sabotages(10))
    for one in judged:
        print(one.sabotage.name, one.outcome.verdict, one.sentence)
    assert ["fail"] * len(judged) == [str(one.outcome.verdict) for one in judged]
    assert [] == [one.sabotage.name for one in judged if one.sabotage.said not in one.sentence]


def test_a_sound_artifact_is_accused_of_nothing(bench: Any, signs: Path) -> None:
    """Against a budget that none holds, so that every detector is asked."""
    found = list(bench["sabotage"].judge_healthy([signs]))
    assert len(found) >= 6
    assert {} == {outcome.artifact.path: said for _, outcome, said in found if said}


def test_labels_of_another_order_fail_other_peoples_models(bench: Any, tmp_path: Path) -> None:
    rows = {row[0]: row for row in bench["foreign"].foreign_table(SHARED, tmp_path)}
    for row in rows.values():
        print(*row, sep=" | ")
    assert 7 == len(rows)
    for name in ("default_1", "metadata_1"):
        _, _, right, wrong, sentence = rows[f"tflite_support/mobilenet_v1_0.25_224_1_{name}.tflite"]
        assert ("pass", "fail") == (right, wrong)
        assert "labels are in another order (shifted by one)" in sentence
    assert "labels inside the file" in rows["tflite_support/mobilenet_v1_0.25_224_1_metadata_1.tflite"][4]

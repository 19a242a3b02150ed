"""Budgets of one head: how they are written, which one counts, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import UsageError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.contract.run.artifacts import Artifact
from modelport.validate.budgets.budgets import BudgetBook, has_floor
from modelport.validate.budgets.file import read_budgets
from modelport.validate.findings.verdict import Verdict
from modelport.validate.rules.score_rules import judge_scores
from modelport.validate.scores.head_scores import Accuracy, ClassificationScores, HeadScores, RegressionScores

_CONTRACT = ModelContract(
    pixels=PixelContract(),
    heads=(
        ClassificationHead(name="emotion", labels=("glad", "sad")),
        ClassificationHead(name="gender_v2", labels=("f", "m")),
        RegressionHead(name="age", unit="years"),
    ),
    parameters=1,
    provenance=Provenance(run_id="r", model_sha256="m"),
)
_ARTIFACT = Artifact(
    path="model.full_int8.tflite", format="tflite", recipe="full_int8", size_bytes=1, sha256="", parent_sha256="m"
)


def _book(tmp_path: Path, text: str, *options: str) -> BudgetBook:
    file = tmp_path / "budgets.toml"
    file.write_text(text)
    return read_budgets(file, options)


def _values(book: BudgetBook) -> dict[str, Any]:
    found = book.of_artifact(_ARTIFACT, _CONTRACT)
    return {key: budget.value for key, budget in found.items() if budget.source not in ("default", "contract.json")}


def test_a_table_of_a_head_is_read_in_every_section(tmp_path: Path) -> None:
    book = _book(
        tmp_path,
        """
        [budgets.heads.emotion]
        min_top1 = 0.78
        [budgets.full_int8.heads.age]
        max_mae = 4
        [budgets."model.full_int8.tflite".heads."gender_v2"]
        min_class_recall = 0.8
        """,
    )
    assert _values(book) == {
        "heads.emotion.min_top1": 0.78,
        "heads.age.max_mae": 4.0,
        "heads.gender_v2.min_class_recall": 0.8,
    }
    assert (book.named_kinds, book.named_paths) == (("full_int8",), ("model.full_int8.tflite",))


def test_the_more_specific_section_wins_for_a_head_as_for_all(tmp_path: Path) -> None:
    text = "[budgets.heads.emotion]\nmin_top1 = 0.7\n[budgets.tflite.heads.emotion]\nmin_top1 = 0.8\n"
    assert _values(_book(tmp_path, text)) == {"heads.emotion.min_top1": 0.8}


def test_an_option_sets_one_head_and_an_option_for_all_heads_beats_the_file(tmp_path: Path) -> None:
    text = "[budgets.heads.emotion]\nmin_top1 = 0.7\n"
    assert _values(_book(tmp_path, text, "heads.emotion.min_top1=0.9")) == {"heads.emotion.min_top1": 0.9}
    assert _values(_book(tmp_path, text, "min_top1=0.6")) == {"min_top1": 0.6}
    both = _values(_book(tmp_path, text, "min_top1=0.6", "heads.gender_v2.min_top1=0.5"))
    assert both == {"min_top1": 0.6, "heads.gender_v2.min_top1": 0.5}


def test_a_budget_for_all_heads_is_gone_once_each_has_its_own(tmp_path: Path) -> None:
    """Else it would be reported as held against nothing."""
    heads = '[budgets.heads.emotion]\nmin_top1 = 0.7\n[budgets.heads."gender_v2"]\nmin_top1 = 0.9\n'
    assert "min_top1" not in _values(_book(tmp_path, f"[budgets]\nmin_top1 = 0.1\n{heads}"))
    assert "min_top1" in _values(_book(tmp_path, "[budgets]\nmin_top1 = 0.1\n[budgets.heads.emotion]\nmin_top1 = 0.7"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[budgets.heads.emotions]\nmin_top1 = 1", "unknown head 'emotions', did you mean 'emotion'"),
        ("[budgets.full_int8.heads.emotions]\nmin_top1 = 1", "unknown head 'emotions', did you mean 'emotion'"),
        ("[budgets.onnx.heads.emotions]\nmin_top1 = 1", "unknown head 'emotions'"),
        ('[budgets."absent.onnx".heads.age]\nmin_top1 = 1', "min_top1 is not about a regression"),
        ("[budgets.heads.age]\nmin_top1 = 1", "min_top1 is not about a regression"),
        ("[budgets.heads.emotion]\nmax_mae = 1", "max_mae is not about a classification"),
        ("[budgets.heads.emotion]\nmin_topl = 1", "unknown budget of a head 'min_topl', did you mean"),
        ("[budgets.heads.emotion]\nmax_bytes = 1", "unknown budget of a head 'max_bytes'"),
        ("[budgets.heads.emotion]\nmin_top1 = 78", r"\[budgets\.heads\.emotion\] min_top1"),
        ("[budgets.heads]\nmin_top1 = 0.9", "budgets of heads are not tables"),
        ("[budgets]\nheads = 3", "budgets of heads are not tables"),
        ("[budgets.head.emotion]\nmin_top1 = 1", "unknown section 'head', did you mean 'heads'"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _book(tmp_path, text).check(_CONTRACT, [_ARTIFACT])


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("heads.emotion.min_topl=1", "unknown budget of a head"),
        ("heads.emotion=1", "unknown budget of a head"),
        ("heads.age.min_top1=1", "not about a regression"),
        ("heads.nobody.min_top1=1", "unknown head 'nobody'"),
    ],
)
def test_options_of_heads_are_refused_alike(option: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_budgets(options=(option,)).check(_CONTRACT, [_ARTIFACT])


def test_each_head_is_judged_by_its_own_budget_and_the_finding_has_its_key(tmp_path: Path) -> None:
    text = "[budgets]\nmin_top1 = 0.9\n[budgets.heads.emotion]\nmin_top1 = 0.7\n[budgets.heads.age]\nmax_mae = 3\n"
    budgets = _book(tmp_path, text).of_artifact(_ARTIFACT, _CONTRACT)
    accuracy = Accuracy(n=10, top1_fraction=0.8, top1_interval=(0.5, 0.95), top3_fraction=1.0)
    heads: list[HeadScores] = [
        ClassificationScores(head=name, n=10, not_finite=(), accuracy=accuracy, parity=None)
        for name in ("emotion", "gender_v2")
    ]
    age = RegressionScores(
        head="age", unit="years", n=10, not_finite=(), mae=3.5, reference_mae=3.5, max_value_difference=0.0
    )
    found = [finding for scores in [*heads, age] for finding in judge_scores(scores, budgets, "pixels")]
    judged = {(f.head, f.key): f.verdict for f in found if "top1" in f.key or "mae" in f.key}
    assert judged == {
        ("emotion", "heads.emotion.min_top1"): Verdict.PASS,
        ("gender_v2", "min_top1"): Verdict.FAIL,
        ("age", "heads.age.max_mae"): Verdict.FAIL,
    }


def test_a_floor_of_one_head_is_a_floor() -> None:
    assert has_floor(["heads.age.max_mae"])
    assert has_floor(["max_bytes", "min_class_recall"])
    assert not has_floor(["max_bytes", "heads.emotion.max_drop_points"])

"""Artifacts of an earlier modelport.toml lie in the run still: they are not judged, chosen or delivered."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.archive import deliver_archive
from modelport.assets.ship.engine.record import RECORD, ShipRecord, StepEntry
from modelport.assets.ship.engine.step import Shipping, Turn
from modelport.assets.ship.plan.read_file import read_ship_file
from modelport.assets.ship.steps.artifacts import artifact_rows
from modelport.assets.ship.steps.asked import is_asked_for, not_asked_for
from modelport.assets.ship.steps.deliver import delivery_steps
from modelport.assets.ship.steps.export import choose_inputs, choose_tflite_file, validate_run
from modelport.contract.errors import InputError
from modelport.contract.files.atomic_write import write_json
from modelport.contract.narration import Silent
from modelport.contract.run.artifacts import Artifact
from modelport.contract.run.run_folder import RunFolder
from modelport.validate import judge

from ...conftest import Paper

FILE = '[data]\nimages = "photos"\n[convert]\nformats = ["tflite"]\n[deliver.archive]\ntarget = "release.zip"\n'
FLOAT32, FLOAT16 = "model.float32.tflite", "model.float16.tflite"


@pytest.fixture
def shipping(tmp_path: Path, paper_run: Callable[..., RunFolder]) -> Shipping:
    """A run with a float16 file that the file asked for once, and asks for no more; the report leaves it out."""
    run = paper_run(Paper(FLOAT32, "float32", 30), Paper(FLOAT16, "float16", 15))
    file = tmp_path / "modelport.toml"
    file.write_text(f"{FILE}[quantize]\nrecipes = []\n")
    (tmp_path / "photos").mkdir()
    (tmp_path / "project").mkdir()
    run.root.rename(tmp_path / "project" / "run")
    plan = replace(read_ship_file(file), work=tmp_path / "project")
    report = json.loads((RunFolder(plan.run).validation / "report.json").read_text())
    report["artifacts"] = [one for one in report["artifacts"] if one["path"] != FLOAT16]
    report["settings"]["left_out"] = [FLOAT16]
    write_json(RunFolder(plan.run).validation / "report.json", report)
    write_json(RunFolder(plan.run).evaluation, {"run_id": "paper", "test_accuracy": 0.95})
    return Shipping(plan=plan, narrator=Silent())


def artifact(format: str, recipe: str) -> Artifact:
    return Artifact(path="a", format=format, recipe=recipe, size_bytes=1, sha256="", parent_sha256="")


def test_what_the_file_asks_for(shipping: Shipping) -> None:
    plan = replace(shipping.plan, formats=("tfjs",), recipes=("float16",))
    asked = [("tflite", "float16"), ("tfjs", "weight_int8"), ("tfjs", "float16")]
    assert all(is_asked_for(plan, artifact(*one)) for one in asked)
    others = [("tflite", "float32"), ("tflite", "full_int8"), ("onnx", "float32")]
    assert not any(is_asked_for(plan, artifact(*one)) for one in others)
    assert [FLOAT16] == not_asked_for(shipping)


def test_it_counts_among_the_inputs_of_what_follows(shipping: Shipping) -> None:
    asked = replace(shipping, plan=replace(shipping.plan, recipes=("float16",)))
    (step,) = delivery_steps(shipping)
    assert [FLOAT16] == choose_inputs(shipping)["not asked for"] == step.inputs(shipping)["not asked for"]
    assert choose_inputs(asked)["not asked for"] is None


def test_it_is_not_judged(shipping: Shipping, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(Exception): ...

    seen: list[Any] = []

    def judged(run: Path, options: Any, **_: Any) -> None:
        seen.append(options.only)
        raise Stopped

    monkeypatch.setattr(judge, "judge_run", judged)
    for plan in (shipping.plan, replace(shipping.plan, recipes=("float16",))):
        with pytest.raises(Stopped):
            validate_run(replace(shipping, plan=plan), Turn())
    assert [(FLOAT32,), ()] == seen


def test_it_is_not_chosen(shipping: Shipping) -> None:
    choose_tflite_file(shipping, Turn())
    run = shipping.run.root
    assert (run / FLOAT32).read_bytes() == (run / "model.tflite").read_bytes()


def test_it_is_not_put_into_the_archive(shipping: Shipping, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(Exception): ...

    seen: list[tuple[str, ...]] = []

    def delivered(run: Path, target: Path, options: Any, **_: Any) -> None:
        seen.append(options.include)
        raise Stopped

    monkeypatch.setattr(deliver_archive, "deliver_archive", delivered)
    (one,) = shipping.plan.deliveries
    for include, recipes in (((), ()), (("tflite",), ()), ((), ("float16",)), (("float16",), ("float16",))):
        other = replace(one, options={**one.options, "include": include})
        asked = replace(shipping, plan=replace(shipping.plan, deliveries=(other,), recipes=recipes))
        with pytest.raises(Stopped):
            delivery_steps(asked)[0].act(asked, Turn())
    assert [(FLOAT32,), (FLOAT32,), (), ("float16",)] == seen


@pytest.mark.parametrize("is_within", [None, False])
def test_the_only_one_that_is_asked_for_is_not_left_out_in_silence(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch, is_within: bool | None
) -> None:
    """Undecided, in an older report or beyond its budget: the archive is asked for it, refuses it and says why."""
    path = shipping.run.validation / "report.json"
    report = json.loads(path.read_text())
    report["artifacts"][0] |= {"verdict": "undecided", "is_within": is_within}
    report["artifacts"][0]["findings"][1]["verdict"] = "undecided"
    if is_within is None:
        del report["artifacts"][0]["is_within"]
    write_json(path, report)
    seen: list[tuple[str, ...]] = []

    def delivered(run: Path, target: Path, options: Any, **_: Any) -> None:
        seen.append(options.include)
        raise InputError("refused")

    monkeypatch.setattr(deliver_archive, "deliver_archive", delivered)
    with pytest.raises(InputError, match="refused"):
        delivery_steps(shipping)[0].act(shipping, Turn())
    assert [(FLOAT32,)] == seen


def test_the_table_says_what_was_delivered_by_content(shipping: Shipping) -> None:
    """After another training a path is another file, and the old one is what lies in the archive."""
    now = {one.path: one.sha256 for one in shipping.run.read_lock().artifacts}

    def rows(artifacts: dict[str, str]) -> list[tuple[str, str, tuple[str, ...]]]:
        entry = StepEntry(inputs={"artifacts": artifacts}, done=True, facts={"artifacts": [FLOAT32]})
        record = ShipRecord(path=shipping.plan.work / RECORD, steps={"deliver.archive": entry})
        return [(row.path, row.verdict[:13], row.delivered) for row in artifact_rows(shipping.plan, record)]

    left = (FLOAT16, "not asked for", ())
    assert [("pass: top-1 9", ("archive",)), left[1:]] == [row[1:] for row in rows(now)]
    assert [(FLOAT32, "pass: top-1 9", ()), left] == rows(now | {FLOAT32: "0" * 64})

"""Answers of an earlier judgement are taken if nothing changed that decides about them, and never otherwise."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from modelport.cli.main import cli
from modelport.contract.model_contract.model_contract import write_contract
from modelport.runtimes.process.limits import Limits
from modelport.runtimes.workers.driver_registry import package_versions
from modelport.runtimes.workers.workers import Workers
from modelport.validate import judge_all
from modelport.validate.answers import answer_cache, answer_key
from modelport.validate.budgets.budgets import BudgetBook
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from PIL import Image


class Judging:
    """Judges one run with one cache, and counts what was opened."""

    def __init__(self, run: Any, cache: Path) -> None:
        self.run, self.cache, self.opened = run, cache, list[str]()

    def __call__(self, **options: Any) -> Any:
        self.opened.clear()
        with Workers() as workers:

            @contextmanager
            def opener(path: Path, *args: Any, **how: Any) -> Iterator[Any]:
                self.opened.append(path.name)
                with workers.open(path, *args, **how) as session:
                    yield session

            how: dict[str, Any] = {"cache": self.cache, "limits": Limits(threads=1)} | options
            return judge_run(self.run.root, JudgeOptions(**how), opener=opener)

    @property
    def files(self) -> list[Path]:
        return sorted(self.cache.glob("*.npz"))


@pytest.fixture
def judging(make_run: Any, tmp_path: Path) -> Judging:
    """A run of one good file that has been judged once."""
    run = make_run()
    run.export()
    made = Judging(run, tmp_path / "cache")
    assert made().outcomes[0].verdict is Verdict.PASS
    assert made.opened == ["model.onnx"]
    return made


def content(report: Any) -> dict[str, Any]:
    value: dict[str, Any] = report.to_json()
    return {key: value[key] for key in value if key not in ("created", "notes")}


def test_the_second_time_nothing_is_opened_and_the_report_is_the_same_but_for_a_note(judging: Judging) -> None:
    fresh = judging(cache=None)
    assert judging.opened == ["model.onnx"]
    again = judging()
    assert judging.opened == []
    assert content(fresh) == content(again)
    (note,) = set(again.notes) - set(fresh.notes)
    date = again.outcomes[0].answers_made
    assert note.startswith(f"Answers of {date} reused: model.onnx.")


def test_budgets_are_applied_anew(judging: Judging) -> None:
    report = judging(budgets=BudgetBook(options={"max_bytes": 1}))
    assert (judging.opened, report.outcomes[0].verdict) == ([], Verdict.FAIL)


def _other_bytes(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = judging.run.root / "model.onnx"
    path.write_bytes(path.read_bytes() + b"\x00")  # the lock says still what it said


def _other_image(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = judging.run.dataset / "test/red/000.png"
    image = np.asarray(Image.open(path)).copy()
    image[0, 0] += 1
    Image.fromarray(image).save(path)


def _other_order(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    red = judging.run.dataset / "test/red"
    (red / "000.png").rename(red / "zzz.png")


def _other_decoder(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelport.validate.answers.image_stream.sha256_of_pixels", lambda image: f"{image.sum()}")


def _other_reference(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made.write_reference_of(judging.run, sorted((judging.run.dataset / "test").rglob("*.png"))[:11])


def _no_reference(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (judging.run.root / "reference.npz").unlink()


def _other_contract(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = judging.run.contract
    pixels = replace(contract.pixels, value_range=(-1.0, 1.0))
    write_contract(judging.run.root / "contract.json", replace(contract, pixels=pixels))


def _other_version(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_all, "package_versions", lambda asked: package_versions(asked) | {"onnxruntime": "0.0"})


def _other_code(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_key, "code_sha256", lambda: "of another modelport")


def _other_machine(judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_key, "_machine", lambda: ["another processor"])


@pytest.mark.parametrize(
    "change",
    [
        *(_other_bytes, _other_image, _other_order, _other_decoder, _other_reference, _no_reference),
        *(_other_contract, _other_version, _other_code, _other_machine),
    ],
    ids=lambda change: change.__name__.strip("_"),
)
def test_what_decides_about_answers_makes_them_be_asked_again(
    judging: Judging, made: Any, monkeypatch: pytest.MonkeyPatch, change: Callable[..., None]
) -> None:
    change(judging, made, monkeypatch)
    report = judging()
    assert judging.opened[:1] == ["model.onnx"]
    assert report.outcomes[0].answers_made is None


@pytest.mark.parametrize(
    "limits", [Limits(threads=2), Limits(threads=1, seconds=60), Limits(threads=1, memory_mb=2048)]
)
def test_other_limits_are_other_circumstances(judging: Judging, limits: Limits) -> None:
    judging(limits=limits)
    assert judging.opened == ["model.onnx"]


def test_another_interpreter_is_another_key(judging: Judging, tmp_path: Path) -> None:
    where = answer_key.Circumstances(limits=Limits(), tools={}, python="one", reference=tmp_path)
    bench = judge_bench(judging)
    (artifact,) = judging.run.artifacts
    assert answer_key.answer_key(artifact, bench, where) == answer_key.answer_key(artifact, bench, where)
    other = replace(where, python="two")
    assert answer_key.answer_key(artifact, bench, where) != answer_key.answer_key(artifact, bench, other)


def judge_bench(judging: Judging) -> Any:
    """Return the bench of a judgement."""
    seen: list[Any] = []

    def look(artifacts: Any, bench: Any, *rest: Any) -> dict[str, Any]:
        seen.append(bench)
        return {}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge_all, "measure_costs", look)
        judging(cache=None)
    return seen[0]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def _no_archive(path: Path) -> None:
    path.write_bytes(b"not an archive")


def _rewrite(path: Path, **changes: Any) -> None:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    with path.open("wb") as stream:
        np.savez(stream, **{name: value for name, value in (arrays | changes).items() if value is not None})


def _pickled(path: Path) -> None:
    _rewrite(path, **{"pixels/label": np.array([[{}] * 3] * 15, dtype=object)})


def _other_key(path: Path) -> None:
    _rewrite(path, key=np.frombuffer(b"{}", np.uint8))


def _fewer_answers(path: Path) -> None:
    _rewrite(path, **{"pixels/label": np.zeros((14, 3), np.float32)})


def _texts(path: Path) -> None:
    _rewrite(path, **{"pixels/label": np.full((15, 3), "right")})


def _no_answers(path: Path) -> None:
    _rewrite(path, **{"pixels/label": None})


def _no_description(path: Path) -> None:
    _rewrite(path, description=np.frombuffer(b'{"runtime": "mine"}', np.uint8))


@pytest.mark.parametrize(
    "damage",
    [_cut, _no_archive, _pickled, _other_key, _fewer_answers, _texts, _no_answers, _no_description],
    ids=lambda damage: damage.__name__.strip("_"),
)
def test_a_damaged_or_foreign_file_is_not_used_and_said(judging: Judging, damage: Callable[[Path], None]) -> None:
    (path,) = judging.files
    damage(path)
    report = judging()
    assert judging.opened == ["model.onnx"]
    assert report.outcomes[0].verdict is Verdict.PASS
    assert any(note.startswith(f"Not used: {path}") for note in report.notes)
    judging()
    assert judging.opened == []  # what was asked again took its place


def test_a_file_that_unpacks_to_too_much_is_not_read(judging: Judging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_cache, "MOST_BYTES", 100)
    assert any("at most 100" in note for note in judging().notes)
    assert judging.opened == ["model.onnx"]


def test_a_folder_that_cannot_be_written_is_said_and_changes_no_verdict(judging: Judging, tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("a file")
    report = judging(cache=tmp_path / "in the way" / "cache")
    assert report.outcomes[0].verdict is Verdict.PASS
    assert any(note.startswith("Answers were not kept") for note in report.notes)


def test_what_failed_to_answer_is_asked_again(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    path = run.export()
    path.write_bytes(path.read_bytes()[:-40])
    judging = Judging(run, tmp_path / "cache")
    for _ in range(2):
        assert judging().outcomes[0].verdict is Verdict.FAIL
        assert (judging.opened, judging.files) == (["model.onnx"], [])


def test_a_file_that_is_replaced_while_it_is_asked_is_not_kept_under_either_hash(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    path = run.export()
    with Workers() as workers:

        @contextmanager
        def opener(*args: Any, **how: Any) -> Iterator[Any]:
            with workers.open(*args, **how) as session:
                path.write_bytes(path.read_bytes() + b"\x00")
                yield session

        judge_run(run.root, JudgeOptions(cache=tmp_path / "cache"), opener=opener)
    assert list((tmp_path / "cache").glob("*.npz")) == []


def test_the_oldest_files_go_when_all_together_are_too_large(judging: Judging, monkeypatch: pytest.MonkeyPatch) -> None:
    (old,) = judging.files
    monkeypatch.setattr(answer_cache, "MOST_BYTES_TOGETHER", old.stat().st_size + 1)
    judging(limits=Limits(threads=2))
    (new,) = judging.files
    assert new != old


def test_nothing_is_kept_in_what_is_judged_and_the_command_keeps_unless_told(make_run: Any, own_answers: Path) -> None:
    run = make_run()
    run.export()
    before = sorted(run.root.rglob("*"))
    report = run.root.parent / "report"
    command = ["validate", str(run.root), "--report", str(report)]

    def notes(*more: str) -> str:
        assert CliRunner().invoke(cli, [*command, *more], prog_name="modelport").exit_code == 0
        return " ".join(json.loads((report / "report.json").read_text())["notes"])

    assert "reused" not in notes("--no-cache")
    assert list(own_answers.rglob("*.npz")) == []
    assert "reused" not in notes()
    assert len(list((own_answers / "answers").glob("*.npz"))) == 1
    assert "reused: model.onnx" in notes()
    assert "reused" not in notes("--no-cache")
    assert sorted(run.root.rglob("*")) == before
    shutil.rmtree(own_answers)

"""Recording in the lock what judgements in several runtimes say; the judgements are made by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.judged import try_runtimes as stage
from modelport.assets.judged.try_runtimes import Tried, TryOptions, exit_code, try_runtimes
from modelport.contract.errors import UsageError
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.artifacts import Artifact
from modelport.contract.run.lock import Lock, read_lock, write_lock
from modelport.runtimes.facts.description import Description
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.judge import JudgeOptions
from modelport.validate.report.report import Report

OLD, NEW = "tflite-runtime==2.14.0", "tensorflow==2.18.0"
SERVES = (Finding(key="finite", verdict=Verdict.PASS, sentence="", door="pixels"),)
REFUSES = (Finding(key="runtime", verdict=Verdict.FAIL, sentence="no such operator"),)
ABSENT = (Finding(key="runtime", verdict=Verdict.NOT_JUDGED, sentence="not installed"),)
EDITED = (Finding(key="sha256", verdict=Verdict.FAIL, sentence="changed"), *SERVES)
FILE = Artifact(path="model.tflite", format="tflite", recipe="float32", size_bytes=1, sha256="00", parent_sha256="11")

Try = Callable[[dict[str | None, tuple[Finding, ...]]], tuple[Tried, ...]]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder with a lock of one artifact, which nothing opens."""
    (tmp_path / "model.keras").write_bytes(b"stands for the Keras model")
    provenance = Provenance(run_id="run", model_sha256=sha256_of_file(tmp_path / "model.keras"))
    heads = (ClassificationHead(name="label", labels=("a", "b")),)
    contract = ModelContract(pixels=PixelContract(), heads=heads, parameters=1, provenance=provenance)
    write_contract(tmp_path / "contract.json", contract)
    write_labels(tmp_path / "training_set_labels.txt", ("a", "b"))
    write_lock(tmp_path / "artifacts.json", Lock(run_id="run", model_sha256=provenance.model_sha256, artifacts=(FILE,)))
    return tmp_path


@pytest.fixture
def try_in(run: Path, monkeypatch: pytest.MonkeyPatch) -> Try:
    """Return a function that tries the run in runtimes, given what the judge finds in each; None: this Python."""

    def attempt(found: dict[str | None, tuple[Finding, ...]]) -> tuple[Tried, ...]:
        def judge(root: Path, options: JudgeOptions, **_: Any) -> Report:
            (artifact,) = read_lock(root / "artifacts.json").artifacts
            findings = found[None if options.runtime is None else str(options.runtime)]
            name = "ai-edge-litert 2.3.0" if options.runtime is None else str(options.runtime).replace("==", " ")
            is_open = findings in (SERVES, EDITED)
            description = Description(runtime=name, inputs=(), outputs=()) if is_open else None
            outcome = Outcome(artifact=artifact, findings=findings, description=description)
            return Report(
                run_id="run", model_sha256="11", created="", n=1, images="", budgets_file=None, only=(), left_out=(),
                strict=False, reference=None, notes=(), outcomes=(outcome,), tools={},
            )  # fmt: skip

        monkeypatch.setattr(stage, "judge_run", judge)
        monkeypatch.setattr(stage, "interpreter_of", lambda runtime, narrator: Path(runtime))
        return try_runtimes(run, TryOptions(runtimes=tuple(filter(None, found))))

    return attempt


def oldest(run: Path) -> str | None:
    return read_lock(run / "artifacts.json").artifacts[0].oldest_runtime


def test_the_lock_names_the_oldest_that_serves_and_each_report_is_kept(try_in: Try, run: Path) -> None:
    (tried,) = try_in({None: SERVES, OLD: SERVES, NEW: SERVES})
    assert "tflite-runtime 2.14.0" == oldest(run) == tried.artifact.oldest_runtime
    assert 0 == exit_code((tried,))
    reports = {path.parent.name for path in (run / "validation" / "runtimes").glob("*/report.json")}
    assert {"here", OLD, NEW} == reports
    said = json.loads(json.dumps(tried.to_json()))
    assert {"here", OLD, NEW} == set(said["trials"])
    assert "tflite-runtime 2.14.0" == said["oldest_runtime"]


def test_one_that_refuses_is_not_named_and_the_exit_code_says_so(try_in: Try, run: Path) -> None:
    tried = try_in({None: SERVES, OLD: REFUSES, NEW: SERVES})
    assert "tensorflow 2.18.0" == oldest(run)
    assert 1 == exit_code(tried)


def test_a_runtime_that_could_judge_nothing_is_no_success(try_in: Try, run: Path) -> None:
    tried = try_in({None: SERVES, NEW: ABSENT})
    assert "ai-edge-litert 2.3.0" == oldest(run)
    assert 1 == exit_code(tried)


def test_a_record_stays_until_that_runtime_is_tried_again_and_refuses(try_in: Try, run: Path) -> None:
    try_in({None: SERVES, OLD: SERVES})
    try_in({None: SERVES, NEW: SERVES})
    assert "tflite-runtime 2.14.0" == oldest(run)
    try_in({None: SERVES, OLD: REFUSES})
    assert "ai-edge-litert 2.3.0" == oldest(run)


def test_a_file_that_is_not_the_locks_changes_nothing(try_in: Try, run: Path) -> None:
    try_in({None: SERVES, NEW: SERVES})
    try_in({None: EDITED, OLD: EDITED})
    assert "tensorflow 2.18.0" == oldest(run)


def test_an_artifact_that_is_exported_anew_forgets(try_in: Try, run: Path) -> None:
    try_in({None: SERVES, OLD: SERVES})
    lock = read_lock(run / "artifacts.json")
    write_lock(run / "artifacts.json", lock.with_artifact(replace(FILE, sha256="22")))
    assert oldest(run) is None


@pytest.mark.parametrize("names", [(OLD, OLD), ("here",)])
def test_a_runtime_named_twice_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="named twice"):
        TryOptions(runtimes=names)

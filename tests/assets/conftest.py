"""The demo, run once for all tests that look at its run; and runs whose report is written by hand."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.files.atomic_write import write_json
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.artifacts import Artifact, describe_artifact
from modelport.contract.run.lock import Lock, write_lock
from modelport.contract.run.run_folder import RunFolder


@dataclass(frozen=True)
class Demo:
    """A finished demo: where it ran, and what it printed."""

    folder: Path
    stdout: str
    stderr: str

    @property
    def run(self) -> Path:
        return self.folder / "run"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("empty")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "modelport", "demo", "demo"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Demo(folder / "demo", done.stdout, done.stderr)


@dataclass(frozen=True)
class Paper:
    """One artifact of a run on paper: `size` bytes of nothing, and what a report says of it."""

    path: str
    recipe: str
    size: int
    verdict: str = "pass"
    drop: float = 0.0
    min_tflite: str | None = "2.4.0"
    preprocessing: str = "none"
    oldest_runtime: str | None = None


def _report_entry(paper: Paper, artifact: Artifact) -> dict[str, Any]:
    def drop(label: str, points: float) -> dict[str, Any]:
        return {"label": label, "points": points, "interval_points": [points - 1.4, points + 1.4]}

    scores = {
        "head": "label",
        "n": 268,
        "accuracy": {"n": 268, "top1_fraction": 0.95, "top1_interval": [0.92, 0.97]},
        "parity": {"drop": drop("", paper.drop), "class_drops": []},
    }
    return {
        **{name: getattr(artifact, name) for name in ("path", "format", "recipe", "sha256", "size_bytes")},
        "verdict": paper.verdict,
        "is_within": paper.verdict == "pass" or (paper.verdict == "undecided" and paper.drop <= 1.0),
        "worst_door": "pixels",
        "budgets": {
            "max_drop_points": {"value": 1.0, "source": "default"},
            "max_bytes": {"value": 100, "source": "default"},
        },
        "findings": [
            {"key": "sha256", "verdict": "pass", "sentence": "the file is the one", "door": "", "head": ""},
            {
                "key": "max_drop_points",
                "verdict": paper.verdict,
                "sentence": f"drop {paper.drop}",
                "door": "pixels",
                "head": "label",
            },
        ],
        "doors": {"pixels": [scores]},
        "description": {"min_tflite": paper.min_tflite},
    }


@pytest.fixture(scope="session")
def paper() -> type[Paper]:
    """What `paper_run` takes: test modules cannot import from this file."""
    return Paper


@pytest.fixture
def paper_run(tmp_path: Path) -> Callable[..., RunFolder]:
    """Return a function that writes a run whose artifacts are a few bytes and whose report is written by hand."""

    def write(*papers: Paper) -> RunFolder:
        run = RunFolder(tmp_path / "paper" / "run")
        run.root.mkdir(parents=True)
        run.model.write_bytes(b"model")
        model = sha256_of_file(run.model)
        provenance = Provenance(run_id="paper", model_sha256=model, dataset=None)
        head = ClassificationHead(name="label", labels=("a", "b"))
        contract = ModelContract(pixels=PixelContract(), heads=(head,), parameters=1, provenance=provenance)
        write_contract(run.contract, contract)
        write_labels(run.labels, head.labels)
        lock, entries = Lock(run_id="paper", model_sha256=model), []
        for number, paper in enumerate(papers):
            (run.root / paper.path).write_bytes(bytes([number]) * paper.size)
            kind = "tflite" if paper.path.endswith(".tflite") else "onnx"
            artifact = describe_artifact(
                run.root,
                run.root / paper.path,
                format=kind,
                recipe=paper.recipe,
                parent_sha256=model,
                preprocessing=paper.preprocessing,
                oldest_runtime=paper.oldest_runtime,
            )
            lock = lock.with_artifact(artifact)
            entries.append(_report_entry(paper, artifact))
        write_lock(run.lock, lock)
        report = {"modelport_report": 1, "run_id": "paper", "model_sha256": model, "created": "today", "n": 268}
        report |= {"images": "by hand", "has_floor": False, "settings": {"left_out": []}, "artifacts": entries}
        write_json(run.validation / "report.json", report)
        return run

    return write

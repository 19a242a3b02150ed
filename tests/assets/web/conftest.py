"""A run made by hand: one matrix between pixels and labels, so that NumPy knows what a page must answer."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.assets.web.deliver_web import deliver_web
from modelport.assets.web.options import WebOptions
from modelport.contract.image.decode import load_pixels, to_pixels
from modelport.contract.image.drawing import Drawing
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.artifacts import describe_artifact
from modelport.contract.run.lock import Lock, write_lock
from modelport.tests.chromium import Chromium, Page, Site
from modelport.validate.report.version import REPORT_VERSION
from numpy.typing import NDArray

#: Not square, so that rows and columns cannot be exchanged unseen.
SIZE = (12, 16)
LABELS = ("A", "B", "C", "space", "del", "nothing")
DRAWING = Drawing(ink="light_on_dark", margin=0.1, stroke=0.08, grid=14, side=28)
MODEL_SHA256 = "ab" * 32

#: Waits until the page can answer.
READY = "import('./main.js').then(({ stage }) => stage.ready)"


@dataclass(frozen=True)
class HandRun:
    """The run folder, and what its model computes."""

    root: Path
    contract: ModelContract
    weights: NDArray[np.float32]

    def answer(self, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
        """Softmax of the pixels times the matrix."""
        logits = pixels.astype(np.float64).ravel() @ self.weights.astype(np.float64)
        powers: NDArray[np.float64] = np.exp(logits - logits.max())
        probabilities: NDArray[np.float64] = powers / powers.sum()
        return probabilities

    def answer_file(self, path: Path) -> NDArray[np.float64]:
        return self.answer(load_pixels(path, self.contract.pixels))

    def answer_image(self, image: NDArray[np.uint8]) -> NDArray[np.float64]:
        return self.answer(to_pixels(image, self.contract.pixels))


def write_matrix(folder: Path, size: tuple[int, int], weights: NDArray[np.float32]) -> None:
    """Write a TensorFlow.js graph model: softmax of a reshaped image times a matrix."""
    height, width = size

    def shaped(*sizes: int) -> dict[str, Any]:
        return {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": str(number)} for number in sizes]}}

    shape = {"shape": {"dim": [{"size": str(number)} for number in (-1, height, width, 3)]}}
    nodes = [
        {"name": "image", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": shape}},
        {"name": "flat", "op": "Const", "attr": {"dtype": {"type": "DT_INT32"}}},
        {"name": "weight", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}},
        {"name": "row", "op": "Reshape", "input": ["image", "flat"]},
        {"name": "logits", "op": "MatMul", "input": ["row", "weight"]},
        {"name": "label", "op": "Softmax", "input": ["logits"]},
    ]
    manifest = [
        {"name": "flat", "shape": [2], "dtype": "int32"},
        {"name": "weight", "shape": list(weights.shape), "dtype": "float32"},
    ]
    model = {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "versions": {"producer": 1, "minConsumer": 1}},
        "signature": {
            "inputs": {"image": {"name": "image:0", **shaped(-1, height, width, 3)}},
            "outputs": {"label": {"name": "label:0", **shaped(-1, weights.shape[1])}},
        },
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": manifest}],
    }
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")
    data = np.array([-1, height * width * 3], "<i4").tobytes() + weights.astype("<f4").tobytes()
    (folder / "group1-shard1of1.bin").write_bytes(data)


def report_of(lock: Lock, verdicts: dict[str, str]) -> dict[str, Any]:
    """Return a report.json in which each artifact has a verdict, of one finding."""
    judged = []
    for artifact in lock.artifacts:
        verdict = verdicts.get(artifact.path, "pass")
        accuracy = {"top1_fraction": 0.9, "top1_interval": [0.8, 0.95]}
        head = {"head": "label", "n": 50, "accuracy": accuracy, "parity": {}}
        finding = {"key": "parity", "verdict": verdict, "sentence": f"it is a {verdict}"}
        judged.append(
            {"path": artifact.path, "sha256": artifact.sha256, "verdict": verdict, "worst_door": "pixels"}
            | {"findings": [finding], "doors": {"pixels": [head]}, "budgets": {}, "description": {}}
        )
    return {
        "modelport_report": REPORT_VERSION,
        "run_id": lock.run_id,
        "model_sha256": lock.model_sha256,
        "created": "2026-11-21T00:00:00+00:00",
        "n": 50,
        "images": "test split",
        "has_floor": True,
        "settings": {"left_out": []},
        "artifacts": judged,
    }


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., HandRun]:
    """Return a function that makes a run by hand, judged."""

    def make(
        *,
        labels: tuple[str, ...] = LABELS,
        drawing: Drawing | None = None,
        models: tuple[tuple[str, str], ...] = (("tfjs", "float32"),),
        verdicts: dict[str, str] | None = None,
        **pixels: Any,
    ) -> HandRun:
        root = tmp_path_factory.mktemp("hand") / "run"
        contract = ModelContract(
            pixels=PixelContract(height=SIZE[0], width=SIZE[1], **pixels),
            heads=(ClassificationHead(name="label", labels=labels),),
            parameters=SIZE[0] * SIZE[1] * 3 * len(labels),
            provenance=Provenance(run_id="by-hand", model_sha256=MODEL_SHA256, dataset="/home/somebody/secret"),
            drawing=drawing,
        )
        shape = (SIZE[0] * SIZE[1] * 3, len(labels))
        weights = np.random.default_rng(7).normal(0, 0.6, shape).astype(np.float32)
        artifacts = []
        for number, (path, recipe) in enumerate(models):
            write_matrix(root / path, SIZE, weights)
            (root / path / "note.txt").write_text("x" * number)  # each is larger than the one before
            facts = {"format": "tfjs", "recipe": recipe, "parent_sha256": MODEL_SHA256}
            artifacts.append(describe_artifact(root, root / path, **facts))
        lock = Lock(run_id="by-hand", model_sha256=MODEL_SHA256, artifacts=tuple(artifacts))
        root.mkdir(parents=True, exist_ok=True)
        write_lock(root / "artifacts.json", lock)
        write_contract(root / "contract.json", contract)
        write_labels(root / "training_set_labels.txt", labels)
        (root / "validation").mkdir()
        (root / "validation" / "report.json").write_text(json.dumps(report_of(lock, verdicts or {})), encoding="utf-8")
        return HandRun(root, contract, weights)

    return make


@pytest.fixture(scope="session")
def doodle_run(make_run: Callable[..., HandRun]) -> HandRun:
    """A run of drawings."""
    return make_run(drawing=DRAWING)


@pytest.fixture(scope="session")
def photo_run(make_run: Callable[..., HandRun]) -> HandRun:
    """A run of photos."""
    return make_run()


@pytest.fixture(scope="session")
def deliver(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that delivers a page of a run into a new folder."""

    def make(run: HandRun, **options: Any) -> Path:
        site = tmp_path_factory.mktemp("delivered") / "site"
        deliver_web(run.root, site, WebOptions(tfjs=node_modules, **options))
        return site

    return make


@pytest.fixture(scope="session")
def doodle_site(doodle_run: HandRun, deliver: Callable[..., Path]) -> Path:
    """A page on which one draws. Read-only."""
    return deliver(doodle_run, title="Draw <a letter> & see")


@pytest.fixture(scope="session")
def photo_site(photo_run: HandRun, deliver: Callable[..., Path]) -> Path:
    """A page that takes photos. Read-only."""
    return deliver(photo_run)


@pytest.fixture
def page(chromium: Chromium, site: Site) -> Iterator[Page]:
    """The page of the module's `site`, ready; at its end it has printed nothing, and asked for nothing elsewhere."""
    with chromium.page(f"{site.url}/index.html") as page:
        page.evaluate(READY)
        yield page
        assert [] == page.console
        assert [] == [url for url in page.requests if not url.startswith(site.url)]
        assert [] == site.failed

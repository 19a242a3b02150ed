"""The doors through which a file from elsewhere enters modelport, all of them for one case."""

import io
import json
import re
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from modelport.cli.text.inspection_lines import inspection_lines
from modelport.contract.errors import InputError, ModelportError
from modelport.contract.image.decode import decode_image, open_image, to_pixels
from modelport.contract.narration import Silent
from modelport.contract.run.artifacts import Artifact
from modelport.runtimes.facts.format_runtimes import FACTS
from modelport.runtimes.inspect import inspect_artifact
from modelport.runtimes.process.limits import Limits
from modelport.runtimes.process.worker_process import WorkerProcess
from modelport.runtimes.workers.worker_pool import WorkerPool
from modelport.runtimes.workers.workers import Workers
from modelport.training.prepare.find_images import FoundImage
from modelport.training.prepare.inspect_image import inspect_images
from modelport.validate.budgets.budgets import Budget
from modelport.validate.given_artifacts import recipe_of
from modelport.validate.rules.structure_rules import judge_structure
from PIL import Image

from .case import Case
from .outcome import Outcome
from .watched_ground import WatchedGround

#: What a case may take; TensorFlow's import alone needs 500 MiB, and half a minute where others keep the cores busy.
LIMITS = Limits(seconds=20, memory_mb=2048, written_mb=16)
SLOW_LIMITS = Limits(seconds=90, memory_mb=2048, written_mb=16)
_RUNTIME = {"pb": "frozen_graph"}
_OLDEST = {"min_tflite": Budget(key="min_tflite", value="2.12.0", source="contract.json")}
#: Node.js starts anew for each TensorFlow.js model, which takes most of a second: it is asked for one case in so many.
NODE_EVERY = 8
#: One case in so many goes the whole way of a warm worker: what it refuses is asked again of a fresh one. One in
#: ten of these where that one has to import TensorFlow.
AGAIN_EVERY = 50
#: What a runtime says before it allocates anything: the file, or its graph, cannot be read.
_UNREAD = re.compile(
    r"Could not open|not a valid|identifier|Model provided|verif|InvalidProtobuf|INVALID_PROTOBUF|Protobuf parsing"
    r"|Error parsing message|TFLite model is damaged|is damaged|is not JSON|not a (graph|TensorFlow)",
    re.IGNORECASE,
)


class WarmPool(WorkerPool):
    """A pool that tells the ground which processes it has, and whose workers count as new."""

    def __init__(self, ground: WatchedGround, limits: Limits) -> None:
        super().__init__(None, limits)
        self._ground, self.asks_again = ground, False

    def take(self, log: Path, needed: str = "") -> WorkerProcess:
        """Return a worker that counts as new."""
        worker = super().take(log, needed)
        worker.jobs = worker.jobs if self.asks_again else 0
        self._ground.sessions.add(worker.pid)
        return worker

    def start(self, log: Path) -> WorkerProcess:
        """Return a new worker."""
        worker = super().start(log)
        self._ground.sessions.add(worker.pid)
        return worker

    @property
    def alive(self) -> set[int]:
        """Process ids of the workers that wait."""
        return {worker.pid for worker in self._idle}


class WarmWorkers(Workers):
    """Workers that answer each case once: asking a fresh one again, whatever is refused, would take half a second."""

    def __init__(self, ground: WatchedGround, kind: str) -> None:
        super().__init__()
        self.pool: WarmPool = WarmPool(ground, SLOW_LIMITS if kind == "pb" else LIMITS)


def try_case(case: Case, workers: WarmWorkers, ground: WatchedGround, *, in_node: bool) -> Outcome:
    """Open one case at every door; whatever is raised that is no error of ours is an escape."""
    outcome, start = Outcome(id=case.id, seed=case.seed), time.monotonic()
    path, kind, number = ground.put(case.files), case.id.split(":")[0], int(case.id.rpartition(":")[2])
    workers.pool.asks_again = number % (AGAIN_EVERY * (10 if kind == "pb" else 1)) == 0
    if kind in ("png", "jpeg"):
        doors: dict[str, Callable[[], None]] = {
            "decode": lambda: _decode(case, path, outcome),
            "prepare": lambda: _prepare(case, path, ground, outcome),
        }
    else:
        doors = {"inspect": lambda: _inspect(path, workers, ground, outcome)}
        if kind != "pb":
            doors["facts"] = lambda: _facts(path, kind, workers, ground)
        if kind != "tfjs" or (in_node and number % NODE_EVERY == 0):
            doors["open"] = lambda: _open(case, path, _RUNTIME.get(kind, kind), workers, ground, outcome)
    for door, enter in doors.items():
        _enter(door, enter, outcome)
    outcome.escapes += ground.escapes(case.files)
    if b"Traceback (most recent call last)" in (log := ground.log.read_bytes()) and b"modelport" in log:
        outcome.escapes.append("traceback: " + log.decode(errors="replace").strip().splitlines()[-1][:200])
    outcome.seconds = round(time.monotonic() - start, 3)
    return outcome


def _enter(door: str, enter: Callable[[], None], outcome: Outcome) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            enter()
        outcome.doors.setdefault(door, "ok")
    except ModelportError as error:
        str(error)
        if door == "open":
            outcome.parsed = not _UNREAD.search(f"{error.what} {error.received}")
        outcome.note(door, error, is_reader=door != "open")
    except (Exception, SystemExit) as error:
        outcome.escapes.append(f"{door}: {type(error).__name__}: {str(error)[:200]}")
        outcome.doors[door] = f"escape: {type(error).__name__}: {str(error)[:200]}"


def _inspect(path: Path, workers: Workers, ground: WatchedGround, outcome: Outcome) -> None:
    def warm(task: str, arguments: dict[str, Any], **_: object) -> dict[str, Any]:
        return workers.perform(task, arguments, log=ground.log)

    with patch.object(inspect_artifact, "run_task", warm):
        inspection = inspect_artifact.inspect_artifact(path)
    json.dumps(inspection.to_json(), allow_nan=True)
    "\n".join(inspection_lines(inspection)).encode(errors="surrogatepass")
    if path.suffix == ".json":
        outcome.parsed = not any("weights" in problem.sentence for problem in inspection.problems)
    outcome.ran = (inspection.runs or "").startswith("yes")
    outcome.note_death("try_out", inspection.runs or "") or outcome.note_memory("try_out", inspection.runs or "")


def _facts(path: Path, format: str, workers: Workers, ground: WatchedGround) -> None:
    recipe_of(workers.perform(FACTS[format], {"path": str(path)}, log=ground.log))


def _open(case: Case, path: Path, format: str, workers: Workers, ground: WatchedGround, outcome: Outcome) -> None:
    outcome.asked = True
    artifact = Artifact(
        path=path.name,
        format=format,
        recipe="float32",
        size_bytes=path.stat().st_size,
        sha256="0" * 64,
        parent_sha256="",
    )
    height, width, channels = case.contract.pixels.shape
    pixels = np.random.default_rng(0).random((2, height, width, channels), dtype=np.float32)
    with workers.open(path, format, case.contract, log=ground.log) as session:
        outcome.parsed = True
        judge_structure(artifact, session.description, case.contract, _OLDEST)
        answers = session.predict(pixels)
        if "encoded" in session.description.doors:
            session.predict_encoded([_photo()])
    outcome.ran = outcome.ran or all(isinstance(values, np.ndarray) for values in answers.values())


def _decode(case: Case, path: Path, outcome: Outcome) -> None:
    data = path.read_bytes()
    outcome.asked = True
    try:
        open_image(data, path)
    except InputError as error:
        outcome.parsed = error.what not in ("not an image", "image is too large to decode")
        raise
    outcome.parsed = True
    number = int(case.id.rpartition(":")[2])
    exif, channels = ("ignored", "applied")[number % 2], (3, 1)[number % 3 == 0]
    pixels = replace(case.contract.pixels, exif=exif, channels=channels)
    to_pixels(decode_image(data, pixels, path), pixels)
    outcome.ran = True


def _prepare(case: Case, path: Path, ground: WatchedGround, outcome: Outcome) -> None:
    found = FoundImage(path=path, source=path.name, label="a", split=None)
    good, bad = inspect_images([found], ground.own, Silent())
    for image in bad:
        outcome.doors["prepare"] = f"quarantined: {image.reason}"[:300]
        outcome.refused_by_us = True
    for staged in (image.staged for image in good if image.staged is not None):
        Image.open(staged).load()
        staged.unlink()


def _photo() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (10, 12), (200, 30, 60)).save(stream, "JPEG")
    return stream.getvalue()

"""A run of a small real model, in closed form: softmax of twice the channel means tells red, green and blue images."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.decode import read_image, sha256_of_pixels
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.artifacts import describe_artifact
from modelport.contract.run.lock import Lock, write_lock
from modelport.contract.run.reference import Reference, write_reference
from modelport.runtimes.facts.description import Description, TensorInfo
from numpy.typing import NDArray
from PIL import Image

LABELS = ("red", "green", "blue")
SIZE = 8
SLOPE = 8.0
RUN_ID = "20260101T000000Z-00000000"


def write_images(root: Path, per_class: int = 5, seed: int = 0) -> list[Path]:
    """Write root/LABEL/NUMBER.png: noise in [0, 99], and 100 more in the label's channel."""
    random = np.random.default_rng(seed)
    paths = []
    for index, label in enumerate(LABELS):
        for number in range(per_class):
            image = random.integers(0, 100, (SIZE, SIZE, 3), dtype=np.uint8)
            image[:, :, index] += 100
            paths.append(root / label / f"{number:03d}.png")
            paths[-1].parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(paths[-1])
    return paths


def closed_form(pixels: NDArray[Any], slope: float = SLOPE) -> NDArray[np.float32]:
    """Softmax of `slope` times the channel means: (n, 3) for (n, height, width, 3) in [0, 1]."""
    means = pixels.astype(np.float64).mean(axis=(1, 2))
    powers = np.exp(slope * (means - means.max(axis=1, keepdims=True)))
    probabilities: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


def write_onnx(path: Path, *, slope: float = SLOPE, order: tuple[int, ...] = (0, 1, 2), dtype: int = 1) -> None:
    """Write the closed form as ONNX: Transpose, GlobalAveragePool, Flatten, Gemm, Softmax."""
    weight = (slope * np.eye(3, dtype=np.float32)[:, list(order)]).astype(np.float32 if dtype == 1 else np.float16)
    node, value = onnx.helper.make_node, onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [
            node("Transpose", ["input"], ["nchw"], perm=[0, 3, 1, 2]),
            node("GlobalAveragePool", ["nchw"], ["pooled"]),
            node("Flatten", ["pooled"], ["flat"]),
            node("Gemm", ["flat", "weight"], ["logits"]),
            node("Softmax", ["logits"], ["label"], axis=1),
        ],
        "closed_form",
        [value("input", dtype, ["n", SIZE, SIZE, 3])],
        [value("label", dtype, ["n", 3])],
        [onnx.numpy_helper.from_array(weight, "weight")],
    )
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)


@pytest.fixture
def write_slow_onnx() -> Callable[[Path, int], None]:
    """Return a function that writes the closed form behind a loop of so many rounds that add zero."""

    def write(path: Path, rounds: int) -> None:
        write_onnx(path)
        model = onnx.load(path)
        node, value = onnx.helper.make_node, onnx.helper.make_tensor_value_info
        body = onnx.helper.make_graph(
            [node("Identity", ["go"], ["go_on"]), node("Add", ["x", "x"], ["y"])],
            "body",
            [value("round", 7, []), value("go", 9, []), value("x", 1, [1])],
            [value("go_on", 9, []), value("y", 1, [1])],
        )
        for name, array in (("rounds", np.int64(rounds)), ("go", np.bool_(True)), ("zero", np.zeros(1, np.float32))):
            model.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(array), name))
        model.graph.node.append(node("Loop", ["rounds", "go", "zero"], ["nothing"], body=body))
        model.graph.node.append(node("Add", ["slow", "nothing"], ["label"]))
        softmax = next(one for one in model.graph.node if one.op_type == "Softmax")
        softmax.output[0] = "slow"
        onnx.save(model, path)

    return write


@dataclass
class MadeRun:
    """A run folder and how to change it."""

    root: Path
    dataset: Path
    contract: ModelContract

    def export(self, name: str = "model.onnx", recipe: str = "float32", format: str = "onnx", **how: Any) -> Path:
        """Write the closed form as ONNX bytes under any name, and record it in the lock."""
        write_onnx(self.root / name, **how)
        return self.record(name, recipe, format)

    def record(self, name: str, recipe: str = "float32", format: str = "onnx", **facts: Any) -> Path:
        """Record a file that is there."""
        path = self.root / name
        facts = {"parent_sha256": self.contract.provenance.model_sha256} | facts
        self.artifacts.append(describe_artifact(self.root, path, format=format, recipe=recipe, **facts))
        lock = Lock(run_id=RUN_ID, model_sha256=self.contract.provenance.model_sha256, artifacts=tuple(self.artifacts))
        write_lock(self.root / "artifacts.json", lock)
        return path

    artifacts: list[Any] = field(default_factory=list)


def write_reference_of(run: MadeRun, paths: list[Path], **changes: Any) -> None:
    """Write reference.npz of the closed form for `paths`."""
    images = [read_image(path, run.contract.pixels) for path in paths]
    facts: dict[str, Any] = {
        "run_id": RUN_ID,
        "model_sha256": run.contract.provenance.model_sha256,
        "paths": tuple(path.relative_to(run.dataset).as_posix() for path in paths),
        "file_sha256": tuple(sha256_of_file(path) for path in paths),
        "pixels_sha256": tuple(sha256_of_pixels(image) for image in images),
        "truths": {"label": np.array([LABELS.index(path.parent.name) for path in paths])},
        "predictions": {"label": closed_form(np.stack(images).astype(np.float32) / 255)},
    }
    write_reference(run.root / "reference.npz", Reference(**facts | changes))


MakeRun = Callable[..., MadeRun]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Return a function that makes a run folder without artifacts, judged on 3 * `per_class` images."""

    def make(per_class: int = 5) -> MadeRun:
        root, dataset = tmp_path / "run", tmp_path / "dataset"
        root.mkdir()
        (root / "model.keras").write_bytes(b"stands for the Keras model")
        for split, count, seed in (("train", 1, 1), ("val", 1, 2), ("test", per_class, 3)):
            write_images(dataset / split, count, seed)
        model = sha256_of_file(root / "model.keras")
        contract = ModelContract(
            pixels=PixelContract(height=SIZE, width=SIZE),
            heads=(ClassificationHead(name="label", labels=LABELS),),
            parameters=9,
            provenance=Provenance(run_id=RUN_ID, model_sha256=model, dataset=str(dataset)),
        )
        write_contract(root / "contract.json", contract)
        write_labels(root / "training_set_labels.txt", LABELS)
        run = MadeRun(root, dataset, contract)
        write_reference_of(run, sorted((dataset / "test").rglob("*.png")))
        return run

    return make


class StandIn:
    """Answers in this process what a test wants: by default the closed form."""

    def __init__(
        self, answer: Callable[[NDArray[np.float32]], Any] = closed_form, error: Exception | None = None, **facts: Any
    ) -> None:
        self.answer, self.error = answer, error
        self.description = Description(
            **{
                "runtime": "stand-in 1",
                "inputs": (TensorInfo(name="input", dtype="float32", shape=(None, SIZE, SIZE, 3)),),
                "outputs": (TensorInfo(name="label", dtype="float32", shape=(None, 3)),),
            }
            | facts
        )

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Answer, or fail as told."""
        if self.error:
            raise self.error
        return {"label": self.answer(pixels)}

    def predict_encoded(self, files: list[bytes]) -> dict[str, NDArray[np.float32]]:
        """Decode with Pillow and answer."""
        import io

        images = [np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), dtype=np.float32) / 255 for file in files]
        return {"label": closed_form(np.stack(images))}


def opener_of(sessions: dict[str, Any]) -> Callable[..., Any]:
    """Return a stand-in for `open_artifact`: the file's name decides who answers; an exception is raised on opening."""

    @contextmanager
    def open_stand_in(path: Path, format: str, contract: ModelContract, **how: Any) -> Iterator[Any]:
        found = sessions.get(path.name, StandIn())
        if isinstance(found, Exception):
            raise found
        yield found

    return open_stand_in


@dataclass
class Made:
    """What tests need from this file; test modules cannot import it under --import-mode=importlib."""

    stand_in: type[StandIn]
    opener_of: Any
    write_images: Any
    write_reference_of: Any
    write_onnx: Any
    closed_form: Any


@pytest.fixture
def made() -> Made:
    """Return the builders of this file."""
    return Made(
        stand_in=StandIn,
        opener_of=opener_of,
        write_images=write_images,
        write_reference_of=write_reference_of,
        write_onnx=write_onnx,
        closed_form=closed_form,
    )


@pytest.fixture
def eventful_report(make_run: MakeRun) -> Any:
    """A judgement of 60 images and two heads in which something of every kind happened. Stand-ins answer."""
    from dataclasses import replace

    from modelport.contract.errors import MissingExtraError, RuntimeFailure
    from modelport.contract.labels.heads import RegressionHead
    from modelport.contract.run.reference import read_reference
    from modelport.validate.budgets.budgets import BudgetBook
    from modelport.validate.judge import JudgeOptions, judge_run

    run = make_run(20)
    run.contract = replace(run.contract, heads=(*run.contract.heads, RegressionHead(name="age", unit="years")))
    write_contract(run.root / "contract.json", run.contract)
    paths = sorted((run.dataset / "test").rglob("*.png"))
    write_reference_of(run, paths)
    held = read_reference(run.root / "reference.npz")
    ages = {"truths": np.full(60, 32, np.float32), "predictions": np.full((60, 1), 31, np.float32)}
    write_reference_of(run, paths, **{key: getattr(held, key) | {"age": ages[key]} for key in ages})

    outputs = tuple(TensorInfo(name=n, dtype="float32", shape=(None, w)) for n, w in (("label", 3), ("age", 1)))
    sessions: dict[str, Any] = {
        "model.crash.onnx": RuntimeFailure("runtime crashed", received="signal 11"),
        "model.onnx": MissingExtraError("some-runtime", needed_for="this", extra=None),
    }
    for name, slope, bias, age in (
        ("model.float32.tflite", 8.0, 0.0, 31.0),
        ("model.float16.tflite", 7.9, 0.0, 31.01),
        ("model.full_int8.tflite", 8.0, 1.2, 33.5),
        ("model.dynamic_int8.tflite", 8.0, 0.6, 31.5),
        ("model.nan.tflite", 8.0, float("nan"), 31.0),
    ):
        sessions[name] = StandIn(_biased(slope, bias), outputs=outputs, min_tflite="2.1.0")
        sessions[name].predict = _with_age(sessions[name], age)
    for name in sessions:
        recipe = next((part for part in name.split(".") if part in ("float16", "full_int8", "dynamic_int8")), "float32")
        run.export(name, recipe, "tflite" if name.endswith("tflite") else "onnx", slope=8.0 + len(run.artifacts))
    (run.root / "model.float16.tflite").write_bytes(b"\0" * 900_000)
    budgets: dict[str, float | int | str] = {"max_mae": 1.2, "min_top1": 0.9, "max_bytes": 600_000}
    book = BudgetBook(file="modelport.toml", sections={"": budgets, "model.gone.tflite": {"max_bytes": 1}})
    return judge_run(run.root, JudgeOptions(budgets=book), opener=opener_of(sessions))


def _biased(slope: float, bias: float) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return the closed form of an artifact that sees too much red."""

    def answer(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        seen = np.clip(pixels, 0, 2)  # a diagnosis tries pixels in other ranges, too, whose powers are beyond a float
        more = bias * seen[:, :1, :1, 2:]  # varies from image to image
        return closed_form(seen + np.concatenate([more, 0 * more, 0 * more], axis=3), slope)

    return answer


def _with_age(session: StandIn, age: float) -> Callable[[NDArray[np.float32]], dict[str, NDArray[np.float32]]]:
    def predict(pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        return {"label": session.answer(pixels), "age": np.full((len(pixels), 1), age, dtype=np.float32)}

    return predict


#: What names and labels of files from elsewhere may hold.
HOSTILE = {
    "red": '<script>alert("red")</script>',
    "blue": "<img src=x onerror=alert(1)>|`b`",
    "label": "he\"ad'&amp;<b>",
    "model.full_int8.tflite": "::error::x %0A]]>&\u202eon\x1b[31m\x00\ud800`|`.onnx",
    "model.nan.tflite": "@octocat ![x](http://evil.example/x.png) [y](javascript:alert(1)) <!--",
    "test/blue/005.png": 'te"st/<b>\n\r##[add-mask]x\u0007.png',
}


@pytest.fixture
def hostile_report(eventful_report: Any) -> Any:
    """The same judgement, with names that want to be tags, commands, links and the end of what they stand in."""
    from dataclasses import fields, is_dataclass, replace

    def changed(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{one.name: changed(getattr(value, one.name)) for one in fields(value)})
        if isinstance(value, dict):
            return {changed(key): changed(item) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(map(changed, value))
        if type(value) is str:
            for plain, bad in HOSTILE.items():
                value = (
                    bad if value == plain else value.replace(plain, bad) if plain in value and "." in plain else value
                )
        return value

    return changed(eventful_report)

"""Models to break, and sound ones: small networks, adopted, exported and quantized as a user would."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from modelport.validate.head_scores import ClassificationScores
from modelport.validate.outcome import Outcome
from PIL import Image

DOODLES = ("bowtie", "cat", "lollipop", "rainbow", "train")


def demo_run(folder: Path) -> Path:
    """Return the run folder of `modelport demo`, with an ONNX file that resizes itself."""
    run = folder / "run"
    if not (run / "model.full_int8.tflite").is_file():
        command(("demo", str(folder)), may_fail=True)
    in_graph(run)
    return run


def in_graph(run: Path) -> None:
    """Export model.in_graph.onnx, if it is not there."""
    if not (run / "model.in_graph.onnx").is_file():
        command(("convert", str(run), "--to", "onnx", "--preprocessing", "in-graph"))


def signs_run(images: Path, folder: Path) -> Path:
    """Return a run of a small CNN that knows the photos of sign_digits at 48 pixels."""
    run = folder / "run"
    if not (run / "model.full_int8.tflite").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        command(("prepare", str(images), str(folder / "dataset")))
        labels = [str(digit) for digit in range(10)]
        pixels, truth = read_split(folder / "dataset" / "train", labels, 48)
        train(pixels, truth, folder / "signs.keras", seed=1, epochs=30)
        adopt_and_export(folder / "signs.keras", run, labels, folder / "dataset")
    in_graph(run)
    return run


def healthy_runs(shared: Path, folder: Path) -> list[Path]:
    """Return runs of other models: two data sets, seeds and value ranges."""
    runs = [signs_run(shared / "sign_digits", folder.parent / "signs")]
    for seed, (low, high) in ((2, (0.0, 255.0)), (3, (-1.0, 1.0))):
        place = folder / f"doodles_{seed}"
        run = place / "run"
        runs.append(run)
        if not (run / "model.full_int8.tflite").is_file():
            place.mkdir(parents=True, exist_ok=True)
            write_doodles(shared / "quickdraw", place / "dataset")
            pixels, truth = read_split(place / "dataset" / "train", list(DOODLES), 28)
            train(pixels * (high - low) + low, truth, place / "doodles.keras", seed=seed, epochs=4, scale=1 / high)
            adopt_and_export(place / "doodles.keras", run, list(DOODLES), place / "dataset", f"{low:g}..{high:g}")
    return runs


def train(pixels: Any, truth: Any, path: Path, *, seed: int, epochs: int, scale: float = 1.0) -> None:
    """Write a small CNN, with batch normalization and three convolutions, that was trained on these pixels."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(pixels.shape[1:]),
            layers.Rescaling(scale),
            *(layers.Conv2D(16, 3, use_bias=False), layers.BatchNormalization(momentum=0.9), layers.ReLU()),
            *(layers.MaxPooling2D(), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()),
            *(layers.Conv2D(48, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten()),
            *(layers.Dropout(0.3), layers.Dense(int(truth.max()) + 1, activation="softmax")),
        ]
    )
    model.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pixels, truth, epochs=epochs, batch_size=32, verbose=0)
    model.save(path)


def adopt_and_export(model: Path, run: Path, labels: list[str], data: Path, source_range: str = "0..1") -> None:
    """Adopt a model, and write ONNX, TFLite in four recipes, and a frozen graph."""
    names = model.with_suffix(".txt")
    names.write_text("".join(f"{label}\n" for label in labels))
    command(
        ("adopt", str(model), str(run), "--labels", str(names), "--data", str(data), "--source-range", source_range)
    )
    command(("convert", str(run), "--to", "tflite,onnx,frozen_graph"))
    command(("quantize", str(run)))


def read_split(folder: Path, labels: list[str], size: int) -> tuple[Any, Any]:
    """Return a split's images, float32 in [0, 1] at (size, size, 3), and their labels, with the contract's resize."""
    from modelport.contract.resize import resize_bilinear

    pixels, truth = [], []
    for number, label in enumerate(labels):
        for path in sorted((folder / label).iterdir()):
            pixels.append(resize_bilinear(np.asarray(Image.open(path).convert("RGB")), size, size) / 255)
            truth.append(number)
    return np.stack(pixels).astype(np.float32), np.array(truth)


def write_doodles(source: Path, dataset: Path) -> None:
    """Write coloured bitmaps as PNG: 200 of each class to train, 20 to val, 40 to test."""
    random = np.random.default_rng(0)
    for label in DOODLES:
        for number, bitmap in enumerate(np.load(source / f"{label}.npy").reshape(-1, 28, 28)[:260]):
            split = "train" if number < 200 else "val" if number < 220 else "test"
            (dataset / split / label).mkdir(parents=True, exist_ok=True)
            tint = random.uniform(0.3, 1.0, 3)
            image = (bitmap[:, :, None] * tint).round().astype(np.uint8)
            Image.fromarray(image).resize((40, 40)).save(dataset / split / label / f"{number:03}.png")


def top1(outcome: Outcome) -> str:
    """Return the top-1 accuracy of the first door, in percent."""
    for scores in outcome.doors.values():
        if isinstance(scores[0], ClassificationScores) and scores[0].accuracy:
            return f"{100 * scores[0].accuracy.top1_fraction:.1f} %"
    return "-"


def command(arguments: tuple[str, ...], *, may_fail: bool = False) -> None:
    """Run modelport."""
    done = subprocess.run([sys.executable, "-m", "modelport", *arguments], capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        raise RuntimeError(f"modelport {' '.join(arguments)}: {done.stderr[-1500:]}")

"""Models to break, and sound ones: small networks, adopted, exported and quantized as a user would."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from modelport.validate.findings.outcome import Outcome
from modelport.validate.scores.head_scores import ClassificationScores
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


def healthy_runs(shared: Path, folder: Path, count: int = 19) -> list[Path]:
    """Return runs of so many other models: photos of signs, then doodles by five networks, in three value ranges."""
    runs = [signs_run(shared / "sign_digits", folder.parent / "signs")]
    folder.mkdir(parents=True, exist_ok=True)
    data, ranges = folder / "dataset", ((0.0, 255.0), (-1.0, 1.0), (0.0, 1.0))
    if not data.is_dir():
        write_doodles(shared / "quickdraw", data)
    pixels, truth = read_split(data / "train", list(DOODLES), 28)
    for seed in range(2, count + 1):
        kind, (low, high) = list(NETWORKS)[seed % len(NETWORKS)], ranges[seed % len(ranges)]
        place = folder / f"doodles_{seed}_{kind}"
        run = place / "run"
        runs.append(run)
        if not (run / "model.full_int8.tflite").is_file():
            place.mkdir(parents=True, exist_ok=True)
            scaled = pixels * (high - low) + low
            train(scaled, truth, place / "doodles.keras", seed=seed, epochs=4, scale=1 / high, kind=kind)
            adopt_and_export(place / "doodles.keras", run, list(DOODLES), data, (low, high))
    return runs


def _plain(layers: Any) -> list[Any]:
    """Return the body of a small CNN with batch normalization and three convolutions."""
    return [
        *(layers.Conv2D(16, 3, use_bias=False), layers.BatchNormalization(momentum=0.9), layers.ReLU()),
        *(layers.MaxPooling2D(), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D()),
        *(layers.Conv2D(48, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten()),
    ]


def _separable(layers: Any) -> list[Any]:
    return [
        *(layers.Conv2D(16, 3, strides=2, activation="hard_swish"), layers.DepthwiseConv2D(3)),
        *(layers.BatchNormalization(momentum=0.9), layers.Activation("relu6"), layers.Conv2D(48, 1)),
        *(layers.BatchNormalization(momentum=0.9), layers.Activation("hard_swish"), layers.GlobalAveragePooling2D()),
    ]


def _gelu(layers: Any) -> list[Any]:
    return [
        *(layers.Conv2D(24, 4, strides=4), layers.LayerNormalization(), layers.Dense(48, activation="gelu")),
        *(layers.Conv2D(48, 3, activation="gelu"), layers.GlobalAveragePooling2D()),
    ]


def _dense(layers: Any) -> list[Any]:
    return [layers.AveragePooling2D(2), layers.Flatten(), layers.Dense(64, activation="tanh")]


#: Name to the layers of a network; "pruned" is "plain" with the lesser half of its weights set to zero.
NETWORKS = {"plain": _plain, "separable": _separable, "gelu": _gelu, "dense": _dense, "pruned": _plain}


def train(
    pixels: Any, truth: Any, path: Path, *, seed: int, epochs: int, scale: float = 1.0, kind: str = "plain"
) -> None:
    """Write one of NETWORKS that was trained on these pixels."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(pixels.shape[1:]),
            layers.Rescaling(scale),
            *NETWORKS[kind](layers),
            *(layers.Dropout(0.3), layers.Dense(int(truth.max()) + 1, activation="softmax")),
        ]
    )
    model.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pixels, truth, epochs=epochs, batch_size=32, verbose=0)
    if kind == "pruned":
        for weight in model.trainable_weights:
            value = np.asarray(weight)
            if value.ndim > 1:
                weight.assign(np.where(np.abs(value) < np.median(np.abs(value)), 0, value))
    model.save(path)


def adopt_and_export(
    model: Path, run: Path, labels: list[str], data: Path, source_range: tuple[float, float] = (0.0, 1.0)
) -> None:
    """Adopt a model, and write ONNX, TFLite in four recipes, and a frozen graph."""
    from modelport.convert.convert import convert
    from modelport.quantize.quantize import quantize
    from modelport.training.adopt.adopt import adopt
    from modelport.training.adopt.options import AdoptOptions

    names = model.with_suffix(".txt")
    names.write_text("".join(f"{label}\n" for label in labels))
    adopt(model, run, names, data, AdoptOptions(source_range=source_range, overwrite=True))
    convert(run, ("tflite", "onnx", "frozen_graph"))
    quantize(run)


def read_split(folder: Path, labels: list[str], size: int) -> tuple[Any, Any]:
    """Return a split's images, float32 in [0, 1] at (size, size, 3), and their labels, with the contract's resize."""
    from modelport.contract.image.resize import resize_bilinear

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

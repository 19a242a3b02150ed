"""Wall time of `modelport validate` beside one bare script for each artifact, run one after the other.

Run: python benchmarks/judge_speed.py RUN DATASET [--images 1000] [--times 3] [--threads N]

RUN is a run folder with artifacts, DATASET holds its images as test/LABEL/NUMBER.png; both are copied. The images are
repeated with small changes of brightness until there are enough different files, and the run gets a reference of them.
The scripts do what anybody writes: import, load, decode, and call once for each image; each may use all cores. The
judge starts without its cache; it asks graphs that take file bytes at that door too, which the scripts do not, and it
compares all answers with the reference. Ways take turns; the table shows medians and all times. Processor seconds are
those of all processes: they say less about a user's patience, and hardly change while others use the machine.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from modelport.contract.cores import cores
from modelport.contract.dataset.labelled_images import find_labelled_images
from modelport.contract.run.reference import Reference, write_reference
from modelport.contract.run.run_folder import RunFolder
from modelport.runtimes.workers.workers import open_artifact
from modelport.validate.answers.image_stream import ImageStream, batches
from PIL import Image

SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from PIL import Image
model, data, size, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
{load}
labels, right, paths = sorted(folder.name for folder in data.iterdir()), 0, sorted(data.rglob("*.png"))
for path in paths:
    image = Image.open(path).convert("RGB").resize((size, size), Image.BILINEAR)
    answer = predict(np.asarray(image, np.float32)[None] / 255)
    right += labels[int(np.argmax(answer))] == path.parent.name
print(right / len(paths))
"""
_TENSORFLOW = """import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
"""
LOAD = {
    "tflite": """from ai_edge_litert.interpreter import Interpreter
interpreter = Interpreter(model, num_threads=threads)
interpreter.allocate_tensors()
taken, given = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
def predict(pixels):
    interpreter.set_tensor(taken, pixels)
    interpreter.invoke()
    return interpreter.get_tensor(given)""",
    "onnx": """import onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
predict = lambda pixels: session.run(None, {name: pixels})[0]""",
    "saved_model": _TENSORFLOW
    + """loaded = tf.saved_model.load(model)
function = loaded.signatures["serving_default"]
(name,) = function.structured_input_signature[1]
predict = lambda pixels: next(iter(function(**{name: tf.constant(pixels)}).values())).numpy()""",
    "frozen_graph": _TENSORFLOW
    + """definition = tf.compat.v1.GraphDef.FromString(Path(model).read_bytes())
with tf.Graph().as_default() as graph:
    tf.import_graph_def(definition, name="")
session = tf.compat.v1.Session(graph=graph)
predict = lambda pixels: session.run("final_result:0", {"input:0": pixels})""",
    "h5": _TENSORFLOW
    + """import tf_keras
predict = tf_keras.models.load_model(model, compile=False).predict_on_batch""",
}


def main() -> None:
    """Time both ways by turns; print the scripts, medians, all times and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="A run folder with artifacts; it is copied.")
    parser.add_argument("dataset", type=Path, help="Its data set; test/ is repeated.")
    parser.add_argument("--images", type=int, default=1000, help="How many images are judged.")
    parser.add_argument("--times", type=int, default=3, help="How often each way is timed.")
    parser.add_argument("--threads", type=int, default=cores(), help="Of each script.")
    given = parser.parse_args()
    print(SCRIPT, *(f"# {name}\n{text}\n" for name, text in LOAD.items()), sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        run, data = prepare(given.run, given.dataset, Path(folder), given.images)
        lock = run.read_lock()
        kinds = ", ".join(artifact.path for artifact in lock.artifacts)
        print(f"{len(lock.artifacts)} artifacts ({kinds}), {given.images} images, {cores()} cores", flush=True)
        ways: dict[str, Callable[[], object]] = {
            "modelport validate --no-cache": lambda: judge(run, data),
            f"a script each, {given.threads} threads": lambda: run_scripts(run, data, given.threads),
        }
        show(measure(ways, given.times))


def measure(ways: dict[str, Callable[[], object]], count: int) -> dict[str, list[tuple[float, float]]]:
    """Return for each way its wall and processor seconds, each time; they take turns."""
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(count):
        for way, act in ways.items():
            start, before = time.perf_counter(), os.times()
            act()
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            found[way].append((time.perf_counter() - start, used))
            print(f"{way}: {found[way][-1][0]:.1f} s, of processors {used:.1f} s", flush=True)
    return found


def show(found: dict[str, list[tuple[float, float]]]) -> None:
    """Print medians, all times and the ratios of the first way to the second."""
    print("| way | median wall s [all] | median processor s [all] |\n| --- | ---: | ---: |")
    medians = []
    for way, runs in found.items():
        columns = [sorted(column) for column in zip(*runs, strict=True)]
        medians.append([statistics.median(column) for column in columns])
        cells = [f"{statistics.median(c):.1f} [{', '.join(f'{x:.1f}' for x in c)}]" for c in columns]
        print(f"| {way} | {' | '.join(cells)} |")
    wall, processor = (ours / theirs for ours, theirs in zip(medians[0], medians[1], strict=True))
    print(f"ratio of wall time {wall:.2f}, of processor time {processor:.2f}")


def prepare(run: Path, dataset: Path, folder: Path, count: int) -> tuple[RunFolder, Path]:
    """Return a copy of the run with a reference of `count` different images, and their folder."""
    copy = RunFolder(Path(shutil.copytree(run, folder / "run", ignore=shutil.ignore_patterns("validation", "logs"))))
    data, random = folder / "images", np.random.default_rng(0)
    paths = cycle(sorted((dataset / "test").rglob("*.png")))
    for number in range(count):
        path = next(paths)
        image = np.asarray(Image.open(path).convert("RGB"), np.int16) + random.integers(-2, 3, (1, 1, 3))
        image[0, 0] = number >> 8, number & 255, 0  # no two files are equal
        target = data / path.parent.name / f"{number:05d}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(target)
    write_reference(copy.reference, make_reference(copy, data))
    return copy, data


def make_reference(run: RunFolder, data: Path) -> Reference:
    """Return what the Keras model answers."""
    contract = run.read_contract()
    found = find_labelled_images(contract, data)
    count = len(found.images)
    stream = ImageStream(tuple(image.path for image in found.images), contract.pixels)
    with open_artifact(run.model, "keras", contract, log=data.parent / "keras.log") as session:
        pieces = [session.predict(stream.pixels(rows, contract.pixels)) for rows in batches(np.arange(count), 16)]
    head = contract.first_classification.name
    truths: dict[str, Any] = {head: np.array([image.label for image in found.images])}
    return Reference(
        run_id=contract.provenance.run_id,
        model_sha256=contract.provenance.model_sha256,
        paths=found.names,
        file_sha256=stream.file_sha256,
        pixels_sha256=stream.pixels_sha256,
        truths=truths,
        predictions={head: np.concatenate([piece[head] for piece in pieces])},
    )


def judge(run: RunFolder, data: Path) -> None:
    """Judge the whole run, in a process of its own."""
    report = run.root.parent / "report"
    command = [sys.executable, "-m", "modelport", "validate", run.root, "--data", data, "--report", report]
    done = subprocess.run([*map(str, command), "--no-cache"], capture_output=True, text=True)
    if " 0 not judged on " not in done.stdout:
        sys.exit(f"not everything was judged:\n{done.stdout}{done.stderr}")


def run_scripts(run: RunFolder, data: Path, threads: int) -> None:
    """Run one script for each artifact, one after the other."""
    size = run.read_contract().pixels.height
    for artifact in run.read_lock().artifacts:
        code = SCRIPT.replace("{load}", LOAD[artifact.format])
        command = [sys.executable, "-c", code, run.root / artifact.path, data, size, threads]
        environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "2"}
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=environment)
        if done.returncode or not 0.5 < float(done.stdout.split()[-1]) <= 1:
            sys.exit(f"{artifact.path}: {done.stdout}{done.stderr[-2000:]}")


if __name__ == "__main__":
    main()

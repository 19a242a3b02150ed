"""`modelport convert --to all` beside the stock calls for the same formats: in one process, and each in its own.

Run: python benchmarks/convert_all.py RUN [--tfjs-converter ENV/bin/tensorflowjs_converter] [--times 3]

RUN is a run folder. tensorflowjs 4.22 cannot be imported beside TensorFlow 2.21, so that it has an environment of its
own (pip install tensorflowjs, then pip install --no-deps protobuf==6.31.1, without which it does not start); the one
process of the stock calls goes without it. Wall time counts interpreters and imports, as users do. Memory is the
largest sum of the resident memory of all processes at one time, looked at every 20 ms (Linux).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OPEN = """
import sys
import keras
import tensorflow as tf
model = keras.models.load_model(sys.argv[1])
folder = sys.argv[2]
spec = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="image")
"""
STOCK = {
    "saved_model": "model.export(folder + '/saved_model', verbose=False)",
    "frozen_graph": """
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
function = tf.function(lambda image: model(image, training=False)).get_concrete_function(spec)
tf.io.write_graph(convert_variables_to_constants_v2(function).graph, folder, "graph.pb", as_text=False)
""",
    "tflite": """
with open(folder + "/model.tflite", "wb") as file:
    file.write(tf.lite.TFLiteConverter.from_keras_model(model).convert())
""",
    "onnx": """
import tf2onnx
tf2onnx.convert.from_keras(model, [spec], opset=17, output_path=folder + "/model.onnx")
""",
    "h5": "model.save(folder + '/model.h5')",
}


def main() -> None:
    """Time each way by turns; print medians, spread and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="A run folder; it is copied.")
    parser.add_argument("--tfjs-converter", type=Path, help="The stock converter's command.")
    parser.add_argument("--times", type=int, default=3, help="How often each way is timed.")
    given = parser.parse_args()
    for name, code in STOCK.items():
        print(f"{name:13} {code.strip()}".replace("\n", "\n" + 14 * " "))
    print("tfjs          tensorflowjs_converter --input_format=tf_saved_model saved_model tfjs", flush=True)
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(given.times):
        for way, measured in measure(given.run, given.tfjs_converter).items():
            found.setdefault(way, []).append(measured)
    ours = statistics.median(seconds for seconds, _ in found["modelport"])
    print("| way | formats | median s [all] | peak MB | modelport takes |\n| --- | ---: | ---: | ---: | ---: |")
    formats = {"modelport": 6, "stock, one process": 5, "stock, own processes": 5 + (given.tfjs_converter is not None)}
    for way, runs in found.items():
        times = sorted(seconds for seconds, _ in runs)
        median, peak = statistics.median(times), max(peak for _, peak in runs)
        each = ", ".join(f"{seconds:.1f}" for seconds in times)
        print(f"| {way} | {formats[way]} | {median:.1f} [{each}] | {peak:,.0f} | {ours / median:.2f} |")


def measure(run: Path, tfjs_converter: Path | None) -> dict[str, tuple[float, float]]:
    """Return for each way its seconds and its peak in MB."""
    with tempfile.TemporaryDirectory() as folder:
        copy, out = Path(folder, "run"), Path(folder, "stock")
        copy.mkdir()
        out.mkdir()
        for name in ("contract.json", "model.keras", "training_set_labels.txt", "evaluation_report.json"):
            if (run / name).exists():
                shutil.copy(run / name, copy / name)
        python, model = [sys.executable, "-c"], [str(copy / "model.keras"), str(out)]
        own = [[*python, OPEN + code, *model] for code in STOCK.values()]
        if tfjs_converter is not None:
            folders = [str(out / "saved_model"), str(out / "tfjs")]
            own.append([str(tfjs_converter), "--input_format=tf_saved_model", *folders])
        ours = [sys.executable, "-m", "modelport", "convert", str(copy), "--to", "all"]
        return {
            "modelport": timed([ours]),
            "stock, one process": timed([[*python, OPEN + "\n".join(STOCK.values()), *model]]),
            "stock, own processes": timed(own),
        }


def timed(commands: list[list[str]]) -> tuple[float, float]:
    """Run commands one after the other; return the seconds, and the largest sum of resident memory in MB."""
    start, peak = time.perf_counter(), 0.0
    for command in commands:
        with tempfile.TemporaryFile() as noise:
            process = subprocess.Popen(
                command, stdout=noise, stderr=noise, env={**os.environ, "CUDA_VISIBLE_DEVICES": ""}
            )
            while process.poll() is None:
                peak = max(peak, resident_mb(process.pid))
                time.sleep(0.02)
            if process.returncode:
                noise.seek(0)
                sys.exit(f"{command[:4]} failed:\n{noise.read().decode(errors='replace')[-2000:]}")
    return time.perf_counter() - start, peak


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process and of all that it started; 0 where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = [
            child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
        ]
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6 + sum(resident_mb(int(child)) for child in children)


if __name__ == "__main__":
    main()

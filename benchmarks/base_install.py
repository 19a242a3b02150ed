"""What a CI job pays: megabytes and seconds of the base install, and the seconds of the smallest gate.

Run: python benchmarks/base_install.py RUN DATA [--times 3]

RUN is a run folder with model.float32.tflite and a reference of the labelled images DATA. A wheel of the committed tree
is installed into a fresh virtual environment; its megabytes are those that the environment has more than an empty one.
The gate is one TFLite file on 300 images of a gate pack, judged there without kept answers; `import tensorflow` is that
of the Python that runs this. Ways take turns; all times are shown.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    """Install, pack, and time; print medians and all times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="A run folder with model.float32.tflite and a reference.")
    parser.add_argument("data", type=Path, help="Labelled images that the reference holds.")
    parser.add_argument("--times", type=int, default=3, help="How often each way is timed.")
    given = parser.parse_args()
    run, data = given.run.absolute(), given.data.absolute()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = install(folder)
        pack, artifact = folder / "gate.zip", run / "model.float32.tflite"
        call(program, "-m", "modelport", "pack", run, pack, "--data", data, "--images", 300)
        report = ["--artifact", artifact, "--report", folder / "report"]
        judge = ["-m", "modelport", "validate", pack, *report]
        ways: dict[str, Callable[[], object]] = {
            "smallest gate": lambda: call(program, *judge, "--no-cache"),
            "smallest gate, answers kept": lambda: call(program, *judge),
            "modelport --help": lambda: call(program, "-m", "modelport", "--help"),
            'python -c "import tensorflow"': lambda: call(Path(sys.executable), "-c", "import tensorflow"),
        }
        times: dict[str, list[float]] = {way: [] for way in ways}
        call(program, *judge)
        for _ in range(given.times):
            for way, act in ways.items():
                times[way].append(seconds_of(act))
    print("| way | median s | all |\n| --- | ---: | --- |")
    for way, each in times.items():
        print(f"| {way} | {statistics.median(each):.2f} | {', '.join(f'{x:.2f}' for x in sorted(each))} |")


def install(folder: Path) -> Path:
    """Install the base into a fresh environment, say what it took, and return its Python."""
    root = Path(__file__).resolve().parents[1]
    clone, wheels, home = folder / "clone", folder / "wheels", folder / "environment"
    subprocess.run(["git", "clone", "-q", root, clone], check=True)
    call(Path(sys.executable), "-m", "pip", "wheel", "-q", "--no-deps", "-w", wheels, clone)
    (wheel,) = wheels.glob("*.whl")
    venv.create(home, with_pip=True)
    empty = size_mb(home)
    program = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pip = ("-m", "pip", "install", "-q", "--no-cache-dir", "-c", root / "constraints.txt")
    seconds = seconds_of(lambda: call(program, *pip, wheel))
    print(f"base install, downloads and all: {seconds:.1f} s, {size_mb(home) - empty:.0f} MB", flush=True)
    return program


def size_mb(folder: Path) -> float:
    """Return 10^6 bytes of all files below a folder, compiled copies and all."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return sum(file.stat().st_size for file in files) / 1e6


def seconds_of(act: Callable[[], object]) -> float:
    """Return the wall time of a call."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def call(program: Path, *arguments: object) -> None:
    """Run Python; a gate may end with 1, which is a verdict."""
    done = subprocess.run(
        [str(program), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"},
        cwd=program.parent,
    )
    if done.returncode and "report:" not in done.stdout:
        sys.exit(f"{arguments}:\n{done.stdout}{done.stderr[-3000:]}")


if __name__ == "__main__":
    main()

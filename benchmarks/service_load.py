"""The service under load while its graph is swapped and rolled back: nothing may fail, nor be answered by neither.

Run: python benchmarks/service_load.py RUN IMAGES [--other GRAPH] [--seconds 60] [--swaps 20] [--connections 6]

A backend is made with the frozen graph of RUN (model A) and its labels. Model B is the graph --other, or A with other
weights: its last ones smaller, and noise on them, so that no image has the same scores. A client in TF 1 style, in a
process of its own for each model, says beforehand what A and B answer to the same bytes. Then keep-alive connections
ask without a pause, in three ways, while modelport's own swap and rollback take turns. Every answer is held to its
model: the scores must be those of the model whose hash it names. The old client is started anew after the last swap and
after the last rollback, with the labels file that was there from the beginning.
"""

import argparse
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import service_load_client as client  # type: ignore[import-not-found]  # beside this script
import service_load_models as models  # type: ignore[import-not-found]
from modelport.assets.backend.store.swap import roll_back, swap_file
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.image_formats import JPEG, PNG
from modelport.contract.labels.labels_file import read_labels

GRAPH, LABELS = "trained_model_graph.pb", "training_set_labels.txt"
OLD_CLIENT = Path(__file__).resolve().parents[1] / "tests" / "convert" / "to_frozen_graph" / "old_client.py"


def main() -> None:
    """Prepare both models, ask under load while they are swapped, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="A run folder with trained_model_graph.pb.")
    parser.add_argument("images", type=Path, help="A folder with images, at any depth; the first 40 are sent.")
    parser.add_argument("--other", type=Path, help="Another graph with as many labels.")
    parser.add_argument("--seconds", type=float, default=60.0, help="At least; each change waits for the one before.")
    parser.add_argument("--swaps", type=int, default=20, help="Swaps; each is rolled back.")
    parser.add_argument("--connections", type=int, default=6)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        backend = folder / "backend"
        backend.mkdir()
        for file in (GRAPH, LABELS):
            shutil.copyfile(given.run / file, backend / file)
        other = folder / "B.pb"
        if given.other:
            shutil.copyfile(given.other, other)
        else:
            models.write_other(backend / GRAPH, other)
        found = sorted(path for path in given.images.rglob("*") if path.suffix.lower() in JPEG.suffixes + PNG.suffixes)
        paths = found[:: max(1, len(found) // 40)][:40]  # from all classes
        expected = {
            sha256_of_file(graph): (model, models.old_client_scores(graph, paths))
            for model, graph in (("A", backend / GRAPH), ("B", other))
        }
        rows = [scores for _, scores in expected.values()]
        apart = float(np.abs(rows[0] - rows[1]).max(axis=1).min())
        if apart < 100 * client.TOLERANCE:
            sys.exit(f"the models answer too much alike: an image's scores differ by {apart:.2g} only")
        measure(given, backend, other, paths, expected, apart)


def measure(
    given: Any, backend: Path, other: Path, paths: list[Path], expected: dict[str, tuple[str, Any]], apart: float
) -> None:
    """Ask, swap, and print."""
    labels, labels_before = read_labels(backend / LABELS), (backend / LABELS).read_bytes()
    bodies = [body for path in paths for body in client.ways(path.read_bytes())]
    with serving(backend) as (process, address):
        memory = [memory_mb(process.pid)]
        stop, seen = threading.Event(), [client.Seen() for _ in range(given.connections)]
        threads = [
            threading.Thread(target=client.ask, args=(address, bodies, expected, labels, stop, own, number))
            for number, own in enumerate(seen)
        ]
        for thread in threads:
            thread.start()
        started = time.monotonic()
        waits = swap_and_roll_back(given, backend, other, address)
        stop.set()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
        health = get(address, "/health")
        memory.append(memory_mb(process.pid))
    show(given, seconds, seen, health, waits, memory, apart)
    restarted_client(backend, other, paths, expected, labels)
    print(f"labels file unchanged: {labels_before == (backend / LABELS).read_bytes()}")
    bad = sum(sum(own.failures.values()) + len(own.strange) for own in seen)
    sys.exit(1 if bad else 0)


def swap_and_roll_back(given: Any, backend: Path, other: Path, address: str) -> list[float]:
    """Change the graph at even times; return the milliseconds from each change to the first answer of /health by it."""
    started, waits = time.monotonic(), []
    changes = 2 * given.swaps
    for number in range(changes):
        time.sleep(max(0.0, started + (number + 0.5) * given.seconds / changes - time.monotonic()))
        swapped = roll_back(backend) if number % 2 else swap_file(backend, GRAPH, other, labels=LABELS)
        at = time.monotonic()
        while get(address, "/health")["model_sha256"] != swapped.after[GRAPH]:
            if time.monotonic() - at > 30:
                sys.exit(f"change {number + 1} was not served after 30 s: {get(address, '/health')}")
            time.sleep(0.02)
        waits.append((time.monotonic() - at) * 1000)
    time.sleep(max(0.0, started + given.seconds - time.monotonic()))
    return waits


def restarted_client(
    backend: Path, other: Path, paths: list[Path], expected: dict[str, tuple[str, Any]], labels: tuple[str, ...]
) -> None:
    """Start the old client anew on each model, with the labels file of old, and compare its labels."""
    for is_back in (False, True):
        if is_back:
            roll_back(backend)
        else:
            swap_file(backend, GRAPH, other, labels=LABELS)
        model, scores = expected[sha256_of_file(backend / GRAPH)]
        said = json.loads(models.call(OLD_CLIENT, backend / GRAPH, backend / LABELS, *paths))
        right = sum(label == labels[int(row.argmax())] for (label, _), row in zip(said["found"], scores, strict=True))
        print(f"old client after its restart: {right} of {len(paths)} as model {model}")
        if right != len(paths):
            sys.exit("the old client answers something else")


def show(
    given: Any,
    seconds: float,
    seen: list[client.Seen],
    health: dict[str, Any],
    waits: list[float],
    memory: list[float],
    apart: float,
) -> None:
    """Print the table."""
    answers, failures = Counter[str](), Counter[str]()
    for own in seen:
        answers += own.answers
        failures += own.failures
    latency = np.concatenate([own.latency_ms for own in seen])
    strange = [answer for own in seen for answer in own.strange]
    rows = {
        "seconds, connections": f"{seconds:.0f}, {given.connections}",
        "swaps, rollbacks; reloads by the service": f"{given.swaps}, {given.swaps}; {health['reloads']}",
        "requests sent": f"{len(latency) + sum(failures.values()):,}",
        "requests failed": f"{sum(failures.values()):,}",
        "answers by A, by B": f"{answers['A']:,}, {answers['B']:,}",
        "answers by neither": f"{len(strange):,}",
        "largest difference to the old client's score": f"{max(own.largest for own in seen):.2g}",
        "least that A and B differ on an image": f"{apart:.2g}",
        "latency, ms: 50 %, 95 %, 99 %, 99.9 %, longest": ", ".join(
            f"{value:.1f}" for value in (*np.percentile(latency, (50, 95, 99, 99.9)), latency.max())
        ),
        "requests a second": f"{len(latency) / seconds:.0f}",
        "from a change to the first answer by it, ms: median, longest": f"{np.median(waits):.0f}, {max(waits):.0f}",
        "memory of the service, MB: before, after": ", ".join(f"{value:.0f}" for value in memory),
    }
    print("| what | measured |\n| --- | ---: |")
    for name, value in rows.items():
        print(f"| {name} | {value} |")
    for what, often in failures.most_common(5):
        print(f"failed {often} times: {what}")
    for answer in strange[:3]:
        print(f"strange: {answer}")


@contextmanager
def serving(backend: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Let the service answer in a process of its own; yield it and its address."""
    settings = {"PORT": "0", "MODELPORT_MODEL": str(backend), "MODELPORT_RATE_PER_SECOND": "0"}
    settings |= {"MODELPORT_RELOAD_SECONDS": "0.2"}
    command = [sys.executable, "-P", "-m", "modelport.assets.service"]
    log = backend.parent / "service.log"
    with open(log, "w", encoding="utf-8") as stream:
        process = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, stderr=stream, text=True)
        try:
            assert process.stdout is not None
            address = next((line.split("//")[1].strip() for line in process.stdout if "listening on" in line), None)
            if address is None:
                sys.exit(f"the service did not start:\n{log.read_text()}")
            yield process, address
        finally:
            process.terminate()
            process.wait(20)


def get(address: str, path: str) -> dict[str, Any]:
    """Return what GET answers, over a connection of its own."""
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", path)
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def memory_mb(pid: int) -> float:
    """Return the resident megabytes of a process; NaN where the system does not tell them in /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()

"""What `modelport deliver backend` leaves where its process is stopped: the old graph or the new one, and nothing else.

Run: python benchmarks/swap_crashes.py RUN DATA [--kills 50] [--seed 0] [--steps]

RUN is a run folder with a frozen graph that was judged (modelport validate), DATA a few labelled images to compare on.
The old graph is the run's own with one node more that does nothing: other bytes, the same client. Three parts:

walk    every step on disk of a swap, of its rollback, and of a change of graph and labels together, looked at in place
steps   (--steps) a real `modelport deliver backend` per step, ended after it with os._exit: some 9 s each, two at once
kills   real commands, ended by SIGKILL at random: half deliveries, half rollbacks; of the deliveries every second one
        at any moment of the process, the others within the swap. Then the same command, to its end

While commands are killed, another process reads the graph as a service would, again and again, and keeps the hashes.
"""

import argparse
import multiprocessing
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from modelport.assets.backend.store.swap import roll_back, swap
from modelport.contract.files import disk
from modelport.contract.files.hashing import files_below, sha256_of, sha256_of_file

GRAPH, LABELS = "trained_model_graph.pb", "training_set_labels.txt"
STOPPED = 77
STOPPED_PROCESS = Path(__file__).resolve().parents[1] / "tests" / "stopped_process.py"

Pair = tuple[str, str]


def main() -> None:
    """Do the parts, and print a line for each; exits with 1 where a state was not whole."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="A run folder with a frozen graph that was judged.")
    parser.add_argument("data", type=Path, help="A few labelled images.")
    parser.add_argument("--kills", type=int, default=50, help="How many real commands are killed.")
    parser.add_argument("--seed", type=int, default=0, help="Of the moments.")
    parser.add_argument("--steps", action="store_true", help="Stop a real delivery after every step.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), given.run.absolute(), given.data.absolute())
        broken = walk_all(bench)
        broken += stop_at_every_step(bench) if given.steps else 0
        broken += kill_at_random(bench, given.kills, random.Random(given.seed))
    sys.exit(1 if broken else 0)


class Bench:
    """A backend as it was found, and what is delivered to it."""

    def __init__(self, folder: Path, run: Path, data: Path) -> None:
        self.folder, self.run, self.data = folder, run, data
        self.first = folder / "first"
        self.first.mkdir()
        (self.first / GRAPH).write_bytes(older(run / GRAPH))
        shutil.copyfile(run / LABELS, self.first / LABELS)
        self.other_labels = folder / "other.txt"
        self.other_labels.write_bytes(b"a\nb\n")
        self.old, self.new = sha256_of_file(self.first / GRAPH), sha256_of_file(run / GRAPH)

    def backend(self, name: str) -> Path:
        """Return a fresh copy of the backend as it was found."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(self.first, target))

    def deliver(self, backend: Path) -> list[str]:
        """Return the arguments of the delivery."""
        return ["deliver", "backend", str(self.run), str(backend), "--data", str(self.data)]


def older(graph: Path) -> bytes:
    """Return the graph with a node that does nothing."""
    from tensorflow.core.framework import graph_pb2

    definition = graph_pb2.GraphDef.FromString(graph.read_bytes())
    definition.node.add(name="an_older_one", op="NoOp")
    data: bytes = definition.SerializeToString(deterministic=True)
    return data


def walk_all(bench: Bench) -> int:
    """Look at the pair after every step of each way to change it."""
    files = {GRAPH: bench.run / GRAPH}
    both = files | {LABELS: bench.other_labels}
    ways: dict[str, tuple[Callable[[Path], Any], Callable[[Path], Any]]] = {
        "swap": (lambda _: None, lambda root: swap(root, GRAPH, files, labels=LABELS)),
        "rollback": (lambda root: swap(root, GRAPH, files, labels=LABELS), roll_back),
        "swap of graph and labels": (lambda _: None, lambda root: swap(root, GRAPH, both, labels=LABELS)),
        "rollback of graph and labels": (lambda root: swap(root, GRAPH, both, labels=LABELS), roll_back),
    }
    return sum(walk(bench.backend("walk"), name, *way) for name, way in ways.items())


def walk(root: Path, name: str, first: Callable[[Path], Any], act: Callable[[Path], Any]) -> int:
    """Do `act` and count the steps, the states that look different, and the pairs that are neither."""
    first(root)
    pairs, states = list[Pair](), set[frozenset[tuple[str, str]]]()

    def observe(_: str, __: Path) -> None:
        pairs.append((sha256_of(root / GRAPH), sha256_of(root / LABELS)))
        named = [path for path in files_below(root) if ".part-" not in str(path)]
        links = [path for path in root.rglob("*") if path.is_symlink()]
        states.add(
            frozenset((str(path), str(path.readlink()) if path in links else sha256_of(path)) for path in named + links)
        )

    before = (sha256_of(root / GRAPH), sha256_of(root / LABELS))
    with disk.observed(observe):
        act(root)
    after = (sha256_of(root / GRAPH), sha256_of(root / LABELS))
    broken = sum(pair not in (before, after) for pair in pairs)
    print(f"{name}: {len(pairs)} points, {len(states)} states, {broken} not whole", flush=True)
    return broken


def stop_at_every_step(bench: Bench) -> int:
    """Stop a real delivery after each of its steps, then let it go on."""

    def stop(number: int) -> tuple[int, str, str]:
        backend = bench.backend(f"step{number}")
        command = [sys.executable, str(STOPPED_PROCESS), str(number), *bench.deliver(backend)]
        code = subprocess.run(command, capture_output=True, check=False).returncode
        left = sha256_of(backend / GRAPH)
        if code == STOPPED:
            call(bench.deliver(backend))
        return code, left, sha256_of(backend / GRAPH)

    found, number = list[tuple[int, str, str]](), 1
    with ThreadPoolExecutor(2) as pool:
        while not found or found[-1][0] == STOPPED:
            found += pool.map(stop, range(number, number + 2))
            number += 2
    stopped = [one for one in found if one[0] == STOPPED]
    count = Counter(left for _, left, _ in stopped)
    broken = len(stopped) - count[bench.old] - count[bench.new]
    behind = sum(after != bench.new for _, _, after in stopped)
    print(
        f"real deliveries stopped at every step: {len(stopped)} points, {count[bench.old]} old, "
        f"{count[bench.new]} new, {broken} not whole; {behind} that the same command did not finish",
        flush=True,
    )
    return broken + behind


def kill_at_random(bench: Bench, kills: int, moments: random.Random) -> int:
    """Kill deliveries and rollbacks, while a reader reads."""
    backend = bench.backend("killed")
    deliver, back = bench.deliver(backend), ["deliver", "backend", "--rollback", str(backend)]
    whole_s, back_s = seconds_of(deliver), seconds_of(back)
    left, finished, ended = Counter[str](), 0, 0
    with Reader(backend / GRAPH) as reader:
        for number in range(kills):
            shutil.rmtree(backend / ".modelport")
            command = deliver if number % 2 else back
            if command is back:
                swap(backend, GRAPH, {GRAPH: bench.run / GRAPH}, labels=LABELS)
            process = subprocess.Popen(
                [sys.executable, "-m", "modelport", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            if command is back:
                time.sleep(moments.uniform(0.3 * back_s, back_s))
            elif number % 4 == 1:
                time.sleep(moments.uniform(0, whole_s))
            else:
                wait_for(backend / ".modelport" / "backend" / "lock", process)
                time.sleep(moments.uniform(0, 0.4))
            ended += process.poll() is not None
            process.kill()
            process.wait()
            found = sha256_of(backend / GRAPH)
            left["old" if found == bench.old else "new" if found == bench.new else "NEITHER"] += 1
            wanted = bench.new if command is deliver else bench.old
            if command is deliver or found != wanted:  # a rollback that is done would find nothing more to take back
                call(command)
            finished += sha256_of(backend / GRAPH) == wanted
            if command is deliver:
                call(back)
            sys.stderr.write(f"\r{number + 1}/{kills} {dict(left)}, {finished} finished ")
            sys.stderr.flush()
    strange = reader.digests - {bench.old, bench.new}
    print(
        f"{kills} killed at random ({ended} had ended by then): {left['old']} old, {left['new']} new, "
        f"{left['NEITHER']} not whole; {finished} finished by the same command; "
        f"{reader.count:,} reads meanwhile, {len(strange)} of neither"
    )
    return left["NEITHER"] + (kills - finished) + len(strange)


class Reader:
    """Reads a file in a process of its own, as a service that loads its model does."""

    def __init__(self, path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop, self._queue, self._count = context.Event(), context.Queue(), context.Value("q", 0)
        self._process = context.Process(target=read, args=(path, self._stop, self._queue, self._count))
        self.digests, self.count = set[str](), 0

    def __enter__(self) -> "Reader":
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.digests = self._queue.get(timeout=60)
        self.count = self._count.value
        self._process.join()


def read(path: Path, stop: Any, queue: Any, count: "Synchronized[int]") -> None:
    """Hash the file until told to stop; "missing" where it is not there."""
    seen = set[str]()
    while not stop.is_set():
        try:
            seen.add(sha256_of_file(path))
        except FileNotFoundError:
            seen.add("missing")
        count.value += 1
        time.sleep(0.02)
    queue.put(seen)


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until a file is there, or the process has ended."""
    while not path.exists() and process.poll() is None:
        time.sleep(0.0005)


def seconds_of(command: list[str]) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    call(command)
    return time.perf_counter() - start


def call(command: list[str]) -> None:
    """Run a modelport command; raises CalledProcessError where it fails."""
    subprocess.run([sys.executable, "-m", "modelport", *command], check=True, capture_output=True)


if __name__ == "__main__":
    main()

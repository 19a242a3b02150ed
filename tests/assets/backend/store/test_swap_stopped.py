"""A swap and a rollback stopped after every step: model and labels are a whole pair, and the same command goes on."""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from modelport.assets.backend.store.backend_record import read_record
from modelport.assets.backend.store.swap import roll_back, swap
from modelport.contract.files import disk
from modelport.contract.files.hashing import files_below, sha256_of

GRAPH, LABELS = "trained_model_graph.pb", "training_set_labels.txt"
OLD, NEW = (b"old graph", b"e\r\nh\r\n"), (b"new graph", b"A\nB\n")
STOPPED_PROCESS = Path(__file__).parents[3] / "stopped_process.py"
STOPPED = 77
#: Pairs of a delivery of the graph alone.
ANY = {OLD, (NEW[0], OLD[1])}

Act = Callable[[Path], object]


def pair(root: Path) -> tuple[bytes, bytes]:
    return (root / GRAPH).read_bytes(), (root / LABELS).read_bytes()


def made(folder: Path) -> Path:
    """Return a backend with the old pair, and the new files beside it."""
    root = folder / "service"
    root.mkdir(parents=True)
    for name, content in zip((GRAPH, LABELS), OLD, strict=True):
        (root / name).write_bytes(content)
    (folder / "new.pb").write_bytes(NEW[0])
    (folder / "new.txt").write_bytes(NEW[1])
    return root


def deliver_graph(root: Path) -> object:
    return swap(root, GRAPH, {GRAPH: root.parent / "new.pb"}, run_id="run", labels=LABELS)


def deliver_both(root: Path) -> object:
    return swap(
        root, GRAPH, {GRAPH: root.parent / "new.pb", LABELS: root.parent / "new.txt"}, run_id="run", labels=LABELS
    )


def walk(folder: Path, root: Path, act: Act, allowed: set[tuple[bytes, bytes]]) -> tuple[int, list[Path]]:
    """Check the pair after every step, and return the number of steps and a copy of each state that looks different."""
    steps, known, states = 0, set[frozenset[tuple[str, str]]](), list[Path]()

    def observe(_: str, __: Path) -> None:
        nonlocal steps
        steps += 1
        assert pair(root) in allowed
        seen = frozenset(
            (path.relative_to(root).as_posix(), str(path.readlink()) if path.is_symlink() else sha256_of(path))
            for path in [*files_below(root), *(one for one in root.rglob("*") if one.is_symlink())]
            if not any(part.startswith(".part-") for part in path.relative_to(root).parts)
        )
        if seen not in known:
            known.add(seen)
            copy = folder / f"state{len(states)}"
            shutil.copytree(root.parent, copy, symlinks=True)
            states.append(copy / root.name)

    with disk.observed(observe):
        act(root)
    return steps, states


def deliver_all(root: Path) -> object:
    new = root.parent / "new.pb"
    new.write_bytes(NEW[0])
    return swap(root, GRAPH, {GRAPH: new}, labels=LABELS)


def nothing(_: Path) -> None:
    """What lies there is what was found."""


@pytest.mark.parametrize(
    ("first", "act", "before", "after"),
    [
        pytest.param(nothing, deliver_graph, OLD, (NEW[0], OLD[1]), id="graph"),
        pytest.param(nothing, deliver_both, OLD, NEW, id="graph-and-labels"),
        pytest.param(deliver_graph, roll_back, (NEW[0], OLD[1]), OLD, id="rollback"),
        pytest.param(deliver_both, roll_back, NEW, OLD, id="rollback-by-link"),
        pytest.param(deliver_graph, deliver_both, (NEW[0], OLD[1]), NEW, id="files-to-links"),
    ],
)
def test_every_step_leaves_a_whole_pair_and_the_same_command_goes_on(
    tmp_path: Path, first: Act, act: Act, before: tuple[bytes, bytes], after: tuple[bytes, bytes]
) -> None:
    root = made(tmp_path / "work")
    first(root)
    steps, states = walk(tmp_path, root, act, {before, after})
    assert after == pair(root)
    found = {pair(state) for state in states}
    assert {before, after} == found
    for state in states:
        top = read_record(state).stacks.get(GRAPH)
        if top is not None and top[-1].files[LABELS] == sha256_of(state / LABELS):
            assert sha256_of(state / GRAPH) in {one.files[GRAPH] for one in top}, "the record knows what lies there"
        was_done = pair(state) == after
        if not (act is roll_back and was_done):  # a rollback that is done would go one further down
            act(state)
        assert after == pair(state)
        assert not [one for one in state.iterdir() if one.is_symlink() and not one.exists()]
    print(f"swap: {steps} points, {len(states)} states, 0 not whole")


def test_a_delivery_goes_on_from_every_state_to_a_rollback(tmp_path: Path) -> None:
    """Whatever the stop left: delivered again and rolled back, the old pair lies there."""
    root = made(tmp_path / "work")
    _, states = walk(tmp_path, root, deliver_graph, {OLD, (NEW[0], OLD[1])})
    for state in states:
        deliver_graph(state)
        roll_back(state)
        assert OLD == pair(state)


def stop(command: tuple[str, ...], after: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(STOPPED_PROCESS), str(after), *command], capture_output=True, text=True, check=False
    )


SWAP = """
import os, sys
from modelport.assets.backend.store.swap import swap_file
from modelport.contract.files import disk
left = int(sys.argv[1])
def observe(*_):
    global left
    left -= 1
    if left == 0:
        os._exit(77)
with disk.observed(observe):
    swap_file(sys.argv[2], "trained_model_graph.pb", sys.argv[3], labels="training_set_labels.txt")
"""


@pytest.mark.slow
def test_a_real_process_that_is_stopped_at_any_step_of_a_swap_leaves_a_whole_pair(tmp_path: Path) -> None:
    root = made(tmp_path / "work")

    def stopped(number: int) -> int:
        copy = shutil.copytree(root, tmp_path / f"stopped{number}")
        command = [sys.executable, "-c", SWAP, str(number), str(copy), str(root.parent / "new.pb")]
        return subprocess.run(command, capture_output=True, check=False).returncode

    count, _ = walk(tmp_path, Path(shutil.copytree(root, tmp_path / "all" / "service")), deliver_all, ANY)
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(stopped, range(1, count + 2)))
    assert [STOPPED] * count + [0] == codes
    found = Counter(pair(tmp_path / f"stopped{number}") for number in range(1, count + 1))
    assert {OLD, (NEW[0], OLD[1])} == set(found)
    for number in range(1, count + 1):
        copy = tmp_path / f"stopped{number}"
        swap(copy, GRAPH, {GRAPH: root.parent / "new.pb"}, labels=LABELS)
        assert (NEW[0], OLD[1]) == pair(copy)
        roll_back(copy)
        assert OLD == pair(copy)
    print(f"swap, real processes: {count} points, {found[OLD]} old, {count - found[OLD]} new, 0 not whole")


@pytest.mark.slow
def test_a_real_process_that_is_stopped_at_any_step_of_a_rollback_leaves_a_whole_pair(tmp_path: Path) -> None:
    root = made(tmp_path / "work")
    deliver_graph(root)
    shutil.copytree(root, tmp_path / "all")
    told = stop(("deliver", "backend", "--rollback", str(tmp_path / "all")), 0)
    count = sum(line.startswith("step: ") for line in told.stdout.splitlines())
    assert count > 5, told.stderr
    copies = [Path(shutil.copytree(root, tmp_path / f"stopped{number}")) for number in range(1, count + 1)]

    def stopped(number: int) -> int:
        return stop(("deliver", "backend", "--rollback", str(copies[number - 1])), number).returncode

    with ThreadPoolExecutor(2) as pool:
        assert [STOPPED] * count == list(pool.map(stopped, range(1, count + 1)))
    found = [pair(copy) for copy in copies]
    assert {OLD, (NEW[0], OLD[1])} == set(found)
    for copy in copies:
        if pair(copy) != OLD:
            roll_back(copy)
        assert OLD == pair(copy)
    print(f"rollback: {count} points, {len(set(found))} states, 0 not whole")

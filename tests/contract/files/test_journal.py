"""The mechanism itself, stopped after every step: the record is right about the files, and the same act goes on."""

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.files import disk
from modelport.contract.files.atomic_write import write_bytes, write_json
from modelport.contract.files.journal import ABSENT, lies_there, promised, sha256_at

Walk = Callable[[Path, Callable[[], object], Callable[[Path], object]], Any]
Files = dict[str, str]

OLD = {"changed": b"old", "removed": b"gone soon", "same": b"same"}
NEW = {"changed": b"new", "same": b"same", "added/deep": b"added"}


def digest(content: bytes | None) -> str:
    return ABSENT if content is None else sha256(content).hexdigest()


def write(root: Path, record: dict[str, Files]) -> None:
    write_json(root / "record.json", record)


def read(root: Path) -> Files:
    """Return what the record says of each file once its promises are held against the files, one by one."""
    if not (root / "record.json").exists():
        return {}
    record: dict[str, Files] = json.loads((root / "record.json").read_text())
    happened = {name: sha for name, sha in record["pending"].items() if lies_there(root / name, sha)}
    return {name: sha for name, sha in (record["files"] | happened).items() if sha != ABSENT}


def act(root: Path, wanted: dict[str, bytes]) -> None:
    """Let the files of `wanted`, and no others, be there and in the record."""
    known = read(root)
    pending = {
        name: digest(wanted.get(name)) for name in [*known, *wanted] if known.get(name) != digest(wanted.get(name))
    }
    done = {"files": {name: digest(content) for name, content in wanted.items()}, "pending": {}}
    with promised(partial(write, root), {"files": known, "pending": pending}, lambda: done):
        for name in pending:
            if name in wanted:
                write_bytes(root / name, wanted[name])
            else:
                disk.remove(root / name)


def check(root: Path) -> None:
    """Check that the record says of each file what lies there, and of no file anything else."""
    if (root / "record.json").exists():
        assert {name: digest((root / name).read_bytes()) for name in read(root)} == read(root)
        there = {name for name in {*OLD, *NEW} if (root / name).exists()}
        assert there == set(read(root))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param({}, OLD, id="first"),
        pytest.param(OLD, NEW, id="change"),
        pytest.param(NEW, OLD, id="back"),
        pytest.param(OLD, {}, id="remove-all"),
    ],
)
def test_a_record_is_right_after_every_step(
    tmp_path: Path, stops: Walk, first: dict[str, bytes], then: dict[str, bytes]
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    act(root, first)
    found = stops(root, lambda: act(root, then), check)
    print(f"journal: {len(found.steps)} points, {len(found.states)} distinct states, 0 not whole")
    assert 1 + 1 + 3 + 1 == len(found.states)  # as before, promised, one for each of three files, settled
    for state in found.states:
        act(state, then)
        check(state)
        assert {name: digest(content) for name, content in then.items()} == read(state)


def test_stopped_twice_with_two_aims_the_record_is_right(tmp_path: Path, stops: Walk) -> None:
    root = tmp_path / "root"
    root.mkdir()
    act(root, OLD)
    for state in stops(root, lambda: act(root, NEW), check).states:
        for twice in stops(state, lambda state=state: act(state, OLD), check).states:  # type: ignore[misc]
            act(twice, NEW)
            check(twice)


def test_the_promise_is_written_before_and_the_rest_is_asked_and_written_after() -> None:
    told = list[str]()

    def settled() -> str:
        told.append("asked")
        return "settled"

    with promised(told.append, "promise", settled):
        told.append("act")
    assert ["promise", "act", "asked", "settled"] == told


def test_an_act_that_fails_leaves_the_promise() -> None:
    told = list[str]()
    with pytest.raises(KeyboardInterrupt), promised(told.append, "promise", lambda: "settled"):
        raise KeyboardInterrupt
    assert ["promise"] == told


def test_an_act_whose_promise_cannot_be_written_is_not_done() -> None:
    def full(record: str) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"), promised(full, "promise", lambda: "settled"):
        pytest.fail("nothing says what this does")


# FIPS 180-2, appendix B.1: the message "abc"
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_what_lies_there_is_told_by_its_own_hash(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "other").write_bytes(b"abd")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").write_bytes(b"abc")
    # what sha256sum prints of that folder, from within
    listing = sha256(f"{ABC}  x\n".encode()).hexdigest()
    assert (ABC, listing, ABSENT) == tuple(sha256_at(tmp_path / name) for name in ("file", "folder", "nothing"))
    assert [True, False, False, False] == [
        lies_there(tmp_path / name, ABC) for name in ("file", "other", "folder", "no")
    ]
    assert [False, False, True] == [lies_there(tmp_path / name, ABSENT) for name in ("file", "folder", "nothing")]

"""A model put into a backend and taken back: bytes, links, rights, and what is kept. No TensorFlow here."""

import json
import os
import shutil
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from modelport.assets.backend.store.backend_record import read_record
from modelport.assets.backend.store.swap import roll_back, swap, swap_file
from modelport.contract.errors import InputError, UsageError

GRAPH, LABELS = "trained_model_graph.pb", "training_set_labels.txt"
CRLF = b"e\r\nh\r\no\r\n"


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    root = tmp_path / "service"
    root.mkdir()
    (root / GRAPH).write_bytes(b"old graph")
    (root / LABELS).write_bytes(CRLF)
    return root


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.pb"
    path.write_bytes(b"new graph")
    return path


def pair(backend: Path) -> tuple[bytes, bytes]:
    return (backend / GRAPH).read_bytes(), (backend / LABELS).read_bytes()


def test_only_the_graph_changes_and_the_old_one_is_kept_by_its_hash(backend: Path, new: Path) -> None:
    labels = (backend / LABELS).stat()
    swapped = swap_file(backend, GRAPH, new, run_id="run", labels=LABELS)
    assert (b"new graph", CRLF) == pair(backend)
    assert (labels.st_ino, labels.st_mtime_ns) == (
        (backend / LABELS).stat().st_ino,
        (backend / LABELS).stat().st_mtime_ns,
    )
    digest = sha256(b"old graph").hexdigest()
    kept = backend / ".modelport" / "backend" / digest[:12] / GRAPH
    assert (kept, b"old graph") == (swapped.kept, kept.read_bytes())
    assert not (backend / GRAPH).is_symlink()
    assert not list(backend.rglob(".part-*"))


def test_the_place_is_taken_by_one_replace_of_a_file_that_nobody_else_has(backend: Path, new: Path) -> None:
    """A service that has the old file open reads it to its end; what is kept does not change with what lies there."""
    with open(backend / GRAPH, "rb") as opened:
        swap_file(backend, GRAPH, new)
        assert b"old graph" == opened.read()
    assert 1 == (backend / GRAPH).stat().st_nlink
    (backend / GRAPH).write_bytes(b"written over by hand")
    roll_back(backend)
    assert b"new graph" == (backend / GRAPH).read_bytes(), "what was found there is a state, too"


def test_rollbacks_go_down_the_stack_and_stop_at_what_was_found(backend: Path, new: Path) -> None:
    for number in range(3):
        new.write_bytes(b"graph %d" % number)
        swap_file(backend, GRAPH, new, run_id=f"run{number}", labels=LABELS)
    assert ["run1", "run0", None] == [roll_back(backend).run_id for _ in range(3)]
    assert (b"old graph", CRLF) == pair(backend)
    with pytest.raises(UsageError, match="nothing to roll back to"):
        roll_back(backend)
    swap_file(backend, GRAPH, new, run_id="again")
    assert b"graph 2" == (backend / GRAPH).read_bytes()
    roll_back(backend)
    assert b"old graph" == (backend / GRAPH).read_bytes()


def test_the_same_file_again_writes_nothing(backend: Path, new: Path) -> None:
    swap_file(backend, GRAPH, new)
    before = {path: path.stat().st_mtime_ns for path in backend.rglob("*") if path.is_file()}
    assert not swap_file(backend, GRAPH, new).changed
    assert before == {path: path.stat().st_mtime_ns for path in backend.rglob("*") if path.is_file()}


def test_nothing_was_delivered_is_said_and_nothing_is_written(backend: Path) -> None:
    with pytest.raises(UsageError, match="nothing was delivered here"):
        roll_back(backend)
    assert [GRAPH, LABELS] == sorted(path.name for path in backend.iterdir())


def test_a_graph_is_not_taken_back_to_labels_that_are_others_by_now(backend: Path, new: Path) -> None:
    swap_file(backend, GRAPH, new, labels=LABELS)
    (backend / LABELS).write_bytes(b"h\r\ne\r\no\r\n")
    with pytest.raises(InputError, match="labels file was changed"):
        roll_back(backend)
    assert b"new graph" == (backend / GRAPH).read_bytes()
    (backend / LABELS).write_bytes(CRLF)
    roll_back(backend)
    assert (b"old graph", CRLF) == pair(backend)


def test_a_file_that_was_replaced_since_it_was_compared_is_not_swapped(backend: Path, new: Path) -> None:
    compared = sha256(b"old graph").hexdigest()
    (backend / GRAPH).write_bytes(b"somebody else's")
    with pytest.raises(InputError, match="replaced while it was compared"):
        swap_file(backend, GRAPH, new, expected_sha256=compared)
    assert b"somebody else's" == (backend / GRAPH).read_bytes()


def test_a_place_is_written_in_many_ways_and_never_leaves_the_backend(backend: Path, new: Path) -> None:
    swap_file(backend, f"./{GRAPH}", new)
    for elsewhere in ("../service.pb", "/etc/hostname"):
        with pytest.raises(UsageError, match="not in the backend"):
            roll_back(backend, elsewhere)
        with pytest.raises(UsageError, match="not in the backend"):
            swap_file(backend, elsewhere, new)
    with pytest.raises(UsageError, match="nothing was delivered to this place") as refusal:
        roll_back(backend, LABELS)
    assert GRAPH == refusal.value.expected
    assert GRAPH == roll_back(backend, f"./{GRAPH}").target
    assert b"old graph" == (backend / GRAPH).read_bytes()
    assert not list(backend.rglob("hostname"))


def test_labels_that_were_edited_since_they_were_read_are_not_paired(backend: Path, new: Path) -> None:
    looked_at = {LABELS: sha256(b"before").hexdigest()}
    with pytest.raises(InputError, match="labels file was changed while it was compared"):
        swap(backend, GRAPH, {GRAPH: new}, labels=LABELS, expected=looked_at)
    assert (b"old graph", CRLF) == pair(backend)


def test_what_is_kept_is_not_restored_once_it_is_damaged(backend: Path, new: Path) -> None:
    kept = swap_file(backend, GRAPH, new).kept
    assert kept is not None
    kept.write_bytes(b"bit rot")
    with pytest.raises(InputError, match="what was kept is not there any more"):
        roll_back(backend)
    assert b"new graph" == (backend / GRAPH).read_bytes()
    kept.write_bytes(b"old graph")
    roll_back(backend)
    assert b"old graph" == (backend / GRAPH).read_bytes()


def test_two_files_change_by_one_link_and_come_back_by_it(backend: Path, new: Path, tmp_path: Path) -> None:
    other = tmp_path / "labels.txt"
    other.write_bytes(b"A\nB\nC\n")
    assert swap(backend, GRAPH, {GRAPH: new, LABELS: other}, labels=LABELS).linked
    assert (b"new graph", b"A\nB\nC\n") == pair(backend)
    moved = backend.rename(tmp_path / "elsewhere")  # links are relative
    assert (b"new graph", b"A\nB\nC\n") == pair(moved)
    new.write_bytes(b"graph 3")
    assert swap_file(moved, GRAPH, new, labels=LABELS).linked
    assert (b"graph 3", b"A\nB\nC\n") == pair(moved)
    roll_back(moved)
    assert (b"new graph", b"A\nB\nC\n") == pair(moved)
    roll_back(moved)
    assert (b"old graph", CRLF) == pair(moved)


def test_what_the_service_opens_is_not_ignored_by_git(backend: Path, new: Path, tmp_path: Path) -> None:
    def git(*arguments: object) -> None:
        known = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.excludesFile=")
        subprocess.run(["git", *known, *map(str, arguments)], cwd=backend, check=True, capture_output=True)

    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    (tmp_path / "labels.txt").write_bytes(b"A\nB\nC\n")
    swap_file(backend, GRAPH, new)
    (backend / ".modelport" / "backend" / ".gitignore").write_text("*\n")  # of an earlier delivery
    new.write_bytes(b"graph 3")
    swap(backend, GRAPH, {GRAPH: new, LABELS: tmp_path / "labels.txt"}, labels=LABELS)
    git("init", "-q")
    git("clean", "-fdX")
    assert (b"graph 3", b"A\nB\nC\n") == pair(backend)
    git("add", ".")
    git("commit", "-qm", "all")
    git("clone", "-q", backend, tmp_path / "clone")
    assert (b"graph 3", b"A\nB\nC\n") == pair(tmp_path / "clone")


@pytest.mark.parametrize("is_pair", [False, True])
def test_the_owners_own_link_comes_back(backend: Path, new: Path, tmp_path: Path, is_pair: bool) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (backend / GRAPH).rename(shared / "v1.pb")
    (backend / GRAPH).symlink_to("../shared/v1.pb")
    (tmp_path / "labels.txt").write_bytes(b"A\nB\nC\n")
    files = {GRAPH: new} | ({LABELS: tmp_path / "labels.txt"} if is_pair else {})
    swapped = swap(backend, GRAPH, files, labels=LABELS)
    assert {GRAPH: "../shared/v1.pb"} == swapped.owners_links
    assert b"new graph" == (backend / GRAPH).read_bytes()
    roll_back(backend)
    assert "../shared/v1.pb" == str((backend / GRAPH).readlink())
    assert (b"old graph", CRLF) == pair(backend)
    swap(backend, GRAPH, files, labels=LABELS)
    (shared / "v1.pb").unlink()
    (shared / "v1.pb").symlink_to(backend / GRAPH)
    roll_back(backend)
    assert (b"old graph", CRLF) == pair(backend), "no link leads to itself"
    swap(backend, GRAPH, files, labels=LABELS)
    (shared / "v1.pb").unlink()
    (shared / "v1.pb").write_bytes(b"another by now")
    roll_back(backend)
    assert (b"old graph", CRLF) == pair(backend), "what it led to is another one, and the bytes count"


def test_a_copy_that_followed_the_links_is_rolled_back(backend: Path, new: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_bytes(b"A\nB\nC\n")
    swap(backend, GRAPH, {GRAPH: new, LABELS: tmp_path / "labels.txt"}, labels=LABELS)
    copy = Path(shutil.copytree(backend, tmp_path / "copy", symlinks=False))
    assert not (copy / GRAPH).is_symlink()
    roll_back(copy)
    assert (b"old graph", CRLF) == pair(copy)
    swap(copy, GRAPH, {GRAPH: new, LABELS: tmp_path / "labels.txt"}, labels=LABELS)
    assert (b"new graph", b"A\nB\nC\n") == pair(copy)


def test_a_folder_that_is_no_link_is_not_swapped(backend: Path, tmp_path: Path) -> None:
    for name in ("service/saved_model", "new_model"):
        (tmp_path / name / "variables").mkdir(parents=True)
        (tmp_path / name / "saved_model.pb").write_bytes(name.encode())
    with pytest.raises(InputError, match="a folder cannot be replaced in one step") as refusal:
        swap(backend, "saved_model", {"saved_model": tmp_path / "new_model"})
    assert b"service/saved_model" == (backend / "saved_model" / "saved_model.pb").read_bytes()
    (backend / "saved_model").rename(backend / "saved_model.first")  # as the fix says
    assert "ln -s saved_model.first saved_model" in str(refusal.value.fix)
    (backend / "saved_model").symlink_to("saved_model.first")
    swap(backend, "saved_model", {"saved_model": tmp_path / "new_model"})
    assert b"new_model" == (backend / "saved_model" / "saved_model.pb").read_bytes()
    roll_back(backend)
    assert b"service/saved_model" == (backend / "saved_model" / "saved_model.pb").read_bytes()


def test_a_new_place_is_empty_again_after_the_rollback(backend: Path, new: Path) -> None:
    swap_file(backend, "models/model.keras", new)
    assert b"new graph" == (backend / "models" / "model.keras").read_bytes()
    roll_back(backend)
    assert not (backend / "models" / "model.keras").exists()


def test_the_place_that_was_delivered_to_last_is_rolled_back_first(backend: Path, new: Path) -> None:
    swap_file(backend, GRAPH, new)
    swap_file(backend, "models/model.keras", new)
    assert ["models/model.keras", GRAPH] == [roll_back(backend).target for _ in range(2)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
def test_the_service_may_read_the_new_file_as_it_could_the_old(backend: Path, new: Path) -> None:
    (backend / GRAPH).chmod(0o640)
    new.chmod(0o600)
    swap_file(backend, GRAPH, new)
    assert 0o640 == stat.S_IMODE((backend / GRAPH).stat().st_mode)


def test_run_and_backend_may_lie_on_two_file_systems(new: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == new.stat().st_dev:
        pytest.skip("no second file system here (/dev/shm)")
    import tempfile

    with tempfile.TemporaryDirectory(dir=other) as folder:
        (Path(folder) / GRAPH).write_bytes(b"old graph")
        swap_file(folder, GRAPH, new)
        assert b"new graph" == (Path(folder) / GRAPH).read_bytes()
        roll_back(folder)
        assert b"old graph" == (Path(folder) / GRAPH).read_bytes()


def test_a_backend_that_cannot_be_written_is_said_in_one_sentence(backend: Path, new: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("the administrator may write everywhere")
    backend.chmod(0o555)
    try:
        with pytest.raises(InputError, match="folder cannot be written"):
            swap_file(backend, GRAPH, new)
    finally:
        backend.chmod(0o755)
    assert b"old graph" == (backend / GRAPH).read_bytes()


def test_a_file_system_that_takes_nothing_is_said_in_one_sentence(new: Path) -> None:
    """The administrator may write everywhere but to the kernel's own files."""
    kernel = Path("/sys/kernel")
    if not kernel.is_dir():
        pytest.skip("no /sys here")
    with pytest.raises(InputError, match="folder cannot be written"):
        swap_file(kernel, GRAPH, new)


@pytest.mark.parametrize(
    "files", [{"../outside": "0" * 64}, {GRAPH: "no hash"}, {"/etc/passwd": "0" * 64}, {"C:x": "0" * 64}, "text", {}]
)
def test_a_record_from_elsewhere_names_nothing_outside(backend: Path, new: Path, files: object) -> None:
    swap_file(backend, GRAPH, new)
    path = backend / ".modelport" / "backend" / "record.json"
    record = json.loads(path.read_text())
    record["stacks"][GRAPH][0]["files"] = files
    path.write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"record|value"):
        roll_back(backend)
    assert b"new graph" == (backend / GRAPH).read_bytes()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"modelport_backend": 1, "stacks": 7}', "\0"])
def test_a_broken_record_is_an_error_and_nothing_is_changed(backend: Path, new: Path, text: str) -> None:
    swap_file(backend, GRAPH, new)
    (backend / ".modelport" / "backend" / "record.json").write_text(text)
    with pytest.raises(InputError):
        roll_back(backend)
    with pytest.raises(InputError):
        swap_file(backend, GRAPH, new)
    assert b"new graph" == (backend / GRAPH).read_bytes()


def test_the_record_says_of_each_state_where_it_is_from(backend: Path, new: Path) -> None:
    swap_file(backend, GRAPH, new, run_id="run", labels=LABELS)
    first, second = read_record(backend).stacks[GRAPH]
    assert (None, "run") == (first.run_id, second.run_id)
    assert {GRAPH: sha256(b"new graph").hexdigest(), LABELS: sha256(CRLF).hexdigest()} == second.files

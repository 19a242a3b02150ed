"""Files in somebody's folder: whole at every moment, none of theirs lost, and nothing outside of it is touched."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.delivery.deliver_files import Delivered, deliver_files
from modelport.contract.errors import InputError, UsageError
from modelport.contract.files.hashing import files_below

Walk = Callable[[Path, Callable[[], object], Callable[[Path], object]], Any]
Files = Mapping[str, bytes | Path]

FIRST: Files = {"assets/model/model.tflite": b"one" * 99, "assets/model/labels.txt": b"a\nb\n", "lib/old.dart": b"old"}
SECOND: Files = {"assets/model/model.tflite": b"two" * 99, "assets/model/labels.txt": b"a\nb\n", "lib/new.dart": b"new"}


def deliver(target: Path, files: Files, *, overwrite: bool = False, product: str = "flutter") -> Delivered:
    return deliver_files(target, files, product=product, overwrite=overwrite)


def content(target: Path) -> dict[str, bytes]:
    """Return what lies there but for delivery.json."""
    files = {path.relative_to(target).as_posix(): path.read_bytes() for path in files_below(target)}
    return {name: data for name, data in files.items() if name != "delivery.json"}


def record(target: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((target / "delivery.json").read_text(encoding="utf-8"))
    return value


def test_files_are_put_there_and_recorded_with_their_hashes(tmp_path: Path) -> None:
    model = tmp_path / "model.bin"
    model.write_bytes(b"abc")
    target = tmp_path / "new" / "app"
    done = deliver(target, {"m/model.bin": model, "labels.txt": b""})
    assert Delivered(written=("m/model.bin", "labels.txt")) == done
    assert {"m/model.bin": b"abc", "labels.txt": b""} == content(target)
    # FIPS 180-2, appendix B.1, and of no bytes at all
    assert {
        "labels.txt": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "m/model.bin": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    } == record(target)["files"]
    assert ("flutter", 1) == (record(target)["product"], record(target)["modelport_delivery"])


def test_the_same_again_changes_no_byte_and_no_date(tmp_path: Path, stops: Walk) -> None:
    deliver(tmp_path / "app", FIRST)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files_below(tmp_path)}
    found = stops(tmp_path / "app", lambda: deliver(tmp_path / "app", FIRST), lambda root: None)
    assert [] == found.steps
    assert before == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files_below(tmp_path)}
    assert tuple(FIRST) == deliver(tmp_path / "app", FIRST).kept


def test_a_newer_delivery_replaces_the_older_and_removes_what_is_no_longer_part_of_it(tmp_path: Path) -> None:
    deliver(tmp_path, {**FIRST, "web/deep/x.js": b"x"})
    done = deliver(tmp_path, SECOND)
    assert ("assets/model/model.tflite", "lib/new.dart") == done.written
    assert (("assets/model/labels.txt",), ("lib/old.dart", "web/deep/x.js"), ()) == (
        done.kept,
        done.removed,
        done.edited,
    )
    assert dict(SECOND) == content(tmp_path)
    assert not (tmp_path / "web").exists(), "folders that are empty then go, too"


def test_an_obsolete_file_that_the_user_edited_is_kept_and_named(tmp_path: Path) -> None:
    deliver(tmp_path, FIRST)
    (tmp_path / "lib/old.dart").write_bytes(b"mine")
    done = deliver(tmp_path, SECOND)
    assert (("lib/old.dart",), ()) == (done.edited, done.removed)
    assert b"mine" == (tmp_path / "lib/old.dart").read_bytes()
    assert ((), ()) == (deliver(tmp_path, SECOND).edited, deliver(tmp_path, SECOND).removed), "it is the user's now"


def test_edited_and_unknown_files_are_refused_all_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    deliver(tmp_path, FIRST)
    (tmp_path / "assets/model/model.tflite").write_bytes(b"mine")
    (tmp_path / "lib/new.dart").write_bytes(b"theirs")
    before = {path: path.read_bytes() for path in files_below(tmp_path)}
    with pytest.raises(UsageError, match="2 files are in the way, and nothing was written") as caught:
        deliver(tmp_path, SECOND)
    assert (
        "assets/model/model.tflite: edited since it was delivered\nlib/new.dart: not from modelport"
        == caught.value.received
    )
    assert before == {path: path.read_bytes() for path in files_below(tmp_path)}
    deliver(tmp_path, SECOND, overwrite=True)
    assert dict(SECOND) == content(tmp_path)


def test_an_edited_file_that_stays_the_same_in_the_delivery_is_refused_too(tmp_path: Path) -> None:
    deliver(tmp_path, FIRST)
    (tmp_path / "assets/model/labels.txt").write_bytes(b"mine")
    with pytest.raises(UsageError, match="1 file is in the way"):
        deliver(tmp_path, FIRST)


def test_a_file_that_the_user_removed_comes_back(tmp_path: Path) -> None:
    deliver(tmp_path, FIRST)
    (tmp_path / "lib/old.dart").unlink()
    assert ("lib/old.dart",) == deliver(tmp_path, FIRST).written


def test_a_user_s_file_with_the_very_bytes_is_taken_as_delivered(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_bytes(b"a\n")
    assert ("labels.txt",) == deliver(tmp_path, {"labels.txt": b"a\n"}).kept
    assert ("labels.txt",) == tuple(record(tmp_path)["files"])


def test_the_user_s_other_files_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/main.dart").write_bytes(b"theirs")
    deliver(tmp_path, FIRST)
    deliver(tmp_path, {"x": b""}, overwrite=True)
    assert {"lib/main.dart": b"theirs", "x": b""} == content(tmp_path)


def test_a_folder_holds_one_product(tmp_path: Path) -> None:
    deliver(tmp_path, FIRST)
    with pytest.raises(UsageError, match="another delivery"):
        deliver(tmp_path, FIRST, product="web", overwrite=True)


def test_where_it_came_from_is_recorded_beside_the_files(tmp_path: Path) -> None:
    deliver_files(tmp_path, FIRST, product="web", overwrite=False, about={"run_id": "r1"})
    assert {"run_id": "r1"} == record(tmp_path)["about"]
    deliver_files(tmp_path, FIRST, product="web", overwrite=False, about={"run_id": "r2"})
    assert {"run_id": "r2"} == record(tmp_path)["about"]


# --- stopped ---------------------------------------------------------------------------------------------------------


def check_whole(root: Path) -> None:
    """Check that every file is the old or the new one, whole, and that delivery.json claims no hash of neither."""
    versions = {name: {files[name] for files in (FIRST, SECOND) if name in files} for name in {**FIRST, **SECOND}}
    for name, data in content(root).items():
        if not any(part.startswith(".part-") for part in Path(name).parts):
            assert data in versions[name], name
    if (root / "delivery.json").exists():
        for name, digest in record(root)["files"].items():
            assert digest in {sha256(data).hexdigest() for data in versions[name] if isinstance(data, bytes)}


def visible(root: Path) -> dict[str, bytes]:
    found = content(root)
    return {name: data for name, data in found.items() if not any(p.startswith(".part-") for p in Path(name).parts)}


def test_a_first_delivery_stopped_at_any_step_is_finished_by_the_same_command(tmp_path: Path, stops: Walk) -> None:
    (tmp_path / "app").mkdir()
    found = stops(tmp_path / "app", lambda: deliver(tmp_path / "app", FIRST), check_whole)
    assert 2 + len(FIRST) + 1 == len(found.states)  # empty, promised, a file each, settled
    for state in found.states:
        deliver(state, FIRST)
        assert dict(FIRST) == visible(state)
    print(f"first delivery: {len(found.steps)} points, {len(found.states)} distinct states, 0 not whole")


def test_a_newer_delivery_stopped_at_any_step_goes_on_and_the_older_command_goes_back(
    tmp_path: Path, stops: Walk
) -> None:
    """What a stopped process wrote is known to be ours: neither way does it count as the user's."""
    target = tmp_path / "app"
    deliver(target, FIRST)
    found = stops(target, lambda: deliver(target, SECOND), check_whole)
    assert 6 == len(found.states)  # as before, promised, two written, one removed, settled
    for state in found.states:
        other = Path(shutil.copytree(state, state.parent / "other"))
        deliver(state, SECOND)
        assert dict(SECOND) == visible(state)
        assert record(target) == record(state)
        deliver(other, FIRST)
        assert dict(FIRST) == visible(other)
    print(f"newer delivery: {len(found.steps)} points, {len(found.states)} distinct states, 0 not whole")


def test_stopped_twice_by_two_deliveries_nothing_of_ours_counts_as_the_user_s(tmp_path: Path, stops: Walk) -> None:
    third: Files = dict.fromkeys(FIRST, b"three")
    (tmp_path / "app").mkdir()
    for state in stops(tmp_path / "app", lambda: deliver(tmp_path / "app", FIRST), lambda root: None).states:
        again = stops(state, lambda state=state: deliver(state, SECOND), lambda root: None)  # type: ignore[misc]
        for twice in again.states:
            deliver(twice, third)
            assert dict(third) == visible(twice)


STOP = """
import os, sys
from pathlib import Path
from modelport.assets.delivery.deliver_files import deliver_files
from modelport.contract.files import disk
number, target, files = int(sys.argv[1]), Path(sys.argv[2]), {"a/x": b"1", "y": b"2"}
steps = iter(range(1, 10**6))
with disk.observed(lambda step, path: os._exit(77) if next(steps) == number else None):
    deliver_files(target, files, product="web", overwrite=False)
"""


def test_a_process_that_is_stopped_leaves_a_folder_that_the_next_one_finishes(tmp_path: Path) -> None:
    for number in (3, 9, 14):
        target = tmp_path / str(number)
        command = [sys.executable, "-c", STOP, str(number), str(target)]
        assert 77 == subprocess.run(command, check=False).returncode
        assert set(visible(target).items()) <= {("a/x", b"1"), ("y", b"2")}
        deliver(target, {"a/x": b"1", "y": b"2"}, product="web")
        assert {"a/x": b"1", "y": b"2"} == visible(target)


def test_a_source_that_changes_meanwhile_is_not_delivered(tmp_path: Path, stops: Walk) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"one")

    def change(root: Path) -> None:
        source.write_bytes(b"two")

    with pytest.raises(InputError, match="file changed while it was delivered"):
        stops(tmp_path / "app", lambda: deliver(tmp_path / "app", {"file": source}), change)
    assert {} == visible(tmp_path / "app")


# --- hostile ---------------------------------------------------------------------------------------------------------

OUTSIDE = [
    "../x",
    "a/../../x",
    "/etc/passwd",
    "C:/x",
    "C:x",
    "a\\..\\x",
    "\\\\server\\share",
    "",
    ".",
    "a//b",
    "a/./b",
    "a/",
    "nul",
    "lib/CON.dart",
    "a\0b",
    "a\nb",
    "x ",
    "x.",
    "a:stream",
]


@pytest.mark.parametrize("name", OUTSIDE, ids=repr)
def test_no_path_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="does not stay in its folder"):
        deliver(tmp_path / "app", {name: b"x"})
    assert [] == files_below(tmp_path)


@pytest.mark.parametrize("table", ["files", "pending"])
@pytest.mark.parametrize("name", OUTSIDE[:8], ids=repr)
def test_a_delivery_json_from_elsewhere_removes_nothing_outside(tmp_path: Path, table: str, name: str) -> None:
    target, victim = tmp_path / "app", tmp_path / "x"
    target.mkdir()
    victim.write_bytes(b"theirs")
    forged = {"modelport_delivery": 1, "product": "flutter", table: {name: sha256(b"theirs").hexdigest()}}
    (target / "delivery.json").write_text(json.dumps(forged))
    with pytest.raises(InputError, match="does not stay in its folder"):
        deliver(target, {"a": b"b"}, overwrite=True)
    assert (b"theirs", False) == (victim.read_bytes(), (target / "a").exists())


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"modelport_delivery": 2, "product": "flutter"}',
        b'{"modelport_delivery": 1}',
        b'{"modelport_delivery": 1, "product": 5}',
        b'{"modelport_delivery": 1, "product": "flutter", "files": []}',
        b'{"modelport_delivery": 1, "product": "flutter", "files": {"a": 5}}',
        b'{"modelport_delivery": 1, "product": "flutter", "files": {"a": "short"}}',
        b'{"modelport_delivery": 1, "product": "flutter", "about": "me"}',
    ],
    ids=lambda value: repr(value[:70]),
)
def test_a_delivery_json_that_is_none_is_refused(tmp_path: Path, value: bytes) -> None:
    (tmp_path / "delivery.json").write_bytes(value)
    with pytest.raises(InputError):
        deliver(tmp_path, {"a": b"b"}, overwrite=True)
    assert value == (tmp_path / "delivery.json").read_bytes()


def test_two_names_that_are_one_where_case_does_not_count_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not stay"):
        deliver(tmp_path, {"lib/a": b"1", "LIB/A": b"2"})


def test_something_else_is_where_a_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"theirs")
    for name, match in (("folder", "a folder is where"), ("file/below", "a file is where")):
        with pytest.raises(InputError, match=match):
            deliver(tmp_path, {name: b"x"}, overwrite=True)
    with pytest.raises(UsageError, match="output is a file"):
        deliver(tmp_path / "file", {"a": b"x"}, overwrite=True)
    assert {"file": b"theirs"} == content(tmp_path)


needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")


@needs_links
def test_the_target_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    deliver(tmp_path / "link", FIRST)
    assert dict(FIRST) == content(tmp_path / "real")
    assert (tmp_path / "link").is_symlink()


@needs_links
def test_a_link_inside_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "app").mkdir()
    (tmp_path / "app/lib").symlink_to(outside)
    with pytest.raises(InputError, match="leads out of the folder"):
        deliver(tmp_path / "app", {"lib/a.dart": b"x"}, overwrite=True)
    assert [] == files_below(outside)


@needs_links
def test_a_link_in_the_place_of_a_file_is_the_user_s_and_only_itself_is_replaced(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_bytes(b"x")
    (tmp_path / "app").mkdir()
    (tmp_path / "app/file").symlink_to(theirs)
    with pytest.raises(UsageError, match="in the way"):
        deliver(tmp_path / "app", {"file": b"x"})
    deliver(tmp_path / "app", {"file": b"y"}, overwrite=True)
    assert (b"x", b"y", False) == (
        theirs.read_bytes(),
        (tmp_path / "app/file").read_bytes(),
        (tmp_path / "app/file").is_symlink(),
    )


def test_delivery_json_itself_cannot_be_delivered(tmp_path: Path) -> None:
    for name in ("delivery.json", "Delivery.JSON"):
        with pytest.raises(InputError, match="name of its record"):
            deliver(tmp_path, {name: b"{}"})

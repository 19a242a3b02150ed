"""One table of paths, held against every reader of a file that names files: it may come from anywhere."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from modelport.assets.archive.bundle_zip import write_bundle
from modelport.assets.backend.store.backend_record import read_record as read_backend
from modelport.assets.backend.store.swap import roll_back, swap_file
from modelport.assets.delivery.deliver_files import deliver_files
from modelport.assets.delivery.record import read_record as read_delivery
from modelport.contract.errors import InputError, UsageError
from modelport.contract.files.hashing import files_below
from modelport.contract.files.inner_path import check_inner_paths, stays_inside, why_unfit
from modelport.contract.run.artifacts import Artifact, Shipped
from modelport.contract.run.lock import Lock, read_lock, write_lock
from modelport.runtimes.tfjs.inspect_tfjs import inspect_tfjs
from modelport.validate.pack.open_pack import open_pack

#: Out of the folder on some system, whoever gave the name.
OUTSIDE = (
    *("../x", "a/../../x", "..", "/etc/passwd", "//server/share/x", "C:/x", "C:x", "a:stream", "\\x", "a\\..\\..\\x"),
    *("\\\\server\\share\\x", "", ".", "./", "a\0b"),
)
#: Another spelling of a place that has one already.
RESPELT = ("a//b", "a/./b", "./a", "a/")
#: Names that Linux takes like any other, and Windows for another place, for a device, or not at all: "Naming Files,
#: Paths, and Namespaces" (Microsoft, read 2026-11-26), and ntpath.isreserved of CPython 3.13.
NOT_ON_WINDOWS = (
    *("nul", "con.tflite", "models/aux/graph.pb", "COM1", "lpt9.txt", "com¹.pb", "LPT³", "conin$", "CONOUT$.txt"),
    *("nul .txt", "prn.a.b", "model.tflite.", "model.tflite ", "models./x", "models /x", "a\\b", "ab:stream", "a?b"),
    *("a*b", 'a"b', "a<b", "a>b", "a|b"),
)
#: What no list of ours holds: no name of a file of modelport's has such letters.
UNPRINTABLE = ("a\nb", "a\x1b[31mb", "a\u2028b", "a\u202eb", "x" * 501)
PLAIN = ("model.tflite", "model.full_int8.in_graph.tflite", "tfjs/model.json", "a/b.c/d-e_f", ".gitignore", "Größe.pb")
DIGEST = "0" * 64

Reader = Callable[[Path, str], object]


def lock_with(**changes: object) -> Reader:
    def read(folder: Path, path: str) -> object:
        artifact = Artifact(
            path="model.onnx", format="onnx", recipe="float32", size_bytes=1, sha256=DIGEST, parent_sha256=""
        )
        lock = Lock(run_id="run", model_sha256=DIGEST, artifacts=(artifact,))
        values = {
            "artifacts": (replace(artifact, path=path),),
            "pending": replace(artifact, path=path),
            "shipped": Shipped(source=path, sha256=DIGEST, verdict="pass", why="it passed"),
        }
        write_lock(folder / "artifacts.json", replace(lock, **{name: values[name] for name in changes}))  # type: ignore[arg-type]
        return read_lock(folder / "artifacts.json")

    return read


def delivery_with(table: str) -> Reader:
    def read(folder: Path, path: str) -> object:
        value = {"modelport_delivery": 1, "product": "web", table: {path: DIGEST}}
        (folder / "delivery.json").write_text(json.dumps(value))
        return read_delivery(folder)

    return read


def deliver(folder: Path, path: str) -> object:
    return deliver_files(folder, {path: b"x"}, product="web", overwrite=True)


def bundle(folder: Path, path: str) -> None:
    write_bundle(folder / "bundle.zip", "", {path: b"x"})


def unpack(folder: Path, path: str) -> None:
    with zipfile.ZipFile(folder / "gate.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(path), b"x")
    with open_pack(folder / "gate.zip"):
        pass


def backend_with(table: str) -> Reader:
    def read(folder: Path, path: str) -> object:
        store = folder / ".modelport" / "backend"
        store.mkdir(parents=True)
        state = {"number": 1, "created": "", "run_id": None, "files": {path: DIGEST}}
        value = {"modelport_backend": 1, "stacks": {}, table: {path: [state]}}
        (store / "record.json").write_text(json.dumps(value))
        return read_backend(folder)

    return read


def weights(folder: Path, path: str) -> None:
    manifest = [{"paths": [path], "weights": []}]
    model = {"format": "graph-model", "modelTopology": {"node": []}, "weightsManifest": manifest}
    (folder / "model.json").write_text(json.dumps(model))
    inspect_tfjs(folder)


#: What modelport named. A name of these is one place on every system.
OURS = {
    "artifact": lock_with(artifacts=...),
    "promised-artifact": lock_with(pending=...),
    "what-ships": lock_with(shipped=...),
    "delivered": delivery_with("files"),
    "promised-delivery": delivery_with("pending"),
    "to-deliver": deliver,
    "to-bundle": bundle,
}
#: What the owner of a folder named. A name of these leads to a place in it.
OWNERS = {"backend": backend_with("stacks"), "promised-backend": backend_with("pending"), "tfjs-weights": weights}


@pytest.mark.parametrize("path", [*OUTSIDE, *RESPELT, *NOT_ON_WINDOWS, *UNPRINTABLE], ids=ascii)
@pytest.mark.parametrize("reader", OURS)
def test_a_name_of_ours_is_one_place_on_every_system(tmp_path: Path, reader: str, path: str) -> None:
    with pytest.raises(InputError):
        OURS[reader](tmp_path, path)


@pytest.mark.parametrize("path", [*OUTSIDE, *RESPELT, *NOT_ON_WINDOWS, *UNPRINTABLE, *PLAIN[3:]], ids=ascii)
def test_a_gate_pack_holds_nothing_but_its_own_members(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match="not a gate pack"):
        unpack(tmp_path, path)


@pytest.mark.parametrize("path", PLAIN)
@pytest.mark.parametrize("reader", [*OURS, *OWNERS])
def test_a_plain_name_is_read(tmp_path: Path, reader: str, path: str) -> None:
    (OURS | OWNERS)[reader](tmp_path, path)


@pytest.mark.parametrize("path", OUTSIDE, ids=ascii)
@pytest.mark.parametrize("reader", OWNERS)
def test_no_name_of_an_owner_leads_out(tmp_path: Path, reader: str, path: str) -> None:
    with pytest.raises(InputError):
        OWNERS[reader](tmp_path, path)


@pytest.mark.parametrize("path", RESPELT)
@pytest.mark.parametrize("reader", ["backend", "promised-backend"])
def test_a_backend_s_record_has_one_name_for_a_place(tmp_path: Path, reader: str, path: str) -> None:
    with pytest.raises(InputError):
        OWNERS[reader](tmp_path, path)


@pytest.mark.parametrize("path", NOT_ON_WINDOWS)
def test_a_backend_on_linux_keeps_the_names_of_its_owner(tmp_path: Path, path: str) -> None:
    """Swapped and taken back: what `swap` takes is what its own record takes."""
    (tmp_path / "new.pb").write_bytes(b"new graph")
    model = tmp_path / "service" / path
    model.parent.mkdir(parents=True)
    model.write_bytes(b"old graph")
    swap_file(tmp_path / "service", path, tmp_path / "new.pb")
    assert b"new graph" == model.read_bytes()
    roll_back(tmp_path / "service")
    assert b"old graph" == model.read_bytes()


@pytest.mark.parametrize("path", OUTSIDE, ids=ascii)
def test_no_model_is_swapped_outside_a_backend(tmp_path: Path, path: str) -> None:
    (tmp_path / "new.pb").write_bytes(b"new graph")
    (tmp_path / "service").mkdir()
    with pytest.raises(UsageError, match="not in the backend"):
        swap_file(tmp_path / "service", path, tmp_path / "new.pb")
    assert [tmp_path / "new.pb"] == files_below(tmp_path)


def test_two_names_that_are_one_where_case_and_accents_do_not_count_are_refused(tmp_path: Path) -> None:
    for names in (("lib/a", "LIB/A"), ("u\u0308.txt", "\u00fc.txt"), ("straße", "STRASSE"), ("a", "a")):
        with pytest.raises(InputError, match="does not stay"):
            check_inner_paths(names, where=tmp_path)
    check_inner_paths(("a/b", "a.b", "ab", "a/c"), where=tmp_path)


def test_a_list_of_names_from_elsewhere_is_not_shown_whole() -> None:
    with pytest.raises(InputError) as caught:
        check_inner_paths(["fine", *(f"../{number}" + "x" * 900 for number in range(50))], where="here")
    assert ("here", 5) == (caught.value.where, str(caught.value.received).count("../"))
    assert len(str(caught.value.received)) < 1000


@pytest.mark.parametrize("path", ["caf\udce9", "a\u200db"], ids=ascii)
def test_names_that_cannot_be_shown_are_refused(path: str) -> None:
    with pytest.raises(InputError):
        check_inner_paths([path], where="here")


@pytest.mark.parametrize("path", [*OUTSIDE, *NOT_ON_WINDOWS], ids=ascii)
def test_on_windows_an_owner_s_name_is_no_device_and_one_that_windows_can_hold(path: str) -> None:
    assert stays_inside(path, windows=True) == (path == "a\\b")


@pytest.mark.parametrize(
    "path", [*NOT_ON_WINDOWS, *RESPELT, "label/a:1?.jpg", "caf\udce9/x", "..x", "x..", "..."], ids=ascii
)
def test_on_linux_an_owner_s_name_may_be_any_that_stays_in_the_folder(path: str) -> None:
    assert stays_inside(path, windows=False)


@pytest.mark.parametrize(
    "name", ["cat", "\N{BIRD} bird", "Größe", "train", "CONSOLE", "com", "com10", "nul-1", "a.b", "手"]
)
def test_names_that_every_system_keeps(name: str) -> None:
    assert why_unfit(name) is None


@pytest.mark.parametrize(
    "name", ["CON", "con", "aux.txt", "NUL", "Com1", "LPT9.jpg", "COM²", "prn.a.b", "nul .txt", "conin$", "CONOUT$.txt"]
)
def test_devices_of_windows(name: str) -> None:
    assert "is a device on Windows" == why_unfit(name)


@pytest.mark.parametrize("name", ["name ", "name."])
def test_a_blank_or_a_dot_at_the_end(name: str) -> None:
    assert "blank" in str(why_unfit(name))


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "\x1b[31mred", "a\u2028b", "a\x85b"])
def test_control_characters(name: str) -> None:
    assert "control character" in str(why_unfit(name))


@pytest.mark.parametrize("letter", '<>:"\\|?*')
def test_letters_that_windows_forbids(letter: str) -> None:
    assert f"holds {letter}, which Windows forbids" == why_unfit(f"a{letter}b")

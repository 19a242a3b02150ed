"""`modelport deliver flutter` on a judged run, into apps as `flutter create` and their owners leave them."""

import difflib
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from modelport.assets.assembly.text_assembler import AssemblyOptions
from modelport.assets.delivery import deliver_files as delivery
from modelport.assets.flutter import deliver_flutter as module
from modelport.assets.flutter.deliver_flutter import DeliveredFlutter, deliver_flutter
from modelport.assets.flutter.options import FlutterOptions
from modelport.assets.flutter.pubspec.tflite_flutter_versions import Runtime
from modelport.assets.golden.golden import golden_files
from modelport.assets.judged.choose_model import choose_tflite
from modelport.cli.main import cli
from modelport.contract.errors import InputError, JudgedAndFailed, ModelportError, UsageError
from modelport.contract.files import disk
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.pixels import InputForm
from modelport.contract.labels.labels_file import read_labels
from modelport.contract.model_contract.model_contract import read_contract
from modelport.contract.run.lock import read_lock
from modelport.contract.run.run_folder import RunFolder
from modelport.tests.assets.flutter.dart_names import declared_names, used_names
from modelport.tests.assets.flutter.dart_syntax import broken_nodes, parse_dart
from modelport.tests.assets.flutter.pubspec.test_merge import FRESH, OWN
from modelport.tests.assets.flutter.twin_golden import measure_twin, twin_tensor
from PIL import Image

yaml = pytest.importorskip("yaml", reason="PyYAML, which reads a pubspec, is in the extra [dev]")

MODEL = "assets/model/model.tflite"


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def draw_app(folder: Path, pubspec: str = FRESH) -> Path:
    """Make what `flutter create` makes, as far as a delivery can meet it."""
    for name, text in {
        "pubspec.yaml": pubspec,
        "lib/main.dart": "void main() {}\n",
        "test/widget_test.dart": "void main() {}\n",
        "android/app/build.gradle": "android {}\n",
        ".gitignore": "build/\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def run(judged_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: a delivery records model.tflite in the run."""
    return Path(shutil.copytree(judged_run, tmp_path_factory.mktemp("flutter") / "run"))


@pytest.fixture(scope="module")
def golden(run: Path) -> dict[str, bytes]:
    return golden_files(RunFolder(run), choose_tflite(RunFolder(run)).artifact)


@pytest.fixture
def deliver(run: Path, golden: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[..., DeliveredFlutter]:
    """Deliver, without asking the model about the same golden vectors each time."""
    monkeypatch.setattr(module, "golden_files", lambda *_, **__: golden)
    return lambda app, **options: deliver_flutter(run, app, FlutterOptions(**options))


def test_an_app_gets_model_labels_contract_lock_golden_vectors_sources_and_tests(run: Path, tmp_path: Path) -> None:
    app = draw_app(tmp_path / "app")
    before = tree(app)
    done = CliRunner().invoke(cli, ["deliver", "flutter", str(run), str(app)])
    assert done.exit_code == 0, done.output
    after, lock = tree(app), read_lock(app / "assets/model/artifacts.json")
    assert before == {name: after[name] for name in before} | {"pubspec.yaml": before["pubspec.yaml"]}
    assert lock.shipped is not None
    (artifact,) = lock.artifacts
    assert artifact.path == "model.tflite"
    assert sha256_of_file(app / MODEL) == artifact.sha256 == sha256_of_file(run / lock.shipped.source)
    assert lock.shipped == read_lock(run / "artifacts.json").shipped
    assert read_labels(app / "assets/model/labels.txt") == read_labels(run / "training_set_labels.txt")
    contract, own = read_contract(app / "assets/model/contract.json"), read_contract(run / "contract.json")
    assert (contract.heads, contract.pixels, contract.provenance.dataset) == (own.heads, own.pixels, None)
    assert "assets/model/" in yaml.safe_load(after["pubspec.yaml"])["flutter"]["assets"]
    names = {name for name in after if name not in before}
    assert {"lib/modelport/classifier.dart", "lib/modelport/contract.dart", "test/modelport_golden_test.dart"} < names
    assert {"integration_test/modelport_golden_test.dart", "integration_test/modelport_golden_vectors.dart"} < names
    assert {f"assets/model/golden/{name}" for name in ("golden.json", "0.png", "0.bin", "8.jpg", "8.bin")} < names
    assert str(run.parent).encode() not in b"".join(data for name, data in after.items() if name.endswith("json"))


@pytest.mark.parametrize(
    "pubspec", [pytest.param(FRESH, id="fresh"), pytest.param(OWN, id="own"), pytest.param(None, id="none")]
)
def test_the_same_delivery_again_changes_no_byte_and_no_date(
    pubspec: str | None, deliver: Callable[..., DeliveredFlutter], run: Path, tmp_path: Path
) -> None:
    app = draw_app(tmp_path / "app", pubspec) if pubspec else tmp_path / "app"
    first = deliver(app)
    if pubspec:  # with -s: what the user sees in version control
        merged = (app / "pubspec.yaml").read_text("utf-8").splitlines()
        print("", *difflib.unified_diff(pubspec.splitlines(), merged, "before", "after", lineterm="", n=1), sep="\n")
        print(f"and {len(first.files.written)} new files; delivered again: no byte and no date changed")
    dates = {path: path.stat().st_mtime_ns for path in (*app.rglob("*"), *run.rglob("*"))}
    again = deliver(app)
    assert dates == {path: path.stat().st_mtime_ns for path in (*app.rglob("*"), *run.rglob("*"))}
    assert again.files.written == again.files.removed == ()
    assert sorted(again.files.kept) == sorted(first.files.written)
    assert (again.pubspec == ()) is (pubspec is not None)


def test_a_new_folder_gets_a_pubspec_to_copy_from_and_it_goes_once_the_folder_is_an_app(
    deliver: Callable[..., DeliveredFlutter], tmp_path: Path
) -> None:
    assert deliver(tmp_path / "new").pubspec is None
    text = (tmp_path / "new/modelport_pubspec.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["dependencies"] == {"image": "^4.2.0", "tflite_flutter": "^0.12.1"}
    draw_app(tmp_path / "new")
    later = deliver(tmp_path / "new")
    assert later.files.removed == ("modelport_pubspec.yaml",)
    assert later.pubspec is not None
    assert len(later.pubspec) == 4


def test_every_delivered_dart_file_is_dart(deliver: Callable[..., DeliveredFlutter], tmp_path: Path) -> None:
    deliver(tmp_path)
    files = sorted(tmp_path.rglob("*.dart"))
    assert len(files) == 13
    for path in files:
        data = path.read_bytes()
        assert [] == broken_nodes(parse_dart(data)), path.name
        assert b"\r" not in data
        for name in re.findall(r"import '([^']*)';", data.decode()):
            if not name.startswith(("package:", "dart:")):
                assert (path.parent / name).resolve() in files, f"{path.name} imports {name}"


#: Names of the libraries that the delivered files import, as their documentation has them.
KNOWN = {
    "dart:core": {
        *("ArgumentError", "FormatException", "Future", "List", "Map", "Object", "RegExp", "StateError", "String"),
        *("bool", "double", "dynamic", "int", "num", "override", "void"),
    },
    "dart:convert": {"LineSplitter", "base64Decode", "jsonDecode"},
    "dart:io": {"File"},
    "dart:typed_data": {"Float32List", "Int32List", "Uint8List"},
    "package:flutter/foundation.dart": {"compute", "listEquals"},
    "package:flutter/services.dart": {"rootBundle"},
    "package:flutter_test/flutter_test.dart": {
        *("anything", "expect", "lessThanOrEqualTo", "setUpAll", "tearDownAll", "test", "testWidgets", "throwsA"),
    },
    "package:image/image.dart": set(),
    "package:integration_test/integration_test.dart": {"IntegrationTestWidgetsFlutterBinding"},
    "package:tflite_flutter/tflite_flutter.dart": {"Interpreter", "InterpreterOptions", "TensorType"},
}


def test_every_name_in_the_dart_is_declared_or_imported(
    deliver: Callable[..., DeliveredFlutter], tmp_path: Path
) -> None:
    deliver(tmp_path)
    for path in sorted(tmp_path.rglob("*.dart")):
        known = declared_names(path) | KNOWN["dart:core"]
        for name in re.findall(r"^import '([^']*)'", path.read_text("utf-8"), re.MULTILINE):
            known |= KNOWN[name] if ":" in name else declared_names((path.parent / name).resolve())
        assert set() == used_names(path) - known, path.name


#: tflite_flutter's Dart API at 0.12.1, from tensorflow/flutter-tflite (lib/src/interpreter.dart, tensor.dart,
#: interpreter_options.dart) and pub.dev/documentation/tflite_flutter, read on 2026-11-21.
PLUGIN = {
    "Interpreter": {"fromBuffer", "fromAddress"},
    "interpreter": {
        *("getInputTensors", "getOutputTensors", "resizeInputTensor", "allocateTensors", "runForMultipleInputs"),
        *("address", "close"),
    },
    "taken": {"shape", "type"},
    "given": {"shape", "type", "numElements"},
    "TensorType": {"float32", "uint8"},
}


def test_the_classifier_calls_what_the_plugin_has() -> None:
    source = Path(module.__file__).with_name("dart") / "lib" / "modelport" / "classifier.dart"
    text = re.sub(r"\$\{?[^}']*\}?|///.*", "", source.read_text(encoding="utf-8"))
    for name, known in PLUGIN.items():
        called = set(re.findall(rf"\b_?{name}\.(\w+)", text))
        assert called, name
        assert called <= known, name


def test_dart_is_told_what_the_contract_says(
    deliver: Callable[..., DeliveredFlutter], run: Path, tmp_path: Path
) -> None:
    app = tmp_path / "app"
    done = deliver(app, assembly=AssemblyOptions(allowed_sequences=("red", "blue")))
    said = dict(
        re.findall(r"^const \S+ (\w+) = (.*);$", (app / "lib/modelport/contract.dart").read_text("utf-8"), re.MULTILINE)
    )
    pixels = read_contract(run / "contract.json").pixels
    assert [str(pixels.height), str(pixels.width), str(pixels.channels)] == [
        said[name] for name in ("inputHeight", "inputWidth", "inputChannels")
    ]
    assert pixels.value_range == (float(said["inputLow"]), float(said["inputHigh"]))
    assert ("false", "false") == (said["inputInGraph"], said["exifApplied"])
    assert said["modelArtifact"] == repr(done.artifact)
    assert said["allowedSequences"] == "['red', 'blue']"


def test_an_edited_file_is_in_the_way_and_all_of_them_are_named(
    deliver: Callable[..., DeliveredFlutter], tmp_path: Path
) -> None:
    app = draw_app(tmp_path / "app")
    (app / "lib/modelport").mkdir()
    (app / "lib/modelport/pixels.dart").write_text("// mine\n", encoding="utf-8")
    before = tree(app)
    with pytest.raises(UsageError, match="in the way") as caught:
        deliver(app)
    assert "lib/modelport/pixels.dart: not from modelport" in str(caught.value.received)
    assert before == tree(app)
    (app / "lib/modelport/pixels.dart").unlink()
    deliver(app)
    for name in ("lib/modelport/pixels.dart", "assets/model/labels.txt"):
        (app / name).write_text("// mine\n", encoding="utf-8")
    before = tree(app)
    with pytest.raises(UsageError, match="2 files are in the way"):
        deliver(app)
    assert before == tree(app)
    assert len(deliver(app, overwrite=True).files.written) == 2


@pytest.mark.parametrize(
    ("pubspec", "what"),
    [
        ("name: x\ndependencies: {image: any}\n", "not edited"),
        ("name: x\ndependencies:\n  tflite_flutter: any\n", "lets in a tflite_flutter"),
        ("name: \xff\n", "cannot be read"),
    ],
)
def test_a_pubspec_that_is_refused_leaves_app_and_run_as_they_were(
    pubspec: str, what: str, deliver: Callable[..., DeliveredFlutter], judged_run: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(judged_run, tmp_path / "run"))
    app = draw_app(tmp_path / "app")
    (app / "pubspec.yaml").write_bytes(pubspec.encode("latin-1"))
    before = tree(app), tree(run)
    with pytest.raises(InputError, match=what):
        deliver_flutter(run, app, FlutterOptions())
    assert before == (tree(app), tree(run))


def test_a_folder_of_something_else_is_refused(deliver: Callable[..., DeliveredFlutter], tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.jpg").write_bytes(b"cat")
    with pytest.raises(UsageError, match="no Flutter app"):
        deliver(tmp_path / "photos")
    assert {"cat.jpg": b"cat"} == tree(tmp_path / "photos")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
def test_a_pubspec_that_is_a_link_is_refused(deliver: Callable[..., DeliveredFlutter], tmp_path: Path) -> None:
    app = draw_app(tmp_path / "app")
    (app / "pubspec.yaml").rename(tmp_path / "elsewhere.yaml")
    (app / "pubspec.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(InputError, match="cannot be added to"):
        deliver(app)


def test_a_file_that_no_plugin_runs_is_not_delivered(
    deliver: Callable[..., DeliveredFlutter], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "oldest_runtime", lambda: Runtime("TensorFlow Lite 1.5.0", "1.5.0"))
    with pytest.raises(JudgedAndFailed) as caught:
        deliver(tmp_path / "app")
    assert "needs TensorFlow Lite" in str(caught.value.received)
    assert not (tmp_path / "app").exists()


def test_without_an_artifact_in_that_form_the_command_to_make_it_is_named(run: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["deliver", "flutter", str(run), str(tmp_path / "a"), "--preprocessing", "in-graph"])
    assert done.exit_code == 2
    assert "--to tflite --preprocessing in-graph" in done.output


def test_json_says_what_became_of_every_file(run: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["deliver", "flutter", str(run), str(tmp_path / "app"), "--json"])
    value = json.loads(done.stdout)
    assert value["pubspec"] is None
    assert MODEL in value["files"]["written"]


@pytest.mark.parametrize("recipe", ["float32", "full_int8"])
def test_the_twin_makes_the_exact_input_of_every_golden_vector(run: Path, recipe: str) -> None:
    folder = RunFolder(run)
    artifact = next(one for one in folder.read_lock().artifacts if (one.format, one.recipe) == ("tflite", recipe))
    figures = measure_twin(folder, artifact, golden_files(folder, artifact))
    assert (9, 0.0, 0.0) == (figures.images, figures.to_input, figures.to_expected)


def test_a_photo_that_exif_turns_is_the_same_photo_to_the_twin(golden: dict[str, bytes], run: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    data, block = golden["8.jpg"], exif.tobytes()
    turned = data[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + data[2:]
    with Image.open(io.BytesIO(turned)) as image:
        assert image.getexif()[274] == 6
    contract = read_contract(run / "contract.json")
    np.testing.assert_array_equal(twin_tensor(data, contract), twin_tensor(turned, contract))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="stops a forked process")
def test_stopped_after_any_step_every_file_is_whole_and_the_same_command_goes_on(
    run: Path, golden: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "golden_files", lambda *_, **__: golden)
    old = draw_app(tmp_path / "old", OWN)
    deliver_flutter(run, old, FlutterOptions())
    (old / "pubspec.yaml").write_text(OWN, encoding="utf-8")  # the older delivery: another model, no lines in pubspec
    older = dict.fromkeys([MODEL, "assets/model/labels.txt", "lib/modelport/contract.dart"], b"older")
    record = json.loads((old / delivery.RECORD).read_text("utf-8"))
    for name, data in older.items():
        (old / name).write_bytes(data)
        record["files"][name] = sha256_of_file(old / name)
    (old / delivery.RECORD).write_text(json.dumps(record), encoding="utf-8")
    done = Path(shutil.copytree(old, tmp_path / "done"))
    steps = [0]
    with disk.observed(lambda *_: steps.__setitem__(0, steps[0] + 1)):
        deliver_flutter(run, done, FlutterOptions())
    before, after = tree(old), tree(done)
    assert before["pubspec.yaml"] != after["pubspec.yaml"]
    for stop in range(1, steps[0] + 1):
        app = Path(shutil.copytree(old, tmp_path / f"app{stop}"))
        _stop_after(stop, lambda app=app: deliver_flutter(run, app, FlutterOptions()))  # type: ignore[misc]
        found = {name: data for name, data in tree(app).items() if ".part-" not in name and name != delivery.RECORD}
        assert all(data in (before[name], after[name]) for name, data in found.items()), f"step {stop}"
        assert set(found) == set(after) - {delivery.RECORD}, f"step {stop}"
        deliver_flutter(run, app, FlutterOptions())
        assert after == {name: data for name, data in tree(app).items() if ".part-" not in name}, f"step {stop}"
    print(f"stopped after each of {steps[0]} steps")


def _stop_after(steps: int, work: Callable[[], object]) -> None:
    """Let a child do the work, and end it after so many steps on disk: no `finally`, no `atexit`."""
    child = os.fork()
    if child == 0:
        left = [steps]

        def observe(*_: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                os._exit(77)

        try:
            with disk.observed(observe):
                work()
        except ModelportError:
            os._exit(3)
        os._exit(4)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 77


@pytest.mark.slow
def test_the_twin_and_the_model_that_resizes_itself(judged_run: Path, tmp_path: Path) -> None:
    """Run with -s it prints the largest differences of every .tflite."""
    from modelport.convert.convert import convert
    from modelport.convert.options.export_options import ExportOptions

    run = RunFolder(Path(shutil.copytree(judged_run, tmp_path / "run")))
    convert(run.root, ["tflite"], ExportOptions(form=InputForm(preprocessing="in_graph")))
    for artifact in run.read_lock().artifacts:
        if artifact.format == "tflite":
            figures = measure_twin(run, artifact, golden_files(run, artifact))
            print(f"\n{artifact.path}: {figures}")
            assert (0.0, 0.0) == (figures.to_input, figures.to_expected)

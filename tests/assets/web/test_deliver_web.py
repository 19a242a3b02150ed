"""What is delivered, what is refused, and what is said of it."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from click.testing import CliRunner
from modelport.assets.web.deliver_web import deliver_web
from modelport.assets.web.options import WebOptions
from modelport.assets.web.site_files import PAGE
from modelport.cli.main import cli
from modelport.contract.errors import InputError, JudgedAndFailed, UsageError

from .conftest import DRAWING, LABELS, HandRun


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def digest(data: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_the_site_holds_model_contract_labels_and_tensorflow_js(doodle_site: Path, doodle_run: HandRun) -> None:
    files = files_of(doodle_site)
    for path in (doodle_run.root / "tfjs").iterdir():
        assert path.read_bytes() == files[f"model/{path.name}"]
    assert "\n".join(LABELS) + "\n" == files["labels.txt"].decode()
    contract = json.loads(files["contract.json"])
    assert DRAWING.to_json() == contract["drawing"]
    assert doodle_run.contract.pixels.to_json() == contract["input"]
    record = json.loads(files["delivery.json"])
    assert {name for name in files if name != "delivery.json"} == set(record["files"])
    assert {"tfjs": "4.22.0", "artifact": "tfjs", "run_id": "by-hand"}.items() <= record["about"].items()
    assert record["about"]["@tensorflow/tfjs-core"].startswith("sha512-LEkOyz")


def test_every_hash_in_the_page_is_that_of_the_file(doodle_site: Path) -> None:
    files = files_of(doodle_site)
    page = files["index.html"].decode()
    tags = re.findall(r'(?:src|href)="([^"]+)" integrity="([^"]+)"', page)
    assert {"vendor/tf-core.min.js", "vendor/tf-backend-wasm.min.js", "style.css", "main.js"} < {
        name for name, _ in tags
    }
    assert 6 == len(tags) == page.count("integrity=")
    kept = json.loads(re.search(r"const FILES = (\{.*?\});", files["service_worker.js"].decode(), re.DOTALL)[1])  # type: ignore[index]
    assert set(files) - {"delivery.json", "service_worker.js"} == set(kept)
    for name, value in (*tags, *kept.items(), *json.loads(files["page.json"])["integrity"].items()):
        assert digest(files[name]) == value, name
    assert "[[" not in page + files["service_worker.js"].decode()


def test_the_page_asks_for_nothing_elsewhere_and_runs_nothing_inline(doodle_site: Path, photo_site: Path) -> None:
    for site in (doodle_site, photo_site):
        own = {name: data.decode() for name, data in files_of(site).items() if name.endswith((".html", ".css", ".js"))}
        page = own.pop("index.html")
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
        assert policy
        assert "default-src 'none'" in policy[1]
        assert not re.search(r"https?:|'unsafe-inline'|'unsafe-eval'|\*", policy[1])
        assert not re.search(r"\son[a-z]+=|<script>|<style|\sstyle=", page)
        for name, text in own.items():
            if not name.startswith("vendor/"):
                written = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?://\w"
                assert not re.search(written, re.sub(r"//.*", "", text)), name


def test_the_same_again_changes_nothing_and_another_title_the_version(
    doodle_run: HandRun, node_modules: Path, tmp_path: Path
) -> None:
    first = deliver_web(doodle_run.root, tmp_path / "site", WebOptions(tfjs=node_modules, title="one"))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "site").rglob("*")}
    again = deliver_web(doodle_run.root, tmp_path / "site", WebOptions(tfjs=node_modules, title="one"))
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "site").rglob("*")}
    assert (first.version, ()) == (again.version, again.files.written)
    other = deliver_web(doodle_run.root, tmp_path / "site", WebOptions(tfjs=node_modules, title="two"))
    assert first.version != other.version
    assert {"index.html", "manifest.webmanifest", "service_worker.js"} == set(other.files.written)


def test_an_edited_file_is_kept_and_named(doodle_run: HandRun, node_modules: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    deliver_web(doodle_run.root, site, WebOptions(tfjs=node_modules))
    (site / "style.css").write_text("body { color: red }")
    with pytest.raises(UsageError, match="in the way") as caught:
        deliver_web(doodle_run.root, site, WebOptions(tfjs=node_modules, title="another"))
    assert "style.css: edited" in str(caught.value)
    assert "body { color: red }" == (site / "style.css").read_text()
    assert "another" not in (site / "index.html").read_text()
    deliver_web(doodle_run.root, site, WebOptions(tfjs=node_modules, overwrite=True))
    assert "color: red" not in (site / "style.css").read_text()


def test_the_smallest_that_passed_is_taken_or_the_named_one(
    make_run: Callable[..., HandRun], node_modules: Path, tmp_path: Path
) -> None:
    models = (("tfjs.weight_int8", "weight_int8"), ("tfjs.float16", "float16"), ("tfjs", "float32"))
    run = make_run(models=models, verdicts={"tfjs.weight_int8": "fail"})
    made = deliver_web(run.root, tmp_path / "one", WebOptions(tfjs=node_modules))
    assert "tfjs.float16" == made.artifact
    made = deliver_web(run.root, tmp_path / "two", WebOptions(tfjs=node_modules, artifact="tfjs"))
    assert "tfjs" == made.artifact
    with pytest.raises(InputError, match="not delivered: fail"):
        deliver_web(run.root, tmp_path / "three", WebOptions(tfjs=node_modules, artifact="tfjs.weight_int8"))
    with pytest.raises(InputError, match="no such artifact"):
        deliver_web(run.root, tmp_path / "three", WebOptions(tfjs=node_modules, artifact="tfjs.float64"))
    assert not (tmp_path / "three").exists()


@pytest.mark.parametrize("verdict", ["fail", "not judged", "undecided"])
def test_a_model_that_did_not_pass_is_not_delivered(
    make_run: Callable[..., HandRun], tmp_path: Path, verdict: str
) -> None:
    with pytest.raises(JudgedAndFailed, match=r"no TensorFlow\.js model may be delivered") as caught:
        deliver_web(make_run(verdicts={"tfjs": verdict}).root, tmp_path / "site", WebOptions())
    assert f"it is a {verdict}" in str(caught.value)
    assert not (tmp_path / "site").exists()


def test_a_run_without_one_ends_in_the_commands_that_make_it(make_run: Callable[..., HandRun], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no TensorFlow\.js model was exported") as caught:
        deliver_web(make_run(models=()).root, tmp_path / "site", WebOptions())
    assert "--to tfjs" in str(caught.value.fix)
    assert "--only" not in str(caught.value.fix), "a report of pages alone lets nothing else be delivered"


@pytest.mark.parametrize("title", ["", " ", "x" * 121, "two\nlines", "bell\x07"], ids=repr)
def test_a_title_that_cannot_be_shown_is_refused(title: str) -> None:
    with pytest.raises(UsageError, match="--title"):
        WebOptions(title=title)


def test_the_command_says_what_it_did_and_how_to_look_at_it(
    photo_run: HandRun, node_modules: Path, tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_text("\ufeffHELLO\r\n\r\nCAB\n", encoding="utf-8")
    arguments = ["deliver", "web", str(photo_run.root), str(tmp_path / "site"), "--tfjs", str(node_modules)]
    done = CliRunner().invoke(cli, [*arguments, "--allowed-sequences", str(tmp_path / "words.txt")])
    assert 0 == done.exit_code, done.stderr
    assert f"photo page in {tmp_path / 'site'}: tfjs, pass: top-1 90.0 % [80.0, 95.0], n = 50" in done.stdout
    assert f"python -m http.server 8000 --directory {tmp_path / 'site'}" in done.stdout
    assert "a photo page" in done.stderr
    page = json.loads((tmp_path / "site" / "page.json").read_text())
    assert ["HELLO", "CAB"] == page["assembly"]["allowed_sequences"]
    again = CliRunner().invoke(cli, [*arguments, "--json"])
    told = json.loads(again.stdout)
    assert ("photo", "tfjs") == (told["kind"], told["artifact"])
    assert {"page.json", "service_worker.js"} == set(told["files"]["written"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "empty"), (b"\n \n", "empty"), (b"GOOD MORNING\n", "not words"), (b"\xff", "cannot be read")],
    ids=repr,
)
def test_words_that_cannot_be_assembled_are_refused(
    photo_run: HandRun, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "words.txt").write_bytes(content)
    arguments = ["deliver", "web", str(photo_run.root), str(tmp_path / "site")]
    done = CliRunner().invoke(cli, [*arguments, "--allowed-sequences", str(tmp_path / "words.txt")])
    assert 2 == done.exit_code
    assert sentence in done.stderr


def test_the_modules_of_the_page_import_in_no_circle() -> None:
    imports = {
        file.name: re.findall(r"^import .* from '\./(.+)';$", file.read_text(encoding="utf-8"), re.MULTILINE)
        for file in PAGE.glob("*.js")
    }
    assert {"stage.js"} <= set(imports["camera_control.js"])
    TopologicalSorter(imports).prepare()  # raises CycleError

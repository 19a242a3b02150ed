"""modelport.toml: what `init` writes, and what `ship` says of files that are wrong."""

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from modelport.assets.archive.options import ArchiveOptions
from modelport.assets.ship.plan.keys import PRODUCTS, TABLES
from modelport.assets.ship.plan.read_file import read_ship_file
from modelport.cli.main import cli
from modelport.contract.errors import InputError, UsageError
from modelport.contract.options.kinds import KINDS
from modelport.convert.options.export_options import ExportOptions
from modelport.quantize.representative_options import REPRESENTATIVE_IMAGES
from modelport.training.prepare.options import PrepareOptions
from modelport.training.train_options import TrainOptions
from modelport.validate.baseline.limits import limits_of
from modelport.validate.budgets.file import read_budgets
from modelport.validate.budgets.project_file import read_project


def command(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with the modelport.toml of `init`, and an empty folder photos."""
    done = command("init", tmp_path / "modelport.toml")
    assert 0 == done.exit_code, done.output
    (tmp_path / "photos").mkdir()
    return tmp_path / "modelport.toml"


class TestInit:
    def test_the_file_is_valid_as_it_is(self, written: Path) -> None:
        plan = read_ship_file(written)
        assert ["flutter", "archive"] == [one.product for one in plan.deliveries]
        assert written.parent / "photos" == plan.images

    def test_it_changes_no_default_of_the_commands(self, written: Path) -> None:
        plan = read_ship_file(written)
        assert (TrainOptions(), ExportOptions()) == (plan.train, plan.export)
        assert PrepareOptions() == plan.prepare
        assert REPRESENTATIVE_IMAGES == plan.representative_images
        assert read_ship_file(write(written, '[data]\nimages = "photos"\n')) == dataclasses.replace(
            plan, deliveries=(), book=read_ship_file(written).book
        )

    def test_every_option_of_the_stages_has_a_key(self) -> None:
        def names(options: Any) -> set[str]:
            return {field.name for field in dataclasses.fields(options)}

        assert names(TrainOptions) == set(TABLES["train"])
        assert names(PrepareOptions) - {"overwrite"} == set(TABLES["data"]) - {"images"}
        archive = names(ArchiveOptions) - {"with_failed", "min_tflite", "preprocessing"}
        assert archive == set(TABLES["deliver.archive"]) - {"target"}
        parts = {field.name: getattr(ExportOptions(), field.name) for field in dataclasses.fields(ExportOptions)}
        of_formats = set().union(*(names(part) for name, part in parts.items() if name != "form"))
        # of one .tflite: [train] min_tflite says it for all
        assert of_formats - {"min_tflite"} <= set(TABLES["convert"])

    def test_every_key_stands_in_it_with_a_comment(self, written: Path) -> None:
        text = written.read_text()
        for table, keys in TABLES.items():
            part = text.split(f"[{table}]\n")[1].split("\n\n")[0]
            for name in keys:
                assert re.search(rf"^(# )*{name} = .+  # .+", part, re.MULTILINE), (table, name)

    def test_every_commented_key_is_valid_once_it_is_uncommented(self) -> None:
        """One at a time: some exclude each other."""
        for table, keys in TABLES.items():
            for name, key in keys.items():
                value = key.default if key.default is not None else key.example
                assert value is not None, (table, name)
                assert key.problem_of(value) is None, (table, name)
                assert key.kind in KINDS

    def test_validate_takes_the_file(self, written: Path) -> None:
        assert {"": {}} == read_budgets(written).sections
        assert 5 == limits_of(read_project(written)).max_growth_percent
        uncommented = written.with_name("more.toml")
        text = re.sub(r"^# (?=min_|max_|\[budgets)", "", written.read_text(), flags=re.MULTILINE)
        uncommented.write_text(text)
        assert 0.9 == read_budgets(uncommented).sections[""]["min_top1"]

    def test_a_file_is_not_replaced_unasked(self, written: Path) -> None:
        written.write_text("mine")
        done = command("init", written)
        assert (2, "mine") == (done.exit_code, written.read_text())
        assert 0 == command("init", written, "--overwrite").exit_code
        assert "[train]" in written.read_text()

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        done = command("init", tmp_path, "--overwrite")
        assert 2 == done.exit_code
        assert f"modelport init {tmp_path / 'modelport.toml'}" in done.stderr

    def test_its_lines_are_ascii(self, written: Path) -> None:
        assert written.read_bytes().isascii()
        assert 120 >= max(map(len, written.read_text().splitlines()))


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    (file.parent / "photos").mkdir(exist_ok=True)
    return file


DATA = '[data]\nimages = "photos"\n'

#: What the file says after [data], what is said of it.
BAD = {
    "unknown-key": ("[train]\nepoch = 8", "[train] epoch: unknown key, did you mean 'epochs'?"),
    "unknown-far-key": ("[train]\nzzz = 8", "[train] zzz: unknown key; known are epochs, batch_size"),
    "unknown-table": ("[trian]\nepochs = 8", "[trian]: unknown table, did you mean 'train'?"),
    "key-outside": ("", "[epochs]: unknown key; known are ship, data"),
    "unknown-product": ('[deliver.fluter]\ntarget = "x"', "[deliver.fluter]: unknown table, did you mean 'flutter'?"),
    "product-no-table": ('[deliver]\nflutter = "x"', "deliver.flutter: expected a table [deliver.flutter]"),
    "deliver-no-table": ("", "deliver: expected a table [deliver]"),
    "table-is-a-list": ("[[train]]\nepochs = 8", "train: expected a table [train]"),
    "text-for-number": ('[train]\nepochs = "8"', "[train] epochs: expected a whole number, 1 or more; received '8'"),
    "float-for-count": ("[train]\nepochs = 8.0", "[train] epochs: expected a whole number, 1 or more; received 8.0"),
    "true-for-count": ("[train]\nepochs = true", "[train] epochs: expected a whole number, 1 or more; received True"),
    "zero-epochs": ("[train]\nepochs = 0", "[train] epochs: expected a whole number, 1 or more; received 0"),
    "one-epoch-of-two-phases": ("[train]\nepochs = 1", "[train] epochs: option is out of range; expected at least 2"),
    "huge-number": ("[train]\nepochs = 99999999999999999999", "[train] epochs: expected a whole number"),
    "nan": ("[train]\nlearning_rate = nan", "[train] learning_rate: expected a finite number above 0; received nan"),
    "infinite": (
        "[train]\nlearning_rate = inf",
        "[train] learning_rate: expected a finite number above 0; received inf",
    ),
    "number-for-switch": ("[train]\naugment = 1", "[train] augment: expected true or false; received 1"),
    "one-size": ("[train]\nimage_size = 64", "[train] image_size: expected [height, width]"),
    "small-image": (
        "[train]\nimage_size = [16, 16]",
        "[train] image_size: expected [height, width], whole numbers, 32 or more",
    ),
    "backbone": ('[train]\nbackbone = "ResNet50"', "[train] backbone: expected one of MobileNetV3Large"),
    "release": ('[train]\nmin_tflite = "new"', '[train] min_tflite: expected numbers such as "2.12.0"'),
    "weights-missing": ('[train]\nweights = "none.h5"', "[train] weights: there is no "),
    "format": ('[convert]\nformats = ["tflight"]', "[convert] formats: expected some of saved_model"),
    "format-twice": ('[convert]\nformats = ["tflite", "tflite"]', "[convert] formats: expected some of saved_model"),
    "format-no-list": ('[convert]\nformats = "tflite"', "[convert] formats: expected some of saved_model"),
    "nothing-exported": ("[convert]\nformats = []\n[quantize]\nrecipes = []", "nothing is exported"),
    "opset": ("[convert]\nopset = 99", "[convert] opset: expected a whole number, 13 to 18"),
    "range-in-graph": (
        '[convert]\npreprocessing = "in-graph"\nvalue_range = "0..1"',
        "in-graph artifacts take no other range",
    ),
    "like-without-labels": ('[convert]\nlike = "modelport.toml"', "like needs like_labels"),
    "like-missing": ('[convert]\nlike = "old.pb"\nlike_labels = "modelport.toml"', "[convert] like: there is no "),
    "like-of-no-graph": (
        '[convert]\nformats = ["tflite"]\nfamily = "inception"',
        "counts for frozen_graph, which is not among",
    ),
    "recipe": ('[quantize]\nrecipes = ["int4"]', "[quantize] recipes: expected some of float16"),
    "budget": ("[budgets]\nmin_top2 = 1", "unknown budget 'min_top2', did you mean 'min_top"),
    "budget-value": ("[budgets]\nmin_top1 = 90", "budget has no such value; expected a number in [0, 1]"),
    "baseline-value": ("[baseline]\nmax_growth = 5", 'limit has no such value; expected percent, such as "5%"'),
    "baseline-missing": ('[validate]\nbaseline = "old.json"', "[validate] baseline: there is no "),
    "no-target": ("[deliver.web]\n", "[deliver.web] target: is needed"),
    "web-without-tfjs": ('[deliver.web]\ntarget = "site"', 'add "tfjs" to [convert] formats'),
    "app-without-tflite": (
        '[convert]\nformats = ["onnx"]\n[quantize]\nrecipes = []\n[deliver.flutter]\ntarget = "app"',
        "an app needs a .tflite",
    ),
    "archive-no-zip": ('[deliver.archive]\ntarget = "release.tar"', "expected a name that ends in .zip"),
    "profile-ignores": (
        '[deliver.backend]\ntarget = "s"\nprofile = "kaggle"\nmodel_file = "graph.pb"',
        "[deliver.backend] model_file: counts without profile only",
    ),
    "profile-ignores-drop-0": (
        '[deliver.backend]\ntarget = "s"\nprofile = "kaggle"\nmax_drop_points = 0',
        "[deliver.backend] max_drop_points: counts without profile only",
    ),
    "profile-ignores-range": (
        '[deliver.backend]\ntarget = "s"\nprofile = "kaggle"\nvalue_range = "0..1"',
        "[deliver.backend] value_range: counts without profile only",
    ),
    "kaggle-without-graph": (
        '[convert]\nformats = ["tflite"]\n[deliver.backend]\ntarget = "s"\nprofile = "kaggle"',
        "[deliver.backend] profile: kaggle needs a graph",
    ),
    "two-in-one-folder": (
        '[convert]\nformats = ["tflite", "tfjs"]\n[deliver.flutter]\ntarget = "out"\n[deliver.web]\ntarget = "./out"',
        "[deliver.web] target: ./out is that of [deliver.flutter]",
    ),
    "asl-without-graph": (
        '[convert]\nformats = ["tflite"]\n[deliver.archive]\ntarget = "r.zip"\nprofile = "asl"',
        "[deliver.archive] profile: asl needs a graph",
    ),
    "asl-without-tflite": (
        '[convert]\nformats=["frozen_graph"]\n[quantize]\nrecipes=[]\n[deliver.archive]\nprofile="asl"\ntarget="z.zip"',
        "[deliver.archive] profile: asl needs a .tflite",
    ),
    "include-nothing": (
        '[deliver.archive]\ntarget = "r.zip"\ninclude = ["onx"]',
        "[deliver.archive] include: onx is nothing that is exported",
    ),
    "include-not-asked-for": (
        '[quantize]\nrecipes = []\n[deliver.archive]\ntarget = "r.zip"\ninclude = ["model.float16.tflite"]',
        "[deliver.archive] include: model.float16.tflite is nothing",
    ),
    "work-is-the-photos": ('[ship]\nwork = "photos"', "[ship] work: data set and images overlap"),
    "work-is-a-file": ('[ship]\nwork = "modelport.toml"', "[ship] work: expected a folder"),
    "work-below-a-file": ('[ship]\nwork = "modelport.toml/a"', "[ship] work: expected a folder"),
    "images-are-a-file": ("", "[data] images: expected a folder"),
    "work-in-the-images": ("", "[ship] work: data set and images overlap"),
    "archive-profile": (
        '[deliver.archive]\ntarget = "r.zip"\nprofile = "best"',
        "[deliver.archive] profile: expected one of asl",
    ),
    "empty-work": ('[ship]\nwork = ""', "[ship] work: expected a text that is not empty"),
    "two-ways-of-grouping": ("", "two ways of grouping"),
    "ratios": ("", "[data] ratios: ratios cannot be used"),
    "regex": ("", "not a regular expression"),
    "no-images": ("", "[data] images: is needed"),
    "images-missing": ("", "[data] images: there is no "),
}
_WHOLE = {
    "key-outside": f"epochs = 8\n{DATA}",
    "deliver-no-table": f"deliver = 3\n{DATA}",
    "two-ways-of-grouping": f'{DATA}groups = "modelport.toml"\ngroup_by = "a"',
    "ratios": f'{DATA}ratios = "70/30"',
    "regex": f'{DATA}group_by = "("',
    "no-images": "[data]\nseed = 1",
    "images-are-a-file": '[data]\nimages = "modelport.toml"',
    "work-in-the-images": '[data]\nimages = "."',
    "images-missing": '[data]\nimages = "nowhere"',
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    text, said = BAD[name]
    file = write(tmp_path / "modelport.toml", _WHOLE.get(name, DATA + text))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = command("ship", file)
    assert 2 == done.exit_code, done.output
    assert said in done.stderr
    assert re.match(r"Error: file has 1 problem: \S+modelport.toml\n  received ", done.stderr)
    assert "Traceback" not in done.stderr
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_all_problems_come_in_one_report(tmp_path: Path) -> None:
    text = f'{DATA}sed = 1\n[train]\nepochs = 0\n[convert]\nformats = ["x"]\n[budgets]\nmin_top2 = 1\n[shop]\n'
    with pytest.raises(UsageError) as caught:
        read_ship_file(write(tmp_path / "m.toml", text))
    assert "file has 5 problems" == caught.value.what
    for part in ("[data] sed", "[train] epochs", "[convert] formats", "min_top2", "[shop]"):
        assert part in str(caught.value)


def test_broken_toml_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="file is not TOML") as caught:
        read_ship_file(write(tmp_path / "m.toml", f"{DATA}[train]\nepochs = = 8\n"))
    assert "line 4" in str(caught.value)


def test_the_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read twice, an editor's save between the two would pair the stages of one version with the budgets of another."""
    file, read, read_text = (
        write(tmp_path / "m.toml", f"{DATA}[budgets]\nmin_top1 = 0.9\n"),
        list[Path](),
        Path.read_text,
    )

    def counted(path: Path, *more: Any, **named: Any) -> str:
        read.append(path)
        return read_text(path, *more, **named)

    monkeypatch.setattr(Path, "read_text", counted)
    assert {"min_top1": 0.9} == read_ship_file(file).book.sections[""]
    assert 1 == read.count(file)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00", b"a" * 100_000], ids=["utf-16", "nul", "long"])
def test_what_is_no_text_is_no_traceback(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.toml").write_bytes(content)
    done = command("ship", tmp_path / "m.toml")
    assert 2 == done.exit_code
    assert "not TOML" in done.stderr


def test_a_missing_file_is_answered_with_init(tmp_path: Path) -> None:
    done = command("ship", tmp_path / "m.toml")
    assert 2 == done.exit_code
    assert f"modelport init {tmp_path / 'm.toml'}" in done.stderr


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project" / "photos").mkdir(parents=True)
    (tmp_path / "project" / "LICENSE").write_text("MIT")
    text = f'{DATA}[deliver.archive]\ntarget = "out/r.zip"\nlicense = "LICENSE"\n'
    write(tmp_path / "project" / "m.toml", text)
    monkeypatch.chdir(tmp_path)
    plan = read_ship_file("project/m.toml")
    assert Path("project/photos") == plan.images
    assert Path("project/work/run") == plan.run
    assert (Path("project/out/r.zip"), "project/LICENSE") == (
        plan.deliveries[0].target,
        Path(plan.deliveries[0].options["license"]).as_posix(),
    )


@pytest.mark.parametrize(("table", "key"), [("convert", "licence"), ("deliver.archive", "data_licence")])
def test_an_older_key_is_taken_with_a_note(tmp_path: Path, table: str, key: str) -> None:
    target = 'target = "r.zip"\n' if table == "deliver.archive" else ""
    newer = key.replace("licence", "license")
    plan = read_ship_file(write(tmp_path / "m.toml", f'{DATA}[{table}]\n{target}{key} = "MIT"\n'))
    told = plan.deliveries[0].options[newer] if target else plan.export.tflite.license
    assert "MIT" == told
    assert (1, True) == (len(plan.notes), f"[{table}] {key}" in plan.notes[0])
    today = read_ship_file(write(tmp_path / "m.toml", f'{DATA}[{table}]\n{target}{newer} = "MIT"\n'))
    assert today == dataclasses.replace(plan, notes=())
    both = write(tmp_path / "m.toml", f'{DATA}[{table}]\n{target}{key} = "MIT"\n{newer} = "BSD"\n')
    done = command("ship", both)
    assert (2, True) == (done.exit_code, f"[{table}] {key} and [{table}] {newer}" in done.stderr)


def test_products_are_those_that_deliver_knows() -> None:
    from modelport.cli.commands.deliver import PRODUCTS as COMMANDS

    assert tuple(COMMANDS) == PRODUCTS
    assert {f"deliver.{name}" for name in PRODUCTS} == {name for name in TABLES if name.startswith("deliver.")}


def test_the_template_is_toml_for_others_too(written: Path) -> None:
    assert set(tomllib.loads(written.read_text())) == {*(name.split(".")[0] for name in TABLES), "budgets", "baseline"}


@pytest.mark.parametrize("name", ["tflite", "float32", "float16", "model.nchw.onnx", "model.float16.in_graph.tflite"])
def test_an_archive_may_include_what_is_exported(tmp_path: Path, name: str) -> None:
    text = f'{DATA}[deliver.archive]\ntarget = "r.zip"\ninclude = ["{name}"]\n'
    assert (name,) == tuple(read_ship_file(write(tmp_path / "m.toml", text)).deliveries[0].options["include"])


def test_two_names_of_one_option_are_one_problem(tmp_path: Path) -> None:
    table = '[deliver.archive]\ntarget = "a.zip"\nlicence = "A"\nlicense = "B"\ndata_licence = "C"\n'
    done = command("ship", write(tmp_path / "modelport.toml", f"{DATA}{table}"))
    assert (2, True, False) == (done.exit_code, "under two names" in done.stderr, "unknown key" in done.stderr)

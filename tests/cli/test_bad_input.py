"""What users throw at the command line: the first line of the answer and the exit code, one row each.

Rows are (input, command, first line, exit code). Where nothing is wrong with the input, the row says so: exit code 0.
"""

import errno
import io
import json
import os
import random
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from modelport.contract.files import disk
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.decode import read_image, sha256_of_pixels
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.artifacts import describe_artifact
from modelport.contract.run.lock import Lock, write_lock
from modelport.contract.run.reference import Reference, write_reference
from PIL import Image

RUN_ID, FOREIGN = "20260101T000000Z-00000000", "20200101T000000Z-ffffffff"
LABELS, SIZE = ("blue", "red"), 8
PHOTO = Image.frombytes("RGB", (6, 4), random.Random(0).randbytes(6 * 4 * 3)).resize((96, 64), Image.Resampling.BICUBIC)
Build = Callable[[Path], object]


def modelport(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def answer_of(result: Result) -> str:
    """The first line; where prepare sets one file aside, the line that names it."""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    lines = [line.strip() for line in result.stderr.splitlines() if not line.startswith("budgets: ")]
    if lines and lines[0].startswith("1 file quarantined"):
        return lines[1]
    return lines[0] if lines else ""


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation  # the tag "Orientation" of EXIF 2.32
    return exif


def draw(folder: Path, count: int = 3) -> None:
    """Write small images that nobody else has, or skip where the system does not know such a name."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        pytest.skip(f"this file system has no such folder: {error}")
    if folder.name not in {found.name for found in folder.parent.iterdir()}:
        pytest.skip("this file system spells the folder's name another way")
    for number in range(count):
        noise = random.Random(f"{folder.as_posix()!a} {number}").randbytes(8 * 8 * 3)
        Image.frombytes("RGB", (8, 8), noise).save(folder / f"{number}.png")


def classes(*names: str) -> Build:
    def build(root: Path) -> None:
        for name in names:
            draw(root / name)

    return build


def with_file(name: str, data: bytes) -> Build:
    def build(root: Path) -> None:
        classes("a", "b")(root)
        (root / "a" / name).write_bytes(data)

    return build


def png_header(width: int, height: int) -> bytes:
    """A PNG file by hand: the size is said, the pixels are not there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


JPEG = saved(PHOTO, "JPEG")
CUT = JPEG[: len(JPEG) // 2]
UNFIT = "Error: class folders have names that not every system can hold: in"
ALIKE = "Error: class folders differ in nothing but case or the spelling of an accent: in"
SPLITS = "Error: folders are named like splits and hold no class folders: in"


def same_file_twice(root: Path) -> None:
    draw(root / "a", 4)
    draw(root / "b", 4)
    shutil.copyfile(root / "a" / "0.png", root / "b" / "again.png")


PREPARED = [
    pytest.param(classes("good", "a\nb"), UNFIT, 2, id="class-with-a-newline"),
    pytest.param(classes("good", "\x1b[31mred"), UNFIT, 2, id="class-with-an-escape"),
    pytest.param(classes("good", "CON"), UNFIT, 2, id="class-CON"),
    pytest.param(classes("good", "aux.txt"), UNFIT, 2, id="class-aux.txt"),
    pytest.param(classes("good", "name "), UNFIT, 2, id="class-ends-with-a-blank"),
    pytest.param(classes("good", "name."), UNFIT, 2, id="class-ends-with-a-dot"),
    pytest.param(classes("good", "a:b"), UNFIT, 2, id="class-with-a-colon"),
    pytest.param(classes("Cat", "cat"), ALIKE, 2, id="classes-differ-in-case"),
    pytest.param(classes("u\u0308", "\u00fc"), ALIKE, 2, id="classes-differ-in-normal-form"),
    pytest.param(
        classes("good", os.fsdecode(b"caf\xe9")),
        "Error: a label cannot be written as UTF-8: in",
        2,
        id="class-not-utf8",
    ),
    pytest.param(classes("good", "\N{BIRD} bird"), "", 0, id="class-with-an-emoji"),
    pytest.param(classes("train", "cat"), "", 0, id="a-class-called-train"),
    pytest.param(classes("train", "test", "cat"), "", 0, id="classes-train-test-and-another"),
    pytest.param(classes("train", "val", "test"), SPLITS, 2, id="classes-train-val-test"),
    pytest.param(classes("train", "test"), SPLITS, 2, id="classes-train-test-alone"),
    pytest.param(classes("train", "val", "test", "cat"), SPLITS, 2, id="classes-train-val-test-and-another"),
    pytest.param(
        classes(*(f"{split}/{name}" for split in ("train", "val", "test") for name in ("train", "val", "test"))),
        "",
        0,
        id="split-with-classes-train-val-test",
    ),
    pytest.param(
        with_file("x.png", png_header(60_000, 60_000)),
        "a/x.png: image is too large to decode: 3,600,000,000 pixels",
        0,
        id="60000-px-header",
    ),
    pytest.param(
        with_file("x.jpg", b"hello"), "a/x.jpg: not an image: 5 bytes that begin with b'hello'", 0, id="text.jpg"
    ),
    pytest.param(with_file("x.jpg", b""), "a/x.jpg: not an image: an empty file", 0, id="empty-file"),
    pytest.param(
        with_file("x.jpg", CUT),
        "a/x.jpg: image cannot be decoded: image file is truncated",
        0,
        id="truncated-jpeg",
    ),
    pytest.param(
        with_file("x.jpg", CUT + b"\xff\xd9"),
        "a/x.jpg: image is not whole: picture data that was cut, and an end marker behind it",
        0,
        id="cut-jpeg-with-an-end-marker",
    ),
    pytest.param(same_file_twice, "2 files quarantined, listed in dataset.json:", 0, id="same-bytes-under-two-labels"),
]


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("build", "first_line", "exit_code"), PREPARED)
def test_prepare_answers(build: Build, first_line: str, exit_code: int) -> None:
    build(Path("in"))
    result = modelport("prepare", "in", "out")
    answer = answer_of(result)
    assert (first_line, exit_code) == (answer.partition(" (")[0] if "truncated" in answer else answer, result.exit_code)
    assert (exit_code == 0) == Path("out", "dataset.json").is_file()


def test_a_class_called_train_keeps_its_name_and_its_images() -> None:
    classes("train", "cat")(Path("in"))
    assert {"cat": 1, "train": 1} == json.loads(modelport("prepare", "in", "out", "--json").stdout)["counts"]["test"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(saved(PHOTO.convert("CMYK"), "JPEG"), "x.jpg", id="cmyk"),
        pytest.param(saved(Image.new("I;16", (8, 8), 1000), "PNG"), "x.png", id="16-bit-grey"),
        pytest.param(saved(PHOTO.convert("RGBA"), "PNG"), "x.png", id="rgba"),
        pytest.param(saved(PHOTO.quantize(16), "PNG"), "x.png", id="palette"),
        pytest.param(saved(PHOTO, "GIF", save_all=True, append_images=[PHOTO.rotate(180)]), "x.gif", id="animation"),
        pytest.param(saved(PHOTO, "JPEG", exif=turned(6)), "x.jpg", id="exif"),
    ],
)
def test_prepare_writes_anew_what_decoders_disagree_about(data: bytes, name: str) -> None:
    with_file(name, data)(Path("in"))
    result = modelport("prepare", "in", "out", "--json")
    summary = json.loads(result.stdout)
    assert (0, 1, 0) == (result.exit_code, summary["reencoded"], summary["quarantined"])


def test_where_links_cannot_be_made_images_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    classes("a", "b")(Path("in"))
    monkeypatch.setattr(os, "link", refusing(errno.EXDEV))
    assert 0 == modelport("prepare", "in", "out").exit_code
    assert {1} == {path.stat().st_nlink for path in Path("out").rglob("*.png")}


def refusing(number: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number), str(Path.cwd()))

    return refuse


@pytest.mark.parametrize(
    ("number", "first_line"),
    [
        pytest.param(errno.ENOSPC, "Error: disk is full: {}/out", id="disk-full"),
        pytest.param(errno.EROFS, "Error: folder cannot be written: {}", id="read-only"),
    ],
)
def test_prepare_says_which_disk_is_full_or_read_only(
    monkeypatch: pytest.MonkeyPatch, number: int, first_line: str
) -> None:
    classes("a", "b")(Path("in"))
    monkeypatch.setattr(disk, "link_or_copy", refusing(number))
    result = modelport("prepare", "in", "out")
    assert (first_line.format(Path.cwd()), 2) == (answer_of(result), result.exit_code)
    assert ["in"] == [path.name for path in Path().iterdir()]


@pytest.fixture
def run() -> Path:
    """A run folder, made by hand, of a model that answers the mean of blue and of red."""
    root, dataset = Path("run"), Path("dataset").absolute()
    root.mkdir()
    for split in ("train", "val", "test"):
        for label in LABELS:
            draw(dataset / split / label)
    (root / "model.keras").write_bytes(b"stands for the Keras model")
    model = sha256_of_file(root / "model.keras")
    contract = ModelContract(
        pixels=PixelContract(height=SIZE, width=SIZE),
        heads=(ClassificationHead(name="label", labels=LABELS),),
        parameters=0,
        provenance=Provenance(run_id=RUN_ID, model_sha256=model, dataset=str(dataset)),
    )
    write_contract(root / "contract.json", contract)
    write_labels(root / "training_set_labels.txt", LABELS)
    for name in ("training_history.json", "evaluation_report.json"):
        (root / name).write_text(json.dumps({"run_id": RUN_ID}))
    write_model(root / "model.onnx")
    write_reference(root / "reference.npz", reference_of(contract, dataset))
    artifact = describe_artifact(root, root / "model.onnx", format="onnx", recipe="float32", parent_sha256=model)
    write_lock(root / "artifacts.json", Lock(run_id=RUN_ID, model_sha256=model, artifacts=(artifact,)))
    return root


def write_model(path: Path) -> None:
    node, value = onnx.helper.make_node, onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [
            node("ReduceMean", ["input"], ["means"], axes=[1, 2], keepdims=0),
            node("Gather", ["means", "channels"], ["logits"], axis=1),
            node("Softmax", ["logits"], ["label"], axis=1),
        ],
        "means",
        [value("input", 1, ["n", SIZE, SIZE, 3])],
        [value("label", 1, ["n", 2])],
        [onnx.numpy_helper.from_array(np.array([2, 0]), "channels")],
    )
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)


def reference_of(contract: ModelContract, dataset: Path) -> Reference:
    paths = sorted((dataset / "test").rglob("*.png"))
    images = [read_image(path, contract.pixels) for path in paths]
    logits = np.stack(images).astype(np.float64).mean(axis=(1, 2))[:, [2, 0]] / 255
    powers = np.exp(logits)
    return Reference(
        run_id=RUN_ID,
        model_sha256=contract.provenance.model_sha256,
        paths=tuple(path.relative_to(dataset).as_posix() for path in paths),
        file_sha256=tuple(sha256_of_file(path) for path in paths),
        pixels_sha256=tuple(map(sha256_of_pixels, images)),
        truths={"label": np.array([LABELS.index(path.parent.name) for path in paths])},
        predictions={"label": (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)},
    )


def image_of(run: Path) -> str:
    return str(run.parent / "dataset" / "test" / "red" / "0.png")


def commands(run: Path) -> dict[str, list[str]]:
    return {
        "validate": ["validate", str(run), "--only", "onnx"],
        "predict": ["predict", str(run / "model.onnx"), image_of(run)],
        "convert": ["convert", str(run), "--to", "onnx", "--overwrite"],
        "quantize": ["quantize", str(run), "--recipes", "float16", "--overwrite"],
    }


def foreign(path: Path) -> None:
    """Make the file another run's."""
    text = path.read_text()
    path.write_text(text.replace(RUN_ID, FOREIGN) if path.suffix == ".json" else "".join(reversed(text.split("\n"))))


def swapped(path: Path) -> None:
    path.write_text("".join(f"{label}\n" for label in reversed(LABELS)))


def garbage(path: Path) -> None:
    path.write_bytes(b"\0garbage\xff")


def missing(path: Path) -> None:
    path.unlink()


MIXED = "Error: run folder mixes two runs: run"
NO_JSON = "Error: file is not JSON that can be read: run/"
#: File, what happens to it, and the first line; one line for all commands, or one for each.
DAMAGES: list[tuple[str, Build, str | dict[str, str]]] = [
    (
        "contract.json",
        missing,
        {"": "Error: not a run folder: run", "predict": "Error: contract is missing: run/contract.json"},
    ),
    ("contract.json", garbage, NO_JSON + "contract.json"),
    ("contract.json", foreign, MIXED),
    ("training_set_labels.txt", missing, "Error: labels file is missing: run/training_set_labels.txt"),
    ("training_set_labels.txt", garbage, "Error: labels cannot be read: run/training_set_labels.txt"),
    ("training_set_labels.txt", swapped, "Error: labels do not match the head: run/training_set_labels.txt"),
    ("model.keras", garbage, MIXED),
    (
        "model.keras",
        missing,
        dict.fromkeys(("convert", "quantize"), "Error: model is missing: run/model.keras"),
    ),
    ("training_history.json", garbage, NO_JSON + "training_history.json"),
    ("training_history.json", foreign, MIXED),
    ("evaluation_report.json", garbage, NO_JSON + "evaluation_report.json"),
    ("evaluation_report.json", foreign, MIXED),
    ("artifacts.json", garbage, NO_JSON + "artifacts.json"),
    ("artifacts.json", foreign, MIXED),
    ("artifacts.json", missing, {"validate": "Error: --only names nothing that was exported: onnx"}),
    ("model.onnx", garbage, {"predict": "Error: artifact is not the one that the run recorded: run/model.onnx"}),
    ("model.onnx", missing, {"predict": "Error: artifact does not exist: run/model.onnx"}),
    ("reference.npz", garbage, {"validate": "Error: reference predictions cannot be read: run/reference.npz"}),
]
ROWS = [
    pytest.param(name, damage, command, line, id=f"{name}-{damage.__name__}-{command}")
    for name, damage, lines in DAMAGES
    for command in ("validate", "predict", "convert", "quantize")
    if (line := lines if isinstance(lines, str) else lines.get(command, lines.get("")))
]


@pytest.mark.parametrize(("name", "damage", "command", "first_line"), ROWS)
def test_every_command_answers_a_run_folder_with_a_bad_file(
    run: Path, name: str, damage: Build, command: str, first_line: str
) -> None:
    if command in ("convert", "quantize"):
        pytest.importorskip("tensorflow", reason="convert and quantize need the extra [tensorflow]")
    damage(run / name)
    result = modelport(*commands(run)[command])
    assert (first_line.replace("/", os.sep), 2) == (answer_of(result), result.exit_code)


@pytest.mark.parametrize("damage", [garbage, missing])
def test_an_artifact_that_is_not_the_recorded_one_fails_its_judgement(run: Path, damage: Build) -> None:
    damage(run / "model.onnx")
    result = modelport(*commands(run)["validate"])
    assert (1, True) == (result.exit_code, "0 pass, 1 fail" in result.stdout)


def test_the_run_itself_is_good(run: Path) -> None:
    """Else the rows above would say nothing."""
    assert 0 == modelport(*commands(run)["validate"]).exit_code
    assert 0 == modelport(*commands(run)["predict"]).exit_code


def test_labels_with_windows_line_ends_and_a_byte_order_mark_are_read(run: Path) -> None:
    (run / "training_set_labels.txt").write_bytes(b"\xef\xbb\xbfblue\r\nred\r\n")
    assert 0 == modelport(*commands(run)["validate"]).exit_code


@pytest.mark.parametrize(
    ("data", "first_line"),
    [
        pytest.param(png_header(60_000, 60_000), "Error: image is too large to decode: x", id="60000-px-header"),
        pytest.param(b"hello", "Error: not an image: x", id="text"),
        pytest.param(CUT, "Error: image cannot be decoded: x", id="truncated"),
        pytest.param(CUT + b"\xff\xd9", "Error: image is not whole: x", id="cut-with-an-end-marker"),
        pytest.param(
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n",
            "Error: not an image: x",
            id="postscript",
        ),
        pytest.param(None, "Error: image cannot be read: x", id="missing"),
    ],
)
def test_predict_and_validate_answer_a_bad_image(run: Path, data: bytes | None, first_line: str) -> None:
    if data is not None:
        Path("x").write_bytes(data)
        shutil.copytree(run.parent / "dataset" / "test", "test")
        Path("test", "red", "x.jpg").write_bytes(data)
        judged = modelport(*commands(run)["validate"], "--data", "test")
        judged_line = first_line.removesuffix("x") + str(Path("test", "red", "x.jpg"))
        assert (judged_line, 2) == (answer_of(judged), judged.exit_code)
    result = modelport("predict", str(run / "model.onnx"), "x")
    assert (first_line, 2) == (answer_of(result), result.exit_code)


@pytest.mark.parametrize(
    ("number", "first_line"),
    [
        pytest.param(errno.ENOSPC, "Error: disk is full: report/report.json", id="disk-full"),
        pytest.param(errno.EROFS, "Error: folder cannot be written: report", id="read-only"),
    ],
)
def test_validate_says_that_the_report_cannot_be_written(
    run: Path, monkeypatch: pytest.MonkeyPatch, number: int, first_line: str
) -> None:
    monkeypatch.setattr(disk, "write_file", refusing(number))
    result = modelport(*commands(run)["validate"], "--report", "report")
    assert (first_line.replace("/", os.sep), 2) == (answer_of(result), result.exit_code)


def test_a_file_in_the_place_of_the_report_folder_is_named(run: Path) -> None:
    Path("report").write_text("a file")
    result = modelport(*commands(run)["validate"], "--report", "report")
    assert ("Error: report cannot be written: report", 2) == (answer_of(result), result.exit_code)

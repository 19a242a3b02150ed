"""Each stage of a door that takes files, done wrong in closed form, is named; a sound stage is accused of nothing."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.image.decode import read_image
from modelport.contract.image.resize import resize_bilinear
from modelport.runtimes.facts.description import Description, TensorInfo
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from numpy.typing import NDArray
from PIL import Image, ImageOps

SIZE = 8
WEIGHTS = np.random.default_rng(5).normal(0, 0.9, (SIZE * SIZE * 3, 3))
MEAN, SPREAD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
BGR_MEAN = np.array([103.939, 116.779, 123.68])
Array = NDArray[Any]


def model(pixels: Array) -> NDArray[np.float32]:
    """Softmax of a random linear map of images in [0, 1], less their middle: (n, 3)."""
    logits = (pixels.astype(np.float64) - 0.4).reshape(len(pixels), -1) @ WEIGHTS
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    answers: NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return answers


def exact(file: bytes) -> Array:
    """Decode as the contract says."""
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def bilinear(image: Array) -> Array:
    """Resize as the contract says."""
    return resize_bilinear(image, SIZE, SIZE)


def unit(image: Array) -> Array:
    """Scale as the contract says."""
    return image / 255


def other_jpeg(file: bytes) -> Array:
    """Decode a JPEG at a quarter of its colours' detail, and a PNG as it is."""
    image = Image.open(io.BytesIO(file))
    if image.format == "JPEG":
        image.draft("RGB", (image.width // 2, image.height // 2))
    return np.asarray(image.convert("RGB"))


def upright(file: bytes) -> Array:
    """Turn as EXIF says."""
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB"))


def corners(image: Array) -> Array:
    """Sample without half-pixel centres, as TensorFlow 1 does."""
    rows, columns = (np.arange(SIZE) * (side / SIZE) for side in image.shape[:2])
    top, left = rows.astype(int), columns.astype(int)
    down, across = (rows - top)[:, None, None], (columns - left)[None, :, None]
    below, right = np.minimum(top + 1, image.shape[0] - 1), np.minimum(left + 1, image.shape[1] - 1)
    x = image.astype(np.float64)
    upper = x[top][:, left] * (1 - across) + x[top][:, right] * across
    lower = x[below][:, left] * (1 - across) + x[below][:, right] * across
    return np.asarray(upper * (1 - down) + lower * down)


def hamming(image: Array) -> Array:
    """Resize as none of the ways that are tried: every other pixel of a larger image."""
    large = Image.fromarray(image).resize((4 * SIZE, 4 * SIZE), Image.Resampling.HAMMING)
    return np.asarray(large, dtype=np.float64)[2::4, 2::4] if image.shape[:2] != (SIZE, SIZE) else image


class TwoDoors:
    """Takes pixels as `model` does, and files in three stages."""

    def __init__(self, decode: Callable[[bytes], Array], resize: Callable[[Array], Array], scale: Any) -> None:
        self.stages = decode, resize, scale
        self.description = Description(
            runtime="stand-in 1",
            inputs=(TensorInfo(name="input", dtype="float32", shape=(None, SIZE, SIZE, 3)),),
            outputs=(TensorInfo(name="label", dtype="float32", shape=(None, 3)),),
            doors=("pixels", "encoded"),
        )

    def predict(self, pixels: Array) -> dict[str, NDArray[np.float32]]:
        """Answer pixels."""
        return {"label": model(pixels)}

    def predict_encoded(self, files: list[bytes]) -> dict[str, NDArray[np.float32]]:
        """Answer files."""
        decode, resize, scale = self.stages
        return {"label": model(np.stack([scale(resize(decode(bytes(file)))) for file in files]))}


@pytest.fixture
def photos(make_run: Any, made: Any) -> Any:
    """Return a run whose test images are JPEG files of another size than the model's, half of them turned by EXIF."""
    run, random = make_run(per_class=1), np.random.default_rng(0)
    for path in (run.dataset / "test").rglob("*.png"):
        for number in range(14):
            pixels = random.integers(0, 256, (26, 20, 3), dtype=np.uint8)
            exif = Image.Exif()
            exif[0x0112] = 6 if number % 2 else 1
            Image.fromarray(pixels).save(path.with_name(f"{number}.jpg"), quality=95, exif=exif)
        path.unlink()
    paths = sorted((run.dataset / "test").rglob("*.jpg"))
    images = [bilinear(read_image(path, run.contract.pixels)) / 255 for path in paths]
    made.write_reference_of(run, paths, predictions={"label": model(np.stack(images))})
    run.export()
    return run


def judge(photos: Any, made: Any, decode: Any = exact, resize: Any = bilinear, scale: Any = unit) -> Outcome:
    opener = made.opener_of({"model.onnx": TwoDoors(decode, resize, scale)})
    (outcome,) = judge_run(photos.root, JudgeOptions(), opener=opener).outcomes
    assert isinstance(outcome, Outcome)
    return outcome


def diagnosis(outcome: Outcome) -> str:
    found = [finding for finding in outcome.findings if finding.key == "diagnosis"]
    assert {"encoded"} >= {finding.door for finding in found}
    return "; ".join(finding.sentence for finding in found)


SWAPPED = "colour channels are swapped: it reads BGR"
SAMPLED = "images are resized without half-pixel centres"
DECODED = "files are decoded in another way"
TURNED = "images are turned by their EXIF orientation"
RESIZED, SCALED = "the resize step is at fault", "what it does to the pixels of a file is at fault"
STAGES = (SWAPPED, SAMPLED, DECODED, TURNED, RESIZED, SCALED)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param({"scale": lambda x: x[..., ::-1] / 255}, [SWAPPED], id="bgr"),
        pytest.param({"scale": lambda x: x / 255 / 255}, ["is scaled twice", "divided by 255 again"], id="twice"),
        pytest.param({"scale": lambda x: x / 127.5 - 1}, ["is scaled twice", "doubled, less 1"], id="less-one"),
        pytest.param({"scale": lambda x: x}, ["input is not scaled"], id="raw"),
        pytest.param({"scale": lambda x: 1 - x / 255}, ["input is inverted"], id="inverted"),
        pytest.param({"scale": lambda x: x / 256}, ["range", "divided by 256, not by 255"], id="by-256"),
        pytest.param({"scale": lambda x: (x / 255 - MEAN) / SPREAD}, ["input is normalised twice"], id="imagenet"),
        pytest.param(
            {"scale": lambda x: x[..., ::-1] - BGR_MEAN},
            ["input is normalised twice", "channels are swapped and"],
            id="caffe-of-levels",
        ),
        pytest.param({"scale": lambda x: x[:, ::-1] / 255}, ["images are mirrored"], id="mirrored"),
        pytest.param({"scale": lambda x: x[::-1] / 255}, ["images are upside down"], id="upside-down"),
        pytest.param({"scale": lambda x: x.transpose(1, 0, 2) / 255}, ["height and width are exchanged"], id="turned"),
        pytest.param(
            {"scale": lambda x: np.repeat(x.mean(axis=2, keepdims=True), 3, axis=2) / 255}, ["made grey"], id="grey"
        ),
        pytest.param({"scale": lambda x: (x / 255) ** 2.2}, [SCALED], id="gamma"),
        pytest.param({"resize": corners}, [SAMPLED], id="corners"),
        pytest.param({"resize": lambda x: np.floor(bilinear(x))}, ["to whole numbers", "(cut off)"], id="whole"),
        pytest.param({"resize": hamming}, [RESIZED], id="unknown-resize"),
        pytest.param({"decode": other_jpeg}, [DECODED], id="decoder"),
        pytest.param({"decode": upright}, [TURNED], id="exif"),
        pytest.param({"decode": upright, "scale": lambda x: x[..., ::-1] / 255}, [SWAPPED, TURNED], id="exif-and-bgr"),
        pytest.param({"resize": corners, "scale": lambda x: x[..., ::-1] / 255}, [SWAPPED, SAMPLED], id="two-stages"),
    ],
)
def test_the_stage_at_fault_is_named_and_no_other(photos: Any, made: Any, wrong: Any, said: list[str]) -> None:
    outcome = judge(photos, made, **wrong)
    assert Verdict.FAIL is outcome.verdict
    sentence = diagnosis(outcome)
    assert [] == [text for text in said if text not in sentence], sentence
    assert [] == [text for text in STAGES if text in sentence and text not in said]
    assert "explains it as well" not in sentence


def test_where_two_mistakes_leave_nothing_of_an_image_both_are_named(photos: Any, made: Any) -> None:
    """preprocess_input(x, mode="caffe") of [0, 1]: as good as one number for all pixels, as / 127.5 - 1 of them is."""
    sentence = diagnosis(judge(photos, made, scale=lambda x: (x / 255)[..., ::-1] - BGR_MEAN))
    assert "input is normalised twice: inside, the channels are swapped" in sentence
    assert "explains it as well" in sentence


def test_sound_stages_are_accused_of_nothing(photos: Any, made: Any) -> None:
    outcome = judge(photos, made)
    assert Verdict.PASS is outcome.verdict
    assert "" == diagnosis(outcome)


@pytest.mark.slow
def test_real_graphs_are_named(photos: Any, tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow", reason="frozen graphs are made and run with the extra [tensorflow]")

    def write(name: str, scale: Callable[[Any], Any], half: bool = True, dct: str = "") -> None:
        with tf.Graph().as_default() as graph:
            contents = tf.compat.v1.placeholder(tf.string, [], name="DecodeJpeg/contents")
            image = tf.cast(tf.raw_ops.DecodeJpeg(contents=contents, channels=3, dct_method=dct), tf.float32)
            sized = tf.raw_ops.ResizeBilinear(images=image[None], size=[SIZE, SIZE], half_pixel_centers=half)
            pixels = tf.compat.v1.placeholder_with_default(scale(sized), [None, SIZE, SIZE, 3], name="input")
            flat = tf.reshape(tf.cast(pixels, tf.float64) - 0.4, [-1, len(WEIGHTS)])
            tf.cast(tf.nn.softmax(flat @ WEIGHTS), tf.float32, name="final_result")
        path = photos.root / name
        path.write_bytes(graph.as_graph_def().SerializeToString())
        photos.record(name, format="frozen_graph", tensor_names=NAMES)

    accurate = "INTEGER_ACCURATE"
    photos.artifacts.clear()
    write("same.pb", unit, dct=accurate)
    write("dct.pb", unit)
    write("bgr.pb", lambda x: x[..., ::-1] / 255, dct=accurate)
    write("corners.pb", unit, half=False, dct=accurate)
    said = {}
    for outcome in judge_run(photos.root, JudgeOptions()).outcomes:
        said[outcome.artifact.path] = (str(outcome.verdict), diagnosis(outcome).split(" (")[0].split(":")[0])
    assert said.pop("same.pb") == ("pass", "")
    assert said == {
        "dct.pb": ("fail", DECODED),
        "bgr.pb": ("fail", "colour channels are swapped"),
        "corners.pb": ("fail", SAMPLED),
    }


NAMES = {"encoded": "DecodeJpeg/contents:0", "pixels": "input:0", "output": "final_result:0"}

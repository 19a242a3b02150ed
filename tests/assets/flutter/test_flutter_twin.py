"""The twin of the Dart against modelport's own preprocessing, Pillow, and the assembly specification."""

import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.assets.assembly.text_assembler import AssemblyOptions
from modelport.assets.assembly.text_assembler import TextAssembler as Reference
from modelport.contract.image.decode import to_pixels
from modelport.contract.image.pixels import PixelContract
from modelport.contract.image.resize import resize_bilinear as reference_resize
from modelport.tests.assets.flutter.twin_input import image_input
from modelport.tests.assets.flutter.twin_pixels import grey_of, resize_bilinear, without_exif
from modelport.tests.assets.flutter.twin_text import TextAssembler, TwinOptions
from numpy.typing import NDArray
from PIL import Image

GOLDEN_CASES = Path(__file__).parents[3] / "assets" / "assembly" / "golden_cases.json"


def noise(height: int, width: int, channels: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, channels), dtype=np.uint8)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        pytest.param((100, 100), (64, 64), id="smaller"),
        pytest.param((28, 28), (64, 64), id="larger"),
        pytest.param((37, 91), (64, 48), id="one-side-each"),
        pytest.param((64, 64), (64, 64), id="the-same"),
        pytest.param((1, 1), (5, 7), id="one-pixel"),
        pytest.param((3000, 3), (7, 2), id="long"),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_the_twin_resizes_as_the_contract_does_bit_for_bit(
    size: tuple[int, int], wanted: tuple[int, int], channels: int
) -> None:
    image = noise(*size, channels)
    resized = resize_bilinear(image.tobytes(), *size, channels, *wanted)
    expected = reference_resize(image, *wanted)
    np.testing.assert_array_equal(expected, np.array(resized, dtype=np.float32).reshape(expected.shape))


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (-0.7, 2.3)])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_twin_makes_the_contracts_pixels_bit_for_bit(value_range: tuple[float, float], channels: int) -> None:
    contract = PixelContract(height=17, width=23, channels=channels, value_range=value_range)
    rgb = noise(31, 29)
    grey = np.asarray(Image.fromarray(rgb).convert("L"))[:, :, None]
    expected = to_pixels(rgb if channels == 3 else grey, contract)
    received = image_input(rgb.tobytes(), 31, 29, contract)
    np.testing.assert_array_equal(expected.ravel(), np.frombuffer(received, np.float32))


def test_grey_is_pillows() -> None:
    rgb = noise(40, 40)
    assert Image.fromarray(rgb).convert("L").tobytes() == bytes(grey_of(rgb.tobytes()))


def jpeg(**options: Any) -> bytes:
    written = io.BytesIO()
    Image.fromarray(noise(8, 12)).save(written, "JPEG", **options)
    return written.getvalue()


def test_exif_goes_and_nothing_else_does() -> None:
    exif = Image.Exif()
    exif[274] = 6
    turned, plain = jpeg(exif=exif, icc_profile=b"profile"), jpeg(icc_profile=b"profile")
    bare = without_exif(turned)
    with Image.open(io.BytesIO(turned)) as before, Image.open(io.BytesIO(bare)) as after:
        assert (6, None) == (before.getexif().get(274), after.getexif().get(274))
        assert before.tobytes() == after.tobytes()
    assert plain == bare


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\x89PNG\r\n", jpeg(), b"\xff\xd8\xff\xe1\xff\xff" + b"x" * 20, bytes(range(256))]
)
def test_what_has_no_exif_or_is_damaged_comes_back_as_it_is(data: bytes) -> None:
    assert data == without_exif(data)


def test_fill_bytes_before_a_segment_do_not_hide_it() -> None:
    exif = Image.Exif()
    exif[274] = 6
    data = jpeg(exif=exif)
    place = data.index(b"\xff\xe1")
    assert b"Exif" not in without_exif(data[:place] + b"\xff\xff" + data[place:])


def cases() -> list[Any]:
    golden = json.loads(GOLDEN_CASES.read_text(encoding="utf-8"))
    return [pytest.param(one["options"], one["steps"], id=one["name"].replace(" ", "-")) for one in golden["cases"]]


@pytest.mark.parametrize(("options", "steps"), cases())
def test_the_twin_answers_the_golden_cases(options: dict[str, Any], steps: list[list[Any]]) -> None:
    assembler = TextAssembler(TwinOptions(**options))
    for step in steps:
        if step == ["clear"]:
            assembler.clear()
            assert assembler.text == ""
            continue
        label, score, time_ms, *expected = step
        answer = assembler.push(label, float("nan") if score is None else score, time_ms)
        assert expected == [answer.vote, answer.event, answer.text]


@pytest.mark.parametrize("time_ms", [-1, 9007199254740992])
def test_the_twin_refuses_times_out_of_range(time_ms: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        TextAssembler(TwinOptions()).push("A", 0.9, time_ms)


@pytest.mark.parametrize("seed", range(40))
def test_the_twin_and_the_reference_answer_alike(seed: int) -> None:
    draw = random.Random(seed)
    options: dict[str, Any] = {
        "window": draw.randint(1, 9),
        "hold_ms": draw.choice([0, 50, 300]),
        "max_pieces": draw.choice([3, 500]),
        "threshold": draw.choice([0, 0.5, 0.7, 1]),
        "allowed_sequences": draw.choice([(), ("AB", "ba", "A\u0130")]),
    }
    reference, assembler = Reference(AssemblyOptions(**options)), TextAssembler(TwinOptions(**options))
    time_ms, label = 0, "A"
    for _ in range(300):
        if draw.random() < 0.3:
            label = draw.choice(["A", "b", "\u0130", "Del", "DELETE", "space", "Nothing", "", "\U0001f44d"])
        time_ms += draw.choice([0, 20, 40, -30])
        frame = (label, draw.choice([0.2, 0.6, 0.7, 0.95, 1.0, float("nan")]), max(time_ms, 0))
        expected, answer = reference.push(*frame), assembler.push(*frame)
        assert (expected.text, expected.vote, expected.event) == tuple(answer)

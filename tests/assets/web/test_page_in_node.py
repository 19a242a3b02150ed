"""What the page computes, in Node.js, against Python: framing and pixels to the bit, text by the golden cases."""

import base64
import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.assets.assembly import text_assembler
from modelport.assets.web.site_files import PAGE
from modelport.contract.image.decode import to_pixels
from modelport.contract.image.drawing import Drawing
from modelport.contract.image.pixels import PixelContract
from modelport.tests.assets.web.frame_drawing import frame_drawing
from numpy.typing import NDArray
from PIL import Image, ImageDraw

GOLDEN = json.loads((Path(text_assembler.__file__).parent / "golden_cases.json").read_text(encoding="utf-8"))

RUN = """
import { readFileSync } from 'node:fs';
import { frameDrawing } from './drawing.js';
import { toPixels } from './pixels.js';
import { topOf } from './answer_view.js';
import { TextAssembler } from './text_assembler.js';
import { wrongCases } from './golden.js';

const bytes = (text) => Uint8Array.from(Buffer.from(text, 'base64'));
const text = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
const asked = JSON.parse(readFileSync(0));
const answers = {
  frame: ({ ink, drawing }) => text(frameDrawing({ ...ink, data: bytes(ink.data) }, drawing).rgb),
  pixels: ({ image, input }) => {
    const { shape, values } = toPixels({ ...image, rgb: bytes(image.rgb) }, input);
    return { shape, values: text(values) };
  },
  golden: ({ golden }) => wrongCases(TextAssembler, golden),
  top: ({ scores, count }) => topOf(Float32Array.from(scores), count),
};
console.log(JSON.stringify(asked.map(([name, given]) => answers[name](given))));
"""


class Node:
    """The page's modules, in a folder that Node.js takes for modules."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("node")
        if program is None:
            pytest.skip("Node.js is not installed")
        self.command = [program, str(folder / "run.mjs")]
        shutil.copytree(PAGE, folder, dirs_exist_ok=True)
        (folder / "package.json").write_text('{"type": "module"}')
        (folder / "run.mjs").write_text(RUN)
        shutil.copyfile(Path(__file__).with_name("golden.js"), folder / "golden.js")

    def ask(self, *questions: tuple[str, dict[str, Any]]) -> list[Any]:
        done = subprocess.run(self.command, input=json.dumps(questions), capture_output=True, text=True, timeout=120)
        assert 0 == done.returncode, done.stderr
        answers: list[Any] = json.loads(done.stdout)
        return answers


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    return Node(tmp_path_factory.mktemp("node"))


def packed(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def scribble(seed: int) -> NDArray[np.uint8]:
    """Draw some lines with soft edges on a canvas of 20 to 400 pixels; every tenth has one dot."""
    random = np.random.default_rng(seed)
    height, width = random.integers(20, 401, 2).tolist()
    image = Image.new("L", (4 * width, 4 * height))
    for _ in range(1 if seed % 10 == 0 else int(random.integers(1, 5))):
        points = (random.random((2 if seed % 10 else 1, 2)) * (4 * width, 4 * height)).ravel().tolist() * 2
        ImageDraw.Draw(image).line(points, fill=255, width=int(random.integers(4, 60)))
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


def test_fifty_canvases_are_framed_to_the_same_bytes(node: Node) -> None:
    questions, expected = [], []
    for seed in range(50):
        ink, random = scribble(seed), np.random.default_rng(1000 + seed)
        grid, block = int(random.choice([8, 16, 28, 64])), int(random.integers(1, 4))
        made = Drawing(
            ink=str(random.choice(["light_on_dark", "dark_on_light"])),
            margin=float(random.choice([0, 1 / 28, 0.1, 0.123456789, 0.45])),
            stroke=0.1,
            grid=grid,
            side=grid * block,
        )
        expected.append(frame_drawing(ink, made))
        given = {"height": ink.shape[0], "width": ink.shape[1], "data": packed(ink)}
        questions.append(("frame", {"ink": given, "drawing": asdict(made)}))
    assert len({image.tobytes() for image in expected}) > 45, "the canvases are too much alike"
    for image, answer in zip(expected, node.ask(*questions), strict=True):
        assert packed(image) == answer


@pytest.mark.parametrize(
    "contract",
    [
        pytest.param(PixelContract(height=64, width=64), id="unit"),
        pytest.param(PixelContract(height=96, width=33, value_range=(-1, 1)), id="symmetric"),
        pytest.param(PixelContract(height=17, width=50, value_range=(0, 255), channels=1), id="grey"),
        pytest.param(PixelContract(dtype="uint8", value_range=(0, 255), preprocessing="in_graph"), id="in-graph"),
    ],
)
def test_pixels_are_the_contracts_to_the_bit(node: Node, contract: PixelContract) -> None:
    questions, expected = [], []
    for number, (height, width) in enumerate([(64, 64), (1, 1), (480, 640), (100, 100), (31, 200), (333, 7)]):
        image = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
        own = image if contract.channels == 3 else np.asarray(Image.fromarray(image).convert("L"))[:, :, None]
        expected.append(to_pixels(own, contract))
        given = {"height": height, "width": width, "rgb": packed(image)}
        questions.append(("pixels", {"image": given, "input": contract.to_json()}))
    for values, answer in zip(expected, node.ask(*questions), strict=True):
        assert list(values.shape) == answer["shape"]
        assert packed(values.astype("<i4" if values.dtype == np.uint8 else "<f4")) == answer["values"]


def test_all_golden_cases_of_assembled_text_come_out(node: Node) -> None:
    assert len(GOLDEN["cases"]) > 40
    assert [[]] == node.ask(("golden", {"golden": GOLDEN}))


def test_a_wrong_golden_case_would_be_seen(node: Node) -> None:
    wrong = {"cases": [{"name": "wrong", "options": {}, "steps": [["A", 0.9, 0, "A", "letter:A", "A"]]}]}
    refused = {"options": [{"window": 3}], "times_ms": [5]}
    answer = node.ask(("golden", {"golden": wrong | {"refused": refused}}))
    assert [[["wrong", 0, None, None, ""], {"window": 3}, 5]] == answer


def test_the_likeliest_come_first_and_of_equals_the_first(node: Node) -> None:
    assert [[3, 0, 2], [0, 1]] == node.ask(
        ("top", {"scores": [0.2, 0.1, 0.2, 0.5], "count": 3}), ("top", {"scores": [0.5, 0.5], "count": 2})
    )

"""Both kinds of page in headless Chromium against the Keras model, on 50 inputs each.

Run: python benchmarks/web_pages.py DOODLE_RUN PHOTO_RUN [--inputs 50] [--pictures FOLDER]

Both are run folders with a judged TensorFlow.js model; the first one's contract has a drawing part and its labels are
digits. Digits are drawn with the mouse, each from a few lines that are turned, stretched and shifted at random; Keras
answers what tests/assets/web/frame_drawing.py makes of the page's own canvas; and, for what framing is worth, the same
in the other polarity, and the canvas as it stands. Photos are images of the test split, opened as files; reference.npz
holds what Keras answered to them.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from modelport.assets.web.deliver_web import deliver_web
from modelport.assets.web.options import WebOptions
from modelport.contract.image.decode import to_pixels
from modelport.contract.run.reference import read_reference
from modelport.contract.run.run_folder import RunFolder
from modelport.tests.assets.web.frame_drawing import frame_drawing
from modelport.tests.chromium import Chromium, Page, find_browser, serve
from numpy.typing import NDArray

READY = "import('./main.js').then(({ stage }) => stage.ready)"
STAGE = "(await import('./main.js')).stage"

#: Digits as one writes them: lines through places in the unit square, y downwards.
DIGITS: dict[str, list[list[tuple[float, float]]]] = {
    "0": [[(0.5, 0), (0.15, 0.2), (0.1, 0.6), (0.4, 1), (0.75, 0.85), (0.85, 0.4), (0.7, 0.1), (0.5, 0)]],
    "1": [[(0.3, 0.2), (0.55, 0), (0.5, 1)]],
    "2": [[(0.15, 0.2), (0.45, 0), (0.8, 0.2), (0.7, 0.5), (0.15, 1), (0.85, 1)]],
    "3": [[(0.2, 0.05), (0.7, 0.05), (0.45, 0.4), (0.8, 0.65), (0.6, 0.95), (0.2, 0.95)]],
    "4": [[(0.55, 0), (0.15, 0.6), (0.85, 0.6)], [(0.6, 0.4), (0.55, 1)]],
    "5": [[(0.8, 0), (0.3, 0), (0.25, 0.45), (0.65, 0.45), (0.8, 0.7), (0.6, 1), (0.2, 0.95)]],
    "6": [[(0.65, 0), (0.3, 0.35), (0.2, 0.75), (0.45, 1), (0.75, 0.8), (0.6, 0.55), (0.25, 0.7)]],
    "7": [[(0.15, 0.05), (0.8, 0.05), (0.4, 1)]],
    "8": [
        [(0.5, 0.5), (0.25, 0.25), (0.5, 0), (0.75, 0.25), (0.5, 0.5), (0.2, 0.75), (0.5, 1), (0.8, 0.75), (0.5, 0.5)]
    ],
    "9": [[(0.75, 0.25), (0.5, 0), (0.25, 0.25), (0.5, 0.5), (0.75, 0.25), (0.7, 0.6), (0.55, 1)]],
}


def main() -> None:
    """Print one row for each page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("doodle_run", type=Path)
    parser.add_argument("photo_run", type=Path)
    parser.add_argument("--inputs", type=int, default=50, help="For each page.")
    parser.add_argument("--pictures", type=Path, help="Save pictures of both pages here, wide and narrow.")
    given = parser.parse_args()
    rows = []
    for name, run, ask in (("doodle", given.doodle_run, draw_digits), ("photo", given.photo_run, open_photos)):
        with delivered(run) as page:
            found, expected, truths, milliseconds = ask(page, RunFolder(run), given.inputs)
            if given.pictures:
                take_pictures(page, given.pictures, name)
            assert [] == page.console, page.console
        same = int((found.argmax(axis=1) == expected.argmax(axis=1)).sum())
        right = int((found.argmax(axis=1) == truths).sum())
        difference = float(np.abs(found - expected).max())
        rows.append(f"| {name} | {len(found)} | {same} | {difference:.1e} | {right} | {milliseconds:.1f} |")
    print("| page | inputs | same top-1 as Keras | largest difference | right | median ms an image |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    print("\n".join(rows))


Answers = tuple[NDArray[Any], NDArray[Any], NDArray[Any], float]


@contextmanager
def delivered(run: Path) -> Iterator[Page]:
    """Deliver a page of a run and open it."""
    browser = find_browser()
    assert browser, "no Chromium is installed"
    with TemporaryDirectory() as folder:
        made = deliver_web(run, Path(folder) / "site", WebOptions())
        print(f"{made.kind} page of {run}: {made.artifact}, {made.judged}", flush=True)
        chromium = Chromium(browser, Path(folder))
        try:
            with serve(Path(folder) / "site") as site, chromium.page(f"{site.url}/index.html") as page:
                page.evaluate(READY)
                yield page
        finally:
            chromium.close()


def draw_digits(page: Page, run: RunFolder, count: int) -> Answers:
    """Draw digits with the mouse; return the page's answers, Keras', the digits' labels and the median time."""
    import keras

    contract = run.read_contract()
    assert contract.drawing is not None, "the contract has no drawing part"
    labels = contract.first_classification.labels
    found, images, plain, truths, times = [], [], [], [], []
    for number in range(count):
        digit = list(DIGITS)[number % 10]
        truths.append(labels.index(digit))
        x, y = page.middle("#pad")
        for line in DIGITS[digit]:
            draw_line(page, placed(line, np.random.default_rng(number)), x, y)
        page.evaluate("import('./stage.js').then(({ inTurn }) => inTurn(() => {}))")
        said = page.evaluate(
            f"(async () => {{ const stage = {STAGE}; const ink = stage.pad.ink();"
            " const { width, height } = stage.pad.canvas;"
            " const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });"
            " copy.drawImage(stage.pad.canvas, 0, 0);"
            " const { data } = copy.getImageData(0, 0, width, height);"
            " const covered = [...data.filter((_, at) => at % 4 === 3)];"
            " return [[...stage.scores], [...ink.data], ink.width, stage.milliseconds, covered, width]; })()"
        )
        found.append(said[0])
        ink = np.array(said[1], np.uint8).reshape(-1, said[2])
        images.append(frame_drawing(ink, contract.drawing))
        canvas = np.array(said[4], np.uint8).reshape(-1, said[5], 1).repeat(3, axis=2)
        plain.append(canvas if contract.drawing.ink == "light_on_dark" else 255 - canvas)
        times.append(said[3])
        if number + 1 < count:
            page.click("#clear")
    model = keras.models.load_model(run.model, compile=False)

    def answers(given: list[NDArray[np.uint8]]) -> NDArray[Any]:
        return np.asarray(model(np.stack([to_pixels(image, contract.pixels) for image in given]), training=False))

    ways = {"framed": images, "framed, other polarity": [255 - image for image in images], "as it stands": plain}
    for name, given in ways.items():
        print(f"{name}: {int((answers(given).argmax(axis=1) == truths).sum())} of {count} drawings right")
    return np.array(found), answers(images), np.array(truths), float(np.median(times))


def placed(line: list[tuple[float, float]], random: np.random.Generator) -> NDArray[np.float64]:
    """Turn, stretch and shift a line; places in the pad, about its middle, in [-1/2, 1/2]."""
    angle, size, slimness = random.normal(0, 0.08), random.uniform(0.35, 0.8), random.uniform(0.6, 0.9)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shift = random.uniform(-(1 - size) / 3, (1 - size) / 3, 2)
    places: NDArray[np.float64] = (np.array(line) - 0.5) * (slimness * size, size) @ turn.T + shift
    return places


def draw_line(page: Page, places: NDArray[np.float64], x: float, y: float) -> None:
    """Move the mouse along a line, in steps of a few pixels."""
    side = page.evaluate("document.getElementById('pad').getBoundingClientRect().width")
    corners = places * side + (x, y)
    page.mouse("mousePressed", corners[0][0], corners[0][1])
    for start, end in pairwise(corners):
        for part in np.linspace(0, 1, 6)[1:]:
            place = start + part * (end - start)
            page.mouse("mouseMoved", place[0], place[1])
    page.mouse("mouseReleased", corners[-1][0], corners[-1][1], 0)


def open_photos(page: Page, run: RunFolder, count: int) -> Answers:
    """Open images of the test split, spread over it; return the page's answers, Keras', the truths, the median time."""
    contract, reference = run.read_contract(), read_reference(run.reference)
    head = contract.first_classification.name
    rows = np.unique(np.linspace(0, len(reference.paths) - 1, count).astype(int))
    found, times = [], []
    for number, row in enumerate(rows):
        page.give_files("#file", [Path(str(contract.provenance.dataset)) / reference.paths[row]])
        page.until(f"(async () => ({STAGE}).opened > {number})()")
        said = page.evaluate(
            f"(async () => {{ const {{ scores, milliseconds }} = {STAGE}; return [[...scores], milliseconds]; }})()"
        )
        found.append(said[0])
        times.append(said[1])
    truths = reference.truths[head][rows]
    return np.array(found), reference.predictions[head][rows], truths, float(np.median(times))


def take_pictures(page: Page, folder: Path, name: str) -> None:
    """Save a wide and a narrow picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for size, width in (("wide", 1200), ("narrow", 360)):
        page.resize(width, 800)
        page.evaluate("new Promise((done) => setTimeout(done, 300))")
        page.screenshot(folder / f"{name}-{size}.png")


if __name__ == "__main__":
    main()

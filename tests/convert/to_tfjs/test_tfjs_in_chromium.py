"""A web page in headless Chromium loads a TF.js model over HTTP, as products do, and answers 100 images."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.image.pixels import InputForm
from modelport.tests.chromium import Chromium, serve
from numpy.typing import NDArray
from PIL import Image

tf = pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")

from modelport.contract.run.run_folder import RunFolder  # noqa: E402
from modelport.convert.options.export_options import TfjsOptions  # noqa: E402
from modelport.convert.source.source import open_source  # noqa: E402
from modelport.convert.to_tfjs.writer import write_tfjs  # noqa: E402

pytestmark = pytest.mark.slow

#: A tenth of what a float32 artifact may differ; 1.1e-5 was measured on noise, 3.7e-6 on handwritten digits.
TOLERANCE = 1e-4
SCRIPTS = {
    "tfjs-core": "tf-core.min.js",
    "tfjs-converter": "tf-converter.min.js",
    "tfjs-backend-cpu": "tf-backend-cpu.min.js",
    "tfjs-backend-wasm": "tf-backend-wasm.min.js",
}

PAGE = """<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
%(scripts)s
<script>
const asked = %(asked)s;

async function batches() {
  if (asked.photos.length) {
    return Promise.all(asked.photos.map(async (name) => {
      const bitmap = await createImageBitmap(await (await fetch(name)).blob());
      return tf.expandDims(tf.browser.fromPixels(bitmap), 0);
    }));
  }
  const values = new Float32Array(await (await fetch('pixels.bin')).arrayBuffer());
  return tf.split(tf.tensor(values, asked.shape), asked.shape[0] / 10);
}

async function answer() {
  tf.wasm.setWasmPaths('wasm/');
  if (!(await tf.setBackend(asked.backend))) throw new Error(`no backend ${asked.backend}`);
  const model = await tf.loadGraphModel('tfjs/model.json');
  const answers = tf.concat((await batches()).map((batch) => model.predict(batch)));
  const labels = model.metadata.modelport_contract.heads[0].labels;
  return { backend: tf.getBackend(), labels, shape: answers.shape, values: Array.from(await answers.data()) };
}

</script>
"""


def browse(chromium: Chromium, folder: Path) -> dict[str, Any]:
    """Open FOLDER/index.html; return what it answers. Nothing may be printed on its console, nor be missing."""
    with serve(folder) as site, chromium.page(f"{site.url}/index.html") as page:
        found: dict[str, Any] = page.evaluate("answer()")
        assert [] == page.console
    assert [] == site.failed
    return found


def lay_out(folder: Path, model: Path, node_modules: Path, backend: str, shape: tuple[int, ...], *photos: str) -> None:
    """Write the page, the scripts of TensorFlow.js and the model into a folder."""
    packages = node_modules / "@tensorflow"
    for name, script in SCRIPTS.items():
        shutil.copyfile(packages / name / "dist" / script, folder / script)
    (folder / "wasm").mkdir()
    for file in (packages / "tfjs-backend-wasm" / "dist").glob("*.wasm"):
        shutil.copyfile(file, folder / "wasm" / file.name)
    shutil.copytree(model, folder / "tfjs")
    scripts = "\n".join(f'<script src="{script}"></script>' for script in SCRIPTS.values())
    asked = json.dumps({"backend": backend, "shape": shape, "photos": photos})
    (folder / "index.html").write_text(PAGE % {"scripts": scripts, "asked": asked}, encoding="utf-8")


def answer_pixels(
    chromium: Chromium, site: Path, model: Path, node_modules: Path, backend: str, pixels: NDArray[np.float32]
) -> dict[str, Any]:
    """Let the page answer pixels (n, height, width, 3), n a multiple of 10."""
    site.mkdir(parents=True)
    lay_out(site, model, node_modules, backend, pixels.shape)
    (site / "pixels.bin").write_bytes(pixels.astype("<f4").tobytes())
    return browse(chromium, site)


def write(run: Path, target: Path, form: InputForm, **options: Any) -> Path:
    with open_source(RunFolder(run)) as source:
        write_tfjs(source.taking(form), target, TfjsOptions(**options))
    return target


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_a_page_answers_100_images_as_keras_does(
    trained_run: Path, keras_model: Any, node_modules: Path, chromium: Chromium, tmp_path: Path, backend: str
) -> None:
    model = write(trained_run, tmp_path / "model", InputForm())
    pixels = np.random.default_rng(0).random((100, 48, 48, 3), dtype=np.float32)
    found = answer_pixels(chromium, tmp_path / "site", model, node_modules, backend, pixels)
    answers = np.array(found["values"], dtype=np.float32).reshape(found["shape"])
    difference = np.abs(answers - np.asarray(keras_model(pixels, training=False))).max()
    print(f"Chromium, {backend}: largest difference {difference:.1e} on {len(pixels)} images")
    assert backend == found["backend"]
    assert ["blue", "green", "red"] == found["labels"]
    assert (100, 3) == answers.shape
    assert difference <= TOLERANCE


def test_a_page_hands_over_photos_of_any_size_as_it_reads_them(
    trained_run: Path, keras_model: Any, node_modules: Path, chromium: Chromium, tmp_path: Path
) -> None:
    """tf.browser.fromPixels, and nothing else: the model resizes and scales. The oracle is tf.image.resize."""
    random, resized, names = np.random.default_rng(0), [], []
    site = tmp_path / "site"
    site.mkdir()
    for number, size in enumerate(((20, 30), (48, 48), (97, 61), (64, 200), (300, 40))):
        photo = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        names.append(f"{number}.png")
        Image.fromarray(photo).save(site / names[-1])
        resized.append(tf.image.resize(photo, (48, 48), method="bilinear", antialias=False))
    model = write(trained_run, tmp_path / "model", InputForm(preprocessing="in_graph"))
    lay_out(site, model, node_modules, "wasm", (), *names)
    found = browse(chromium, site)
    answers = np.array(found["values"], dtype=np.float32).reshape(found["shape"])
    expected = np.asarray(keras_model(np.stack(resized) / 255, training=False))
    np.testing.assert_allclose(expected, answers, rtol=0, atol=TOLERANCE)

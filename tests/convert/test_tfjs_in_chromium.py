"""A web page in headless Chromium loads a TF.js model over HTTP, as products do, and answers 100 images."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.pixels import InputForm
from numpy.typing import NDArray
from PIL import Image

tf = pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")

from modelport.contract.run_folder import RunFolder  # noqa: E402
from modelport.convert.export_options import TfjsOptions  # noqa: E402
from modelport.convert.source import open_source  # noqa: E402
from modelport.convert.tfjs_writer import write_tfjs  # noqa: E402

pytestmark = pytest.mark.slow

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
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

answer()
  .catch((error) => ({ error: `${error.stack}` }))
  .then((value) => fetch('answer', { method: 'POST', body: JSON.stringify(value) }));
</script>
"""


@dataclass
class Site:
    """A folder, served, and what its page sent back."""

    url: str
    answer: dict[str, Any] = field(default_factory=dict)
    there: threading.Event = field(default_factory=threading.Event)
    failed: list[str] = field(default_factory=list)


@contextmanager
def serve(folder: Path) -> Iterator[Site]:
    """Serve a folder on a free port of this machine alone; the page posts its answer."""
    site = Site("")

    class Handler(SimpleHTTPRequestHandler):
        def do_POST(self) -> None:
            site.answer = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()
            site.there.set()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

        def send_error(self, code: int, *arguments: Any, **named: Any) -> None:
            site.failed.append(f"{code} {self.path}")
            super().send_error(code, *arguments, **named)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    site.url = f"http://127.0.0.1:{server.server_port}/index.html"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def browse(folder: Path, log: Path, seconds: float = 240) -> dict[str, Any]:
    """Open FOLDER/index.html in headless Chromium; return what it answers. Nothing may be printed on its console."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    flags = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--enable-logging=stderr", f"--user-data-dir={log.parent / 'profile'}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to sandbox the administrator's
    with serve(folder) as site, open(log, "wb") as stream:
        process = subprocess.Popen([browser, *flags, site.url], stdout=stream, stderr=stream)
        try:
            came = site.there.wait(seconds)
        finally:
            process.kill()
            process.wait()
    printed = log.read_text(errors="replace")
    assert came, f"no answer within {seconds:g} s: {printed[-2000:]}"
    assert "error" not in site.answer, site.answer
    assert [] == site.failed
    assert [] == [line for line in printed.splitlines() if "CONSOLE" in line]
    return site.answer


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
    folder: Path, model: Path, node_modules: Path, backend: str, pixels: NDArray[np.float32]
) -> dict[str, Any]:
    """Let the page answer pixels (n, height, width, 3), n a multiple of 10."""
    site = folder / backend
    site.mkdir(parents=True)
    lay_out(site, model, node_modules, backend, pixels.shape)
    (site / "pixels.bin").write_bytes(pixels.astype("<f4").tobytes())
    return browse(site, folder / f"{backend}.log")


def write(run: Path, target: Path, form: InputForm, **options: Any) -> Path:
    with open_source(RunFolder(run)) as source:
        write_tfjs(source.taking(form), target, TfjsOptions(**options))
    return target


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_a_page_answers_100_images_as_keras_does(
    trained_run: Path, keras_model: Any, node_modules: Path, tmp_path: Path, backend: str
) -> None:
    model = write(trained_run, tmp_path / "model", InputForm())
    pixels = np.random.default_rng(0).random((100, 48, 48, 3), dtype=np.float32)
    found = answer_pixels(tmp_path / "site", model, node_modules, backend, pixels)
    answers = np.array(found["values"], dtype=np.float32).reshape(found["shape"])
    difference = np.abs(answers - np.asarray(keras_model(pixels, training=False))).max()
    print(f"Chromium, {backend}: largest difference {difference:.1e} on {len(pixels)} images")
    assert backend == found["backend"]
    assert ["blue", "green", "red"] == found["labels"]
    assert (100, 3) == answers.shape
    assert difference <= TOLERANCE


def test_a_page_hands_over_photos_of_any_size_as_it_reads_them(
    trained_run: Path, keras_model: Any, node_modules: Path, tmp_path: Path
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
    found = browse(site, tmp_path / "log")
    answers = np.array(found["values"], dtype=np.float32).reshape(found["shape"])
    expected = np.asarray(keras_model(np.stack(resized) / 255, training=False))
    np.testing.assert_allclose(expected, answers, rtol=0, atol=TOLERANCE)

"""report.html in headless Chromium: no console error, no request, no horizontal overflow; pictures to be looked at.

The pictures go to MODELPORT_SCREENSHOTS where that is set.
"""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from modelport.validate.baseline import BaselineLimits
from modelport.validate.baseline_compare import against_baseline
from modelport.validate.baseline_file import read_baseline
from modelport.validate.report import Report
from modelport.validate.report_files import write_report
from PIL import Image

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")

#: Measures report.html in frames of several widths, and sends what it found.
MEASURE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script>
async function measure(width) {
  const frame = document.createElement('iframe');
  frame.style.cssText = `width:${width}px;height:800px;border:0`;
  frame.src = 'report.html';
  document.body.append(frame);
  await new Promise((done) => { frame.onload = done; });
  const page = frame.contentDocument, root = page.documentElement;
  const wide = [...page.body.querySelectorAll('*')]
    .filter((one) => !one.closest('svg') && !one.closest('thead') && one.getBoundingClientRect().right > width + 0.5)
    .map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`);
  const images = [...page.images].filter((image) => !image.complete || !image.naturalWidth).length;
  const size = (one) => parseFloat(frame.contentWindow.getComputedStyle(one).fontSize);
  const small = [...page.body.querySelectorAll('*')].filter((one) => one.checkVisibility() && size(one) < 11).length;
  return { width, scroll: root.scrollWidth, height: root.scrollHeight, wide, images, small };
}
Promise.all([320, 360, 768, 1200].map(measure))
  .catch((error) => ({ error: `${error.stack}` }))
  .then((value) => fetch('answer', { method: 'POST', body: JSON.stringify(value) }));
</script>"""


class Site:
    """A folder, served on this machine alone; it remembers what was asked for and what was sent."""

    def __init__(self) -> None:
        self.url, self.answer = "", None  # type: str, Any
        self.asked: list[str] = []
        self.there = threading.Event()


@contextmanager
def serve(folder: Path) -> Iterator[Site]:
    site = Site()

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            super().do_GET()

        def do_POST(self) -> None:
            site.answer = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()
            site.there.set()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def command(folder: Path, *flags: str) -> list[str]:
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    always = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--hide-scrollbars"]
    always += ["--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        always.append("--no-sandbox")  # Chromium refuses to sandbox the administrator's
    return [browser, *always, *flags]


def measure(folder: Path, work: Path) -> list[dict[str, Any]]:
    """Return width, height and what sticks out, for each width; nothing may be printed or asked for beside the page."""
    (folder / "measure.html").write_text(MEASURE, encoding="utf-8")
    with serve(folder) as site, open(work / "measure.log", "wb") as stream:
        arguments = command(work, f"{site.url}/measure.html")
        process = subprocess.Popen(arguments, stdout=stream, stderr=stream)
        try:
            came = site.there.wait(120)
        finally:
            process.kill()
            process.wait()
    assert came, (work / "measure.log").read_text(errors="replace")[-2000:]
    assert {"/measure.html", "/report.html"} == set(site.asked)
    no_console(work / "measure.log")
    assert isinstance(site.answer, list), site.answer
    return site.answer


def no_console(log: Path) -> None:
    assert [] == [line for line in log.read_text(errors="replace").splitlines() if "CONSOLE" in line]


def photograph(page: Path, width: int, height: int, target: Path, *flags: str) -> Image.Image:
    """Save a picture of the whole page."""
    with open(target.with_suffix(".log"), "wb") as stream:
        size = f"--window-size={width},{min(height, 12_000)}"
        arguments = command(target.parent, size, f"--screenshot={target}", *flags, page.as_uri())
        subprocess.run(arguments, stdout=stream, stderr=stream, timeout=120, check=True)
    no_console(target.with_suffix(".log"))
    return Image.open(target)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("MODELPORT_SCREENSHOTS") or tmp_path / "pictures").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("kind", ["eventful", "hostile"])
def test_the_page_fits_a_telephone_and_prints_nothing_on_the_console(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    report: Report = request.getfixturevalue(f"{kind}_report")
    (tmp_path / "work").mkdir()
    write_report(report, tmp_path / "site")
    found = measure(tmp_path / "site", tmp_path / "work")
    assert [(one["width"], one["width"], []) for one in found] == [
        (one["width"], one["scroll"], one["wide"]) for one in found
    ]
    assert [(0, 0)] * 4 == [(one["images"], one["small"]) for one in found]


def test_pictures_wide_narrow_dark_and_on_paper(eventful_report: Report, tmp_path: Path, pictures: Path) -> None:
    """A blank page would be one colour; a page whose plots are missing would have none of the bars' colour."""
    (tmp_path / "work").mkdir()
    write_report(eventful_report, tmp_path / "accepted")
    shrunk = json.loads((tmp_path / "accepted" / "report.json").read_text(encoding="utf-8"))
    shrunk["artifacts"][2]["size_bytes"] -= 40
    (tmp_path / "accepted" / "report.json").write_text(json.dumps(shrunk), encoding="utf-8")
    baseline = read_baseline(tmp_path / "accepted" / "report.json")
    write_report(against_baseline(eventful_report, baseline, BaselineLimits()), tmp_path / "site")
    page = tmp_path / "site" / "report.html"
    heights = {one["width"]: one["height"] for one in measure(tmp_path / "site", tmp_path / "work")}
    for name, width, flags in (
        ("wide", 1200, []),
        ("narrow", 360, []),
        ("dark", 1200, ["--blink-settings=preferredColorScheme=0"]),
    ):
        picture = photograph(page, width, heights[width], pictures / f"{name}.png", *flags).convert("RGB")
        assert picture.width == width
        colours = picture.getcolors(1 << 24)
        assert colours is not None
        bar = (134, 169, 209) if name == "dark" else (79, 109, 143)
        assert len(colours) > 100
        assert bar in {colour for _, colour in colours}, name
    printed = pictures / "paper.pdf"
    with open(pictures / "paper.log", "wb") as stream:
        arguments = command(pictures, f"--print-to-pdf={printed}", "--no-pdf-header-footer", page.as_uri())
        subprocess.run(arguments, stdout=stream, stderr=stream, timeout=120, check=True)
    assert printed.read_bytes().startswith(b"%PDF")

"""report.html in headless Chromium: no console error, no request, no horizontal overflow; pictures to be looked at.

The pictures go to MODELPORT_SCREENSHOTS where that is set.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from modelport.tests.chromium import Chromium, serve
from modelport.validate.baseline.compare import against_baseline
from modelport.validate.baseline.file import read_baseline
from modelport.validate.report.baseline import BaselineLimits
from modelport.validate.report.report import Report
from modelport.validate.write_report import write_report
from PIL import Image

#: Measures report.html in frames of several widths, and says what it found.
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
const measured = () => Promise.all([320, 360, 768, 1200].map(measure));
</script>"""


def measure(chromium: Chromium, folder: Path) -> list[dict[str, Any]]:
    """Return width, height and what sticks out, for each width; nothing may be printed or asked for beside the page."""
    (folder / "measure.html").write_text(MEASURE, encoding="utf-8")
    with serve(folder) as site, chromium.page(f"{site.url}/measure.html") as page:
        found: list[dict[str, Any]] = page.evaluate("measured()")
        assert [] == page.console
    assert {"/measure.html", "/report.html"} == set(site.asked)
    return found


def photograph(chromium: Chromium, file: Path, width: int, target: Path, scheme: str = "light") -> Image.Image:
    """Save a picture of the whole page."""
    with chromium.page(file.as_uri(), width=width) as page:
        page.prefer(prefers_color_scheme=scheme)
        page.screenshot(target)
        assert [] == page.console
    return Image.open(target)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("MODELPORT_SCREENSHOTS") or tmp_path / "pictures").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("kind", ["eventful", "hostile"])
def test_the_page_fits_a_telephone_and_prints_nothing_on_the_console(
    kind: str, request: pytest.FixtureRequest, chromium: Chromium, tmp_path: Path
) -> None:
    report: Report = request.getfixturevalue(f"{kind}_report")
    write_report(report, tmp_path / "site")
    found = measure(chromium, tmp_path / "site")
    assert [(one["width"], one["width"], []) for one in found] == [
        (one["width"], one["scroll"], one["wide"]) for one in found
    ]
    assert [(0, 0)] * 4 == [(one["images"], one["small"]) for one in found]


def test_pictures_wide_narrow_dark_and_on_paper(
    eventful_report: Report, chromium: Chromium, tmp_path: Path, pictures: Path
) -> None:
    """A blank page would be one colour; a page whose plots are missing would have none of the bars' colour."""
    write_report(eventful_report, tmp_path / "accepted")
    shrunk = json.loads((tmp_path / "accepted" / "report.json").read_text(encoding="utf-8"))
    shrunk["artifacts"][2]["size_bytes"] -= 40
    (tmp_path / "accepted" / "report.json").write_text(json.dumps(shrunk), encoding="utf-8")
    baseline = read_baseline(tmp_path / "accepted" / "report.json")
    write_report(against_baseline(eventful_report, baseline, BaselineLimits()), tmp_path / "site")
    page = tmp_path / "site" / "report.html"
    for name, width in (("wide", 1200), ("narrow", 360), ("dark", 1200)):
        scheme = "dark" if name == "dark" else "light"
        picture = photograph(chromium, page, width, pictures / f"{name}.png", scheme).convert("RGB")
        assert picture.width == width
        colours = picture.getcolors(1 << 24)
        assert colours is not None
        bar = (134, 169, 209) if name == "dark" else (79, 109, 143)
        assert len(colours) > 100
        assert bar in {colour for _, colour in colours}, name
    with chromium.page(page.as_uri()) as opened:
        printed = base64.b64decode(opened.ask("Page.printToPDF")["data"])
    (pictures / "paper.pdf").write_bytes(printed)
    assert printed.startswith(b"%PDF")

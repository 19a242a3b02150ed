"""What the images cannot show is said."""

from pathlib import Path

import pytest
from modelport.contract.image.pixels import PixelContract
from modelport.contract.run.artifacts import Artifact
from modelport.validate.answers.image_stream import ImageStream
from modelport.validate.findings.outcome import Outcome
from modelport.validate.notes import image_notes
from PIL import Image

GREY, SIZE = "grey", "size"


@pytest.mark.parametrize(
    ("colours", "size", "channels", "form", "expected"),
    [
        pytest.param([(9, 9, 9), (200, 200, 200)], (5, 4), 3, "none", {GREY}, id="grey"),
        pytest.param([(9, 9, 9), (9, 9, 10)], (5, 4), 3, "none", set(), id="one has a colour"),
        pytest.param([(9, 9, 9)], (5, 4), 1, "none", set(), id="the model takes grey"),
        pytest.param([(1, 2, 3)], (7, 5), 3, "in_graph", {SIZE}, id="width 7 and height 5, as the model takes"),
        pytest.param([(1, 2, 3)], (7, 5), 3, "none", set(), id="whoever calls the artifact resizes"),
        pytest.param([(9, 9, 9)], (7, 5), 3, "in_graph", {GREY, SIZE}, id="both"),
    ],
)
def test_what_images_cannot_show_is_said(
    tmp_path: Path,
    colours: list[tuple[int, int, int]],
    size: tuple[int, int],
    channels: int,
    form: str,
    expected: set[str],
) -> None:
    paths = []
    for number, colour in enumerate(colours):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", size, colour).save(paths[-1])
    pixels = PixelContract(height=5, width=7, channels=channels)
    artifact = Artifact(
        path="m.onnx", format="onnx", recipe="float32", sha256="", size_bytes=1, parent_sha256="", preprocessing=form
    )
    notes = image_notes(ImageStream(tuple(paths), pixels), pixels, [Outcome(artifact=artifact, findings=())])
    assert expected == {word for word in (GREY, SIZE) if any(word in note for note in notes)}
    assert len(expected) == len(notes)

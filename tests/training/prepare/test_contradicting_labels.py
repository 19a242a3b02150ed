from pathlib import Path

from modelport.training.prepare.contradicting_labels import contradicting_labels
from modelport.training.prepare.find_images import FoundImage
from modelport.training.prepare.inspect_image import InspectedImage
from modelport.training.prepare.quarantine import Quarantined


def image(source: str, sha256: str) -> InspectedImage:
    found = FoundImage(path=Path(source), source=source, label=source.split("/")[0], split=None)
    return InspectedImage(found=found, sha256=sha256)


def test_every_file_that_has_two_labels_is_left_out() -> None:
    images = [image("cat/1", "a"), image("dog/1", "b"), image("dog/2", "a"), image("cat/2", "a"), image("emu/1", "c")]
    reason = "the same file has the labels cat and dog"
    assert [Quarantined(name, reason) for name in ("cat/1", "dog/2", "cat/2")] == contradicting_labels(images)


def test_the_same_file_twice_under_one_label_stays() -> None:
    assert [] == contradicting_labels([image("cat/1", "a"), image("cat/2", "a"), image("dog/1", "b")])

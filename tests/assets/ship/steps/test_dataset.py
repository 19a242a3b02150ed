"""Which data set ship replaces: its own, and none that somebody else made or worked on."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from modelport.assets.ship.engine.record import StepEntry
from modelport.assets.ship.engine.step import Shipping, Turn, hashes, name_in
from modelport.assets.ship.plan.read_file import read_ship_file
from modelport.assets.ship.steps.dataset import refuse_other_dataset
from modelport.assets.ship.steps.prepare import prepare_data
from modelport.contract.errors import UsageError
from modelport.contract.narration import Silent
from modelport.training.prepare.options import PrepareOptions, parse_ratios
from modelport.training.prepare.prepare import prepare
from PIL import Image


@pytest.fixture
def shipping(tmp_path: Path) -> Shipping:
    """Ten photos of each of two classes, and a file without ratios, whose work folder is its own."""
    random = np.random.default_rng(0)
    for label in ("1", "2"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(10):
            pixels = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / label / f"{number}.png")
    (tmp_path / "modelport.toml").write_text('[ship]\nwork = "."\n[data]\nimages = "photos"\n')
    return Shipping(plan=read_ship_file(tmp_path / "modelport.toml"), narrator=Silent())


def made(shipping: Shipping, *, forced: bool = False) -> Turn:
    """Let ship prepare, and return the next turn as its record tells it."""
    outcome = prepare_data(shipping, Turn(forced=forced))
    work = shipping.plan.work
    outputs = hashes(work, [name_in(work, path) for path in outcome.outputs])
    return Turn(before=StepEntry(inputs={}, done=True, outputs=outputs))


def by_hand(shipping: Shipping, ratios: str | None) -> None:
    options = PrepareOptions(ratios=None if ratios is None else parse_ratios(ratios))
    prepare(shipping.plan.images, shipping.plan.dataset, options)


def test_a_split_that_somebody_else_made_stays(shipping: Shipping) -> None:
    by_hand(shipping, "60/20/20")
    (shipping.plan.dataset / "NOTES.txt").write_text("mine")
    with pytest.raises(UsageError, match="did not make so") as caught:
        refuse_other_dataset(shipping, Turn())
    assert "ratios: [0.6, 0.2, 0.2] there, [0.7, 0.15, 0.15] asked for\nNOTES.txt: not of this data set" == str(
        caught.value.received
    )
    assert str(caught.value.fix).endswith("--from prepare")
    refuse_other_dataset(shipping, Turn(forced=True))


def test_one_that_ship_would_make_just_so_may_be_made_again(shipping: Shipping) -> None:
    """As a ship leaves it that was stopped before it wrote its record."""
    by_hand(shipping, None)
    refuse_other_dataset(shipping, Turn())


def test_its_own_is_replaced_when_photos_and_options_change(shipping: Shipping) -> None:
    turn = made(shipping)
    (shipping.plan.images / "1" / "0.png").unlink()
    other = replace(shipping.plan, prepare=PrepareOptions(ratios=parse_ratios("60/20/20")))
    refuse_other_dataset(replace(shipping, plan=other), turn)


def test_a_photo_that_was_edited_in_its_place_is_the_data_sets_too(shipping: Shipping) -> None:
    """The data set holds links: the folder is not as it was, and nobody worked in it."""
    turn = made(shipping)
    with open(shipping.plan.images / "1" / "0.png", "ab") as photo:
        photo.write(b"more")
    refuse_other_dataset(shipping, turn)


Edit = Callable[[Path], object]

#: What somebody does in the data set, and what is said of it.
EDITS: dict[str, tuple[Edit, str]] = {
    "added": (lambda data: (data / "train/1/own.png").write_bytes(b"own"), "train/1/own.png: not of this data set"),
    "taken": (lambda data: next(data.glob("test/1/*")).unlink(), ": taken away"),
    "list": (lambda data: (data / "dataset.json").write_text("{}"), "dataset.json: missing, or not the list"),
    "no list": (lambda data: (data / "dataset.json").unlink(), "dataset.json: missing, or not the list"),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_somebody_did_in_it_is_not_lost(shipping: Shipping, name: str) -> None:
    turn = made(shipping)
    edit, said = EDITS[name]
    edit(shipping.plan.dataset)
    with pytest.raises(UsageError) as caught:
        refuse_other_dataset(shipping, turn)
    assert said in str(caught.value.received)


def test_other_photos_than_those_of_a_list_without_a_record(shipping: Shipping) -> None:
    by_hand(shipping, None)
    (shipping.plan.images / "1" / "0.png").unlink()
    listed = json.loads((shipping.plan.dataset / "dataset.json").read_text())["images"]
    assert "1/0.png" in {item["source"] for item in listed}
    with pytest.raises(UsageError, match=r"1/0[.]png: not among the images any more"):
        refuse_other_dataset(shipping, Turn())


def test_where_nothing_is_nothing_is_refused(shipping: Shipping) -> None:
    refuse_other_dataset(shipping, Turn())
    shipping.plan.dataset.mkdir()
    refuse_other_dataset(shipping, Turn())

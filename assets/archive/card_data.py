"""The model card's section about the images that the model was trained and tested on."""

from collections.abc import Iterator
from pathlib import PurePath

from ...contract.dataset.prepared_dataset import SPLITS
from ...validate.report.markdown_text import code, plain, ruler, table_row
from .card_facts import RunFacts


def data_section(facts: RunFacts, licence: str | None) -> Iterator[str]:
    """Yield the lines; counts of train and val only where the data set's own list is that of this training."""
    folder = facts.contract.provenance.dataset
    yield "## Data"
    yield ""
    yield f"- Data set: {code(PurePath(folder.replace(chr(92), '/')).name) if folder else 'not stated'}"
    yield f"- Licence of the images: {plain(licence) if licence else 'not stated'}"
    yield f"- sha256 of images, labels and splits: {code(facts.data_sha256) if facts.data_sha256 else 'not stated'}"
    yield from _splits(facts)
    yield ""
    counts = facts.counts
    if counts is None:
        tested = facts.evaluation.images if facts.evaluation else "no test images"
        yield f"How many images of each class were trained on: not stated. The report is of {tested}."
        yield ""
        return
    yield table_row(("class", *SPLITS))
    yield ruler(4, range(1, 4))
    for label in counts[SPLITS[0]]:
        yield table_row((code(label, in_table=True), *(f"{counts[split][label]:,}" for split in SPLITS)))
    yield table_row(("all", *(f"{sum(counts[split].values()):,}" for split in SPLITS)))
    yield ""


def _splits(facts: RunFacts) -> Iterator[str]:
    if facts.grouped:
        yield "- Images of one group (such as one person) are in one split."
    elif facts.grouped is False:
        yield "- Images were split one by one: the same person or scene may be in train and in test."
    if facts.evaluation and facts.evaluation.is_apart and facts.evaluation.leaked == 0:
        yield "- No test image has the bytes of one in train or val."

"""What the model card says of how often the model was right, and on which images that was found."""

from collections.abc import Iterator

from ...contract.statistics.intervals import wilson_interval
from ...validate.report.markdown_text import code, ruler, table_row
from .card_facts import Evaluation, RunFacts
from .card_names import NOT_STATED, label_names

_MAY_BE_TRAINED_ON = "- Whether the model was trained on these images is not known: if so, this accuracy is too high."


def limits(found: Evaluation) -> Iterator[str]:
    """Yield what is known of its mistakes, and where nothing is."""
    yield (
        f"- Its accuracy is known on {found.images} of the data below. On images of another origin "
        "(camera, light, people) nothing was measured."
    )
    if not found.is_apart:
        yield _MAY_BE_TRAINED_ON
    yield from _weak_classes(found)
    for true, predicted, count in _confused(found)[:3]:
        yield f"- {code(true)} was taken for {code(predicted)} {count} times."


def evaluation_section(facts: RunFacts) -> Iterator[str]:
    """Yield the lines of the section."""
    yield "## Evaluation"
    yield ""
    found = facts.evaluation
    if found is None:
        yield f"Accuracy: {NOT_STATED}."
        yield ""
        return
    yield f"The Keras model on {found.images}; intervals are 95 % (Wilson)."
    yield ""
    yield f"- Top-1 accuracy: {_share(found.right, found.n)}"
    yield f"- Top-3 accuracy: {NOT_STATED if found.top3_fraction is None else f'{100 * found.top3_fraction:.1f} %'}"
    if found.leaked:
        yield f"- {found.leaked} test images are in train or val, too: these accuracies are too high."
    if not found.is_apart:
        yield _MAY_BE_TRAINED_ON
    yield ""
    yield table_row(("class", "test images" if found.is_apart else "images", "recall %", "precision %"))
    yield ruler(4, range(1, 4))
    for at, label in enumerate(found.labels):
        row, column = found.confusion[at], [line[at] for line in found.confusion]
        shares = (_share(row[at], sum(row)), _share(column[at], sum(column)))
        yield table_row((code(label, in_table=True), str(sum(row)), *(share.replace(" %", "") for share in shares)))
    yield ""


def _share(right: int, n: int) -> str:
    if not n:
        return "-"
    low, high = wilson_interval(right, n)
    return f"{100 * right / n:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def _weak_classes(found: Evaluation) -> Iterator[str]:
    recalls = [
        (row[at] / sum(row), label) for at, (row, label) in enumerate(zip(found.confusion, found.labels)) if sum(row)
    ]
    lowest, label = min(recalls)
    if lowest < 1:
        yield f"- Lowest recall: {code(label)}, {100 * lowest:.1f} %."
    untested = [label for row, label in zip(found.confusion, found.labels, strict=True) if not sum(row)]
    if untested:
        yield f"- None of these images shows {label_names(tuple(untested))}: of these nothing is known."


def _confused(found: Evaluation) -> list[tuple[str, str, int]]:
    pairs = [
        (true, predicted, count)
        for true, row in zip(found.labels, found.confusion, strict=True)
        for predicted, count in zip(found.labels, row, strict=True)
        if true != predicted and count
    ]
    return sorted(pairs, key=lambda pair: -pair[2])

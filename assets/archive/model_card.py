"""MODEL_CARD.md: what the files of a run say about its model, in words. What they do not say is "not stated"."""

import re
from collections.abc import Iterator

from ...contract.labels.heads import ClassificationHead
from ...contract.model_contract.model_contract import ModelContract
from ...validate.report.markdown_text import code, plain, ruler, table_row
from ...validate.report.report import NO_FLOOR
from .card_data import data_section
from .card_evaluation import evaluation_section, limits
from .card_facts import RunFacts
from .card_names import NOT_STATED, label_names
from .members import BundledArtifact, Contents
from .options import ArchiveOptions

_NO_FLOOR = (
    "- No budget asked for an accuracy (min_top1): a verdict compares a file with the Keras model, and does not say "
    "that either is good."
)
#: A folder of the machine that judged, which is nobody else's business.
_PATH = re.compile(r"""(?:^|[\s("'=:,])(?:[/~]|\.{1,2}[/\\]|[A-Za-z]:[/\\]|\\\\)\S""")


def write_card(facts: RunFacts, contents: Contents, options: ArchiveOptions, licence: bytes | None) -> str:
    """Return the card; the same run and options give the same text, whenever it is written."""
    name = options.name or f"Image classifier of run {facts.contract.provenance.run_id}"
    lines = [
        f"# {plain(name)}",
        "",
        *_what_it_is(facts, contents),
        *_use(facts),
        *data_section(facts, options.data_license),
        *_contract(facts.contract),
        *evaluation_section(facts),
        *_artifacts(contents),
        *_provenance(facts, contents),
        *_licence(licence, contents),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _what_it_is(facts: RunFacts, contents: Contents) -> Iterator[str]:
    contract, options = facts.contract, facts.options
    heads = [head for head in contract.heads if isinstance(head, ClassificationHead)]
    kind = " and ".join(f"tells {len(head.labels)} classes apart" for head in heads) or "answers numbers"
    yield f"A neural network of {contract.parameters:,} parameters that takes one image and {kind}."
    yield ""
    adopted = facts.evaluation.adopted if facts.evaluation else None
    if adopted:
        yield f"- Network: trained elsewhere, adopted from {code(adopted[0])} (sha256 {code(adopted[1])})"
    else:
        yield f"- Network: {plain(str(options.get('backbone', NOT_STATED)))}"
        yield f"- Started from: {_weights(options.get('weights'))}"
        yield f"- Trained for: {NOT_STATED if facts.epochs is None else f'{facts.epochs} epochs'}"
    yield f"- Author: {_said('author', contents) or NOT_STATED}"
    yield ""


def _weights(given: object) -> str:
    named = {"none": "random weights", "imagenet": "Keras' ImageNet weights", None: NOT_STATED}
    last = str(given).replace("\\", "/").rsplit("/", 1)[-1]
    return named[given] if given is None or given in named else f"the weights file {code(last)}"


def _said(option: str, contents: Contents) -> str:
    """Return what the metadata of the .tflite files were told to say."""
    told = {str(one.artifact.options[option]) for one in contents.artifacts if option in one.artifact.options}
    return ", ".join(map(plain, sorted(told)))


def _use(facts: RunFacts) -> Iterator[str]:
    yield "## Intended use and limits"
    yield ""
    yield f"Intended use: {NOT_STATED} by the run."
    yield ""
    for head in facts.contract.heads:
        if isinstance(head, ClassificationHead):
            names = label_names(head.labels)
            yield f"- Every image gets one of these labels, also one that shows none of them: {names}."
    if facts.evaluation:
        yield from limits(facts.evaluation)
    else:
        yield "- How often it is right was not measured."
    yield ""


def _contract(contract: ModelContract) -> Iterator[str]:
    pixels = contract.pixels
    colour = "RGB, in this order" if pixels.channels == 3 else "grey, one channel"
    low, high = pixels.value_range
    exif = "is ignored: pixels as stored" if pixels.exif == "ignored" else "is applied: turned upright first"
    yield "## Contract"
    yield ""
    yield f"- Takes: {pixels.height} rows of {pixels.width} pixels, {colour}; {pixels.dtype}, {pixels.layout}."
    yield f"- Values: black is {low:g}, white is {high:g}. Whatever other scaling the network needs is inside it."
    antialias = "with" if pixels.antialias else "without"
    yield f"- Resizing: {pixels.resize}, half-pixel centres, {antialias} antialias, both sides independently."
    yield f"- EXIF orientation: {exif}."
    for head in contract.heads:
        if isinstance(head, ClassificationHead):
            yield f"- Answers {code(head.name)}: {head.width} probabilities, in this order: {label_names(head.labels)}."
        else:
            yield f"- Answers {code(head.name)}: one number, in {plain(head.unit)}."
    yield f"- Oldest TensorFlow Lite that must run its .tflite files: {plain(contract.min_tflite)}."
    yield ""


def _artifacts(contents: Contents) -> Iterator[str]:
    yield "## Artifacts and verdicts"
    yield ""
    yield table_row(("file", "recipe", "bytes", "n", "top-1 %", "drop, points", "verdict"))
    yield ruler(7, range(2, 6))
    for one in contents.artifacts:
        yield table_row(
            (code(one.name, in_table=True), one.artifact.recipe, f"{one.judged.size_bytes:,}", *_measured(one))
        )
    yield ""
    for one in contents.artifacts:
        for sentence in (*one.judged.sentences, *_differences(one)):
            yield f"- {code(one.name)}: {plain(sentence)}"
    for one in contents.left_out:
        yield f"- {code(one.name)} is not in this bundle: {'; '.join(map(plain, _why_not(one)))}"
    for note in contents.notes:
        if note != NO_FLOOR and not _PATH.search(note):
            yield f"- Of the whole judgement: {plain(note)}"
    if not contents.has_floor:
        yield _NO_FLOOR
    yield ""


def _why_not(one: BundledArtifact) -> tuple[str, ...]:
    return (str(one.judged.verdict), *one.judged.sentences[:1])


def _measured(one: BundledArtifact) -> tuple[str, str, str, str]:
    head, verdict = one.judged.head, str(one.judged.verdict)
    if head is None:
        return "-", "-", "-", verdict
    top1 = "-" if head.top1_fraction is None else f"{100 * head.top1_fraction:.1f}"
    if head.top1_interval is not None:
        top1 += " [{:.1f}, {:.1f}]".format(*(100 * bound for bound in head.top1_interval))
    drop = "-" if head.drop_points is None else f"{head.drop_points:+.1f}"
    if head.drop_interval_points is not None:
        drop += " [{:+.1f}, {:+.1f}]".format(*head.drop_interval_points)
    return str(head.n), top1, drop, verdict


def _differences(one: BundledArtifact) -> Iterator[str]:
    """Yield why it was chosen, and what it takes or answers otherwise than the contract above says."""
    artifact = one.artifact
    if one.why:
        yield f"is {one.why}"
    if artifact.preprocessing == "in_graph":
        yield "takes uint8 images of any size, 0 to 255, and resizes and scales them itself"
    elif artifact.value_range is not None:
        yield "takes values from {:g} to {:g}".format(*artifact.value_range)
    if artifact.layout != "NHWC":
        yield f"takes its axes as {artifact.layout}"
    if artifact.labels is not None:
        yield f"answers in this order: {', '.join(artifact.labels)}"


def _provenance(facts: RunFacts, contents: Contents) -> Iterator[str]:
    own = facts.contract.provenance
    tools = dict(own.tools)
    for one in contents.artifacts:
        tools = {**one.artifact.tools, **tools}
    versions = ", ".join(f"{plain(name)} {plain(version)}" for name, version in sorted(tools.items()))
    yield "## Provenance"
    yield ""
    yield f"- Run: {code(own.run_id)}, {plain(own.created) or f'date {NOT_STATED}'}"
    yield f"- model.keras: sha256 {code(own.model_sha256)}"
    for name in ("seed", "learning_rate", "batch_size", "precision"):
        if name in facts.options:
            told = "precision asked for" if name == "precision" else name.replace("_", " ")
            yield f"- {told.capitalize()}: {plain(str(facts.options[name]))}"
    yield f"- Tools: {versions or NOT_STATED}"
    yield "- Every file's sha256: SHA256SUMS"
    yield ""


def _licence(licence: bytes | None, contents: Contents) -> Iterator[str]:
    yield "## Licence"
    yield ""
    if licence is None:
        yield f"Licence of the model: {NOT_STATED}. Whoever passes it on must ask."
        if said := _said("license", contents):
            yield f"The metadata of its .tflite files say: {said}"
        return
    first = next(line.strip() for line in licence.decode("utf-8-sig").splitlines() if line.strip())
    yield f"{plain(first)} (LICENSE)"

"""Which artifact fits a backend: one of the run's own, judged, or the options to make one with."""

from dataclasses import dataclass
from pathlib import Path

from ...contract.errors import InputError, ModelportError
from ...contract.image.pixels import InputForm, PixelContract
from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.artifacts import Artifact
from ...contract.run.run_folder import RunFolder
from ...convert.options.export_options import FrozenGraphOptions
from ...convert.to_frozen_graph.old_graph import OldGraph, read_old_graph
from ..judged.judged_run import read_judgement
from .find.found_backend import FoundBackend
from .find.model_ends import check_graph_ends
from .find.old_order import Order
from .find.options import BackendOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What takes the place.

    Attributes:
        file: the new model; a file or folder.
        contract: what it promises, in its own order of labels.
        judged: what was judged about it, in a line.
        old_graph: what the old frozen graph takes and answers; None: it is none, or cannot be read.
    """

    file: Path
    contract: ModelContract
    judged: str
    old_graph: OldGraph | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """In the order in which it answers, as the model spells them."""
        return self.contract.first_classification.labels


def read_old(backend: FoundBackend, order: tuple[str, ...], run: RunFolder) -> OldGraph | None:
    """Read the graph that goes; None where there is none, or where the run has one that was made for it by hand.

    Raises:
        InputError: it is damaged, or not one whose place is taken without a word from its owner.
    """
    if backend.is_new:
        return None
    try:
        return read_old_graph(backend.path)
    except InputError as error:
        if any(_is_by_hand(artifact, order) for artifact in run.read_lock().artifacts):
            return None
        fix = (
            f"modelport convert {run.root} --to frozen_graph --like-labels OLD.txt with --family, --input-name and "
            f"--output-name as the client calls it; then modelport validate {run.root}, and this again"
        )
        raise InputError(
            error.what, where=error.where, expected=error.expected, received=error.received, fix=fix
        ) from error


def check_range(old: OldGraph | None, path: Path, form: InputForm, pixels: PixelContract) -> None:
    """Refuse a graph that takes files and pixels, as modelport's own do, until the range of its pixels is said.

    Raises:
        InputError: it is not; the names of a graph do not tell it.
    """
    asks = old is not None and old.encoded and old.pixels is not None and old.pixels.dtype == "float32"
    if old is None or old.pixels is None or not asks or form != InputForm():
        return
    low, high = (f"{value:g}" for value in pixels.value_range)
    raise InputError(
        "old graph takes files and pixels, and does not say in which range the client would feed pixels",
        where=f"{path}, input {old.pixels.name}",
        expected="--value-range 0..1, 0..255 or -1..1",
        fix=f"--value-range {low}..{high}, if modelport made the old graph without that option from a run like this "
        "one, or if the client feeds files alone: those are read the same with any range",
    )


def _is_by_hand(artifact: Artifact, order: tuple[str, ...]) -> bool:
    """Whether its maker said what the client calls, and in which order it reads labels."""
    return artifact.format == "frozen_graph" and "family" in artifact.options and artifact.labels == order


def options_like(
    backend: FoundBackend, options: BackendOptions, old: OldGraph | None, order: Order
) -> FrozenGraphOptions:
    """Return how a frozen graph is made: with the names of the old one and, where they stay, in its order."""
    if backend.format != "frozen_graph":
        return FrozenGraphOptions()
    labels = order.file if order.keeps else None
    aliases = options.aliases if order.keeps else {}
    if old is None:
        return FrozenGraphOptions(like_labels=labels, aliases=aliases)
    if order.keeps:
        return FrozenGraphOptions(like=backend.path, like_labels=labels, aliases=aliases)
    family, name = ("inception", old.encoded) if old.encoded else ("pixels", old.pixels.name if old.pixels else None)
    return FrozenGraphOptions(family=family, input_name=name, output_name=old.output)


def judged_in_run(
    run: RunFolder,
    backend: FoundBackend,
    options: BackendOptions,
    old: OldGraph | None,
    order: tuple[str, ...],
) -> Prepared | None:
    """Return the run's own artifact, judged, if it serves: its order of labels, its form, its tensors."""
    own = run.read_contract()
    for artifact in run.read_lock().artifacts:
        is_one = (artifact.format, artifact.recipe, artifact.form) == (backend.format, "float32", options.form)
        if not is_one or artifact.contract_in(own).first_classification.labels != order:
            continue
        if backend.format == "frozen_graph" and not _serves(run.root / artifact.path, artifact, backend, old, order):
            continue
        judged = read_judgement(run).require(artifact)
        promise = artifact.contract_in(own)
        return Prepared(file=run.root / artifact.path, contract=promise, judged=judged.summary, old_graph=old)
    return None


def _serves(
    path: Path, artifact: Artifact, backend: FoundBackend, old: OldGraph | None, order: tuple[str, ...]
) -> bool:
    if old is None:
        return backend.is_new or _is_by_hand(artifact, order)
    try:
        check_graph_ends(old, path, backend.path, same_classes=False)
    except ModelportError:
        return False
    return True

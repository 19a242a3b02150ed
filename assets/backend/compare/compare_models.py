"""Top-1 of the old and the new model side by side, on the same images, as the backend's client feeds them."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from ....contract.dataset.labelled_images import find_labelled_images
from ....contract.errors import InputError, JudgedAndFailed, MissingExtraError, RuntimeFailure
from ....contract.image.image_formats import SIGNATURE_BYTES, is_encodable
from ....contract.labels.heads import ClassificationHead
from ....contract.model_contract.model_contract import ModelContract
from ....contract.narration import Narrator
from ....contract.statistics.drop_decision import Side, decide_drop
from ....contract.statistics.intervals import binomial_tail, paired_drop_interval
from ....runtimes.process.temporary_log import temporary_log
from ....runtimes.workers.workers import Workers
from ....training.fit.chance import LEVEL
from .ask_models import ask

#: Characters of what a runtime says.
_MOST_TOLD = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What both answered.

    Attributes:
        n: images.
        most_frequent: of them, those of the most frequent class: who always names that one has as many right.
        old_right, new_right: of them; `old_right` is None where the old model was not asked.
        lost, won: images that only the old, or only the new one has right.
        same: images that both answer alike.
        why_not: why the old one was not asked.
    """

    n: int
    most_frequent: int
    new_right: int
    old_right: int | None = None
    lost: int = 0
    won: int = 0
    same: int = 0
    why_not: str | None = None

    @property
    def drop_points(self) -> float | None:
        """How much worse the new one is, in percentage points; None where the old one was not asked."""
        return None if self.old_right is None else 100 * (self.lost - self.won) / self.n

    def is_above_chance(self, right: int) -> bool:
        """Whether so many could not be luck, by the rule that stops a training."""
        return binomial_tail(right, self.n, self.most_frequent / self.n) <= LEVEL

    @property
    def drop_interval_points(self) -> tuple[float, float] | None:
        """Its 95 % paired score interval."""
        if self.old_right is None:
            return None
        low, high = paired_drop_interval(self.lost, self.won, self.n)
        return 100 * low, 100 * high

    @property
    def sentence(self) -> str:
        """Both in a line."""
        new = f"new {100 * self.new_right / self.n:.1f} %"
        if self.old_right is None or self.drop_points is None or self.drop_interval_points is None:
            return f"top-1 on {self.n} images: {new}; the old one was not asked: {self.why_not}"
        low, high = self.drop_interval_points
        gain = f"{0 - self.drop_points:+.1f} points [{0 - high:+.1f}, {0 - low:+.1f}]"
        return f"top-1 on {self.n} images: old {100 * self.old_right / self.n:.1f} %, {new}, {gain}"


def compare_models(
    old: tuple[Path, str, ModelContract] | str,
    new: tuple[Path, str, ModelContract],
    *,
    data: Path | None,
    narrator: Narrator,
) -> Compared:
    """Ask both about the same labelled images.

    Args:
        old: file, format and contract; or why it cannot be asked.
        new: likewise. Both answer in the same order of labels.
        data: labelled images; None: the test split of the run.
        narrator: shows progress.

    Raises:
        InputError: no images, or none that the client could feed.
        RuntimeFailure: the new one cannot be run. Of the old one, it is said.
    """
    found = find_labelled_images(new[2], data)
    pairs = [(image.path, image.label) for image in found.images]
    if "encoded" in new[2].tensor_names and new[1] == "frozen_graph":
        pairs = [pair for pair in pairs if _is_encodable(pair[0])]
    if not pairs:
        raise InputError("no image that a client could feed", where=found.origin, expected="JPEG or PNG files")
    files, truth = [path for path, _ in pairs], np.array([label for _, label in pairs])
    with temporary_log("backend") as log, Workers() as workers:
        compared = partial(Compared, n=len(files), most_frequent=int(np.bincount(truth).max()))
        mine = ask(workers, *new, files, log=log, narrator=narrator, what="new").argmax(1)
        right = mine == truth
        if isinstance(old, str):
            return compared(new_right=int(right.sum()), why_not=old)
        try:
            theirs = ask(workers, *old, files, log=log, narrator=narrator, what="old").argmax(1)
        except (RuntimeFailure, MissingExtraError) as error:
            told = "; ".join(line.strip() for line in str(error.received or error.what).splitlines())
            return compared(new_right=int(right.sum()), why_not=told[:_MOST_TOLD])
    was_right = theirs == truth
    return compared(
        new_right=int(right.sum()),
        old_right=int(was_right.sum()),
        lost=int((was_right & ~right).sum()),
        won=int((right & ~was_right).sum()),
        same=int((mine == theirs).sum()),
    )


def check_drop(compared: Compared, max_drop_points: float | None) -> tuple[str, ...]:
    """Return what must be said where the new one is worse.

    Raises:
        JudgedAndFailed: it is worse by more than the budget, and that is no chance.
    """
    drop, interval = compared.drop_points, compared.drop_interval_points
    if max_drop_points is not None and compared.old_right is None:
        raise JudgedAndFailed(
            "how much worse the new model is cannot be said",
            where="--max-drop-points",
            received=compared.why_not,
            fix="drop --max-drop-points, if the old model need not be compared with",
        )
    if drop is None or interval is None or drop <= 0:
        return ()
    what = (
        f"the new model is right less often than the old one: {compared.sentence}; "
        f"{compared.lost} images only the old one has right, {compared.won} only the new one"
    )
    if max_drop_points is None:
        return (what,)
    side = decide_drop(compared.lost, compared.won, compared.n, max_drop_points / 100)
    if side is Side.ABOVE:
        raise JudgedAndFailed(
            "the new model is right less often than the old one, by more than the budget",
            where="--max-drop-points",
            expected=f"at most {max_drop_points:g} points",
            received=f"{drop:.1f} points [{interval[0]:+.1f}, {interval[1]:+.1f}] on {compared.n} images",
            fix="train a better model; the backend stays as it is",
        )
    told = "within" if side is Side.WITHIN else "undecided against"
    return (f"{what}; {told} --max-drop-points {max_drop_points:g}",)


def check_old(compared: Compared, *, old_is_broken: bool) -> tuple[str, ...]:
    """Return what must be said of an old model that answers no better than luck.

    That is how one looks whose labels are read in a wrong order, or whose pixels are fed in a wrong range: the new one,
    which is made for that order and range, would be as wrong in the service.

    Raises:
        JudgedAndFailed: nobody says that it is known, and these images tell the new one from luck.
    """
    if compared.old_right is None or compared.is_above_chance(compared.old_right):
        return ()
    what = "the old model answers no better than chance: it may be asked in a wrong order of labels or a wrong range"
    if old_is_broken or not compared.is_above_chance(compared.new_right):
        return (f"{what}; {compared.sentence}",)
    raise JudgedAndFailed(
        what,
        where="the comparison",
        expected=f"more right than always naming the most frequent class, {compared.most_frequent} of {compared.n}",
        received=f"{compared.old_right} of {compared.n}; {compared.sentence}",
        fix="--like-labels, the labels file that the service reads, and --value-range, as its client feeds pixels; or "
        "--old-is-broken, if it is known to answer so",
    )


def in_order(contract: ModelContract, labels: tuple[str, ...], **changes: object) -> ModelContract:
    """Return a contract of one head that answers these labels, which are the model's in another order."""
    head = ClassificationHead(name=contract.first_classification.name, labels=labels)
    return replace(contract, heads=(head,), **changes)  # type: ignore[arg-type]


def _is_encodable(path: Path) -> bool:
    with open(path, "rb") as stream:
        return is_encodable(stream.read(SIGNATURE_BYTES))

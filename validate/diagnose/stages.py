"""The stages between a file and a network's answer, each asked alone: which of them is at fault, and how.

A probe feeds an artifact what needs fewer of its stages, and the network of the same model what was changed on purpose.
Where both answer alike, the stage does what was done on purpose: nothing, if it is sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..answers.bench import Answers
from .difference import LARGE_FACTOR, Difference, difference
from .inputs import InputMistake, feed
from .sample import BATCH, Asked

Image = NDArray[np.uint8]
Made = NDArray[np.float32]

#: Of those that come near, so many times the least difference is equal evidence; and so little is rounding.
_EQUAL, _ROUNDING = 2.0, 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What was found about one stage.

    Attributes:
        words: what is wrong with it; "" for nothing.
        proof: how that is known.
        left: the difference between what should answer alike; None where nothing was found that does.
        chosen: which of what was done on purpose it is.

    """

    words: str
    proof: str
    left: Difference | None = None
    chosen: int = 0


def nearest(asked: Asked, own: Answers, made: Sequence[tuple[str, Answers]], start: Difference) -> Stage | None:
    """Return which of the answers that were made on purpose are the artifact's own; None for none.

    Args:
        asked: whose heads.
        own: the artifact's.
        made: what was done and its answers, the sound one first, with the words "".
        start: the difference to be explained, of which little may be left.

    """
    found = [difference(answers, own, asked.heads) for _, answers in made]
    close = {place: left for place, left in enumerate(found) if left and left.mean <= start.mean / LARGE_FACTOR}
    if not close:
        return None
    least = min(left.mean for left in close.values())
    equal = [place for place, left in close.items() if left.mean <= max(_EQUAL * least, _ROUNDING * start.mean)]
    first, *others = equal if made[equal[0]][0] else equal[:1]
    words = made[first][0] + "".join(f"; or {made[place][0]}, which explains it as well" for place in others[:2])
    return Stage(words=words, proof="done on purpose", left=close[first], chosen=first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A door that takes float32 pixels of the model's own size, and answers them as the reference does."""

    asked: Asked

    def answers(self, resized: Sequence[Made], change: InputMistake | None = None) -> Answers:
        """Return the answers to images (height, width, channel) in [0, 255], changed once they are in range."""
        asked, taken = self.asked, self.asked.pixels
        low, high = taken.value_range
        batch = np.stack(resized) * np.float32((high - low) / 255) + np.float32(low)
        fit = np.ascontiguousarray(batch.transpose(0, 3, 1, 2) if taken.layout == "NCHW" else batch)
        changed = feed(fit, change, taken) if change else fit
        pieces = [changed[start : start + BATCH] for start in range(0, len(changed), BATCH)]
        return asked.stacked([asked.session.predict(piece) for piece in pieces])

"""The value range of an adopted model: given or measured, shown in both cases."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...contract.dataset.even_choice import choose_evenly
from ...contract.dataset.labelled_images import LabelledImages
from ...contract.dataset.prepared_dataset import LabelledImage
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator
from ...runtimes.workers.workers import open_artifact
from .check_probabilities import check_probabilities
from .measure_range import MOST_IMAGES, Answers, run_under, score_ranges
from .options import CANDIDATES, AdoptOptions, Range, range_name
from .probe_ranges import PROBES, SCREEN, check_probes
from .value_ranges import choose_range, doubts


def settle_range(
    source: Path,
    draft: ModelContract,
    model: Path,
    found: LabelledImages,
    options: AdoptOptions,
    logs: Path,
    narrator: Narrator,
) -> tuple[Range, dict[str, Any]]:
    """Run the model under every candidate, show the scores, and take the range that was given or is clearly best.

    Args:
        source: the model as it was given; names it in errors.
        draft: the contract but for the range.
        model: model.keras.
        found: labelled images, of which at most MOST_IMAGES are run.
        options: may hold the range.
        logs: folder for what the runtime prints.
        narrator: told the scores.

    Returns:
        The range, and what evaluation_report.json says about it.

    Raises:
        UsageError: it was not given and cannot be measured, or is none of the candidates.
        InputError: answers that are no probabilities.
        JudgedAndFailed: answers that are NaN.
    """
    given, labels = options.source_range, draft.first_classification.labels
    some = choose_evenly(found.images, len(labels), MOST_IMAGES, seed=0)
    ranges = CANDIDATES if given is None or given in CANDIDATES else (*CANDIDATES, given)
    truth, chance = np.array([image.label for image in some], dtype=np.int64), _largest_share(some, len(labels))
    with open_artifact(model, "keras", draft, log=logs / "value-range.log") as session:

        def run(which: slice, under: Sequence[Range]) -> dict[Range, Answers]:
            return run_under(session, draft, some[which], under, narrator)

        answers = run(slice(None), ranges)
        judged = given or CANDIDATES[0]
        others = [answers[value_range] for value_range in ranges if value_range != judged]
        if options.softmax:  # small logits look like probabilities, but hardly so whatever one feeds
            others += run(slice(0, SCREEN), tuple(PROBES)).values()
        check_probabilities(answers[judged], source, softmax=options.softmax, under_other_ranges=others)
        scores = score_ranges(answers, truth)
        narrator.say(f"range    on {len(some)} of {len(found.images)} labelled images, evenly over the labels:")
        for score in scores:
            narrator.say(f"         {score}")
        chosen = given or choose_range(scores, chance)
        alike = [] if given else check_probes(run, answers[chosen], scores, chosen, truth)
    narrator.say(f"         it takes {range_name(chosen)}, {'as given' if given else 'measured'}")
    if alike:
        names = " and ".join(map(range_name, alike))
        narrator.say(f"         {names} would do as well here: if it was trained on that, pass --source-range")
    warnings = doubts(scores, given, chance) if given else []
    for warning in warnings:
        narrator.say(f"WARNING  {warning}")
    candidates = [score.to_json() for score in scores]
    settled = {"is": "given" if given else "measured", "images": len(some), "candidates": candidates, "alike": alike}
    return chosen, {"value_range": settled, "warnings": warnings}


def _largest_share(images: Sequence[LabelledImage], classes: int) -> float:
    return max(sum(image.label == label for image in images) for label in range(classes)) / len(images)

"""Find out why an artifact's answers are wrong: try the usual mistakes, and say which one explains the numbers.

Nothing is guessed. A mistake is undone in what is fed, or in the answers, or in a copy of the file; or it is made on
purpose where it cannot be undone. It is named if the artifact then answers as the reference does, see `explains`, and
if no other mistake comes as near. A false accusation is worse than silence.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from ...contract.errors import RuntimeFailure
from ...contract.labels.heads import ClassificationHead
from ...contract.labels.label_order import best_order, is_shown, order_words, usual_orders
from ...contract.run.artifacts import Artifact
from ..answers.bench import Answers, Bench, OpenSession
from ..answers.image_stream import Rows
from ..budgets.budgets import Budget
from ..budgets.head_budgets import split_key
from ..budgets.keys import DIFFERENCE_KEYS, FLOOR_KEYS
from ..findings.verdict import Finding, Verdict, worst
from .answers import answer_candidates
from .difference import Difference, difference, explains
from .encoded import encoded_candidates
from .file import file_candidates, file_facts
from .floor import below_the_floor
from .in_graph import in_graph_candidates
from .inputs import feed, input_mistakes, kinds_of
from .sample import Asked, Candidate, choose_rows
from .truth import diagnose_truth

#: Findings in which a mistake shows as a difference from the reference.
_DIFFERENCES = ("probabilities", *DIFFERENCE_KEYS)

#: The runner-up must leave this many times more of the difference; else both are named, as both explain it.
_CLEARLY = 2.0

#: Images for a first look; mistakes that do not even help there are dropped.
_FEW = 12


def diagnose(
    session: OpenSession, artifact: Artifact, budgets: dict[str, Budget], findings: Sequence[Finding], bench: Bench
) -> list[Finding]:
    """Return what explains the findings at each door that are not a pass; nothing where all are.

    Args:
        session: the open artifact.
        artifact, budgets: what is judged, and against what.
        findings: so far.
        bench: the images and the reference.

    Returns:
        Findings of key "diagnosis", of the verdict that they explain, so that they never decide; PASS where none does,
        which say what was tried.

    """
    found = []
    for door in session.description.doors:
        wrong = [finding for finding in findings if finding.door == door and _is_wrong(finding)]
        keys = {split_key(finding.key)[1] for finding in wrong}
        if not wrong:
            continue
        verdict = worst(finding.verdict for finding in wrong)
        asked = Asked(session, door, artifact, budgets, bench)
        try:
            sentence = _explain(asked, keys)
        except RuntimeFailure as error:
            sentence = f"why was not found out: {error.what}, {error.received}"
        if sentence:
            found.append(Finding(key="diagnosis", verdict=verdict, sentence=sentence, door=door))
        elif verdict is Verdict.FAIL:
            sentence = below_the_floor(asked, keys) or _none(asked, keys)
            found.append(Finding(key="diagnosis", verdict=Verdict.PASS, sentence=sentence, door=door))
    return found


def _none(asked: Asked, keys: set[str]) -> str:
    """Return the sentence that says what was tried in vain."""
    what = "the difference" if keys & set(_DIFFERENCES) else "the wrong answers"
    if not asked.tried:
        return f"no usual mistake was tried that could explain {what}: too few images tell"
    return f"none of the usual mistakes that were tried ({', '.join(asked.tried)}) explains {what} alone"


def _is_wrong(finding: Finding) -> bool:
    looked_at = split_key(finding.key)[1] in (*_DIFFERENCES, *FLOOR_KEYS, "finite")
    return looked_at and finding.verdict in (Verdict.FAIL, Verdict.UNDECIDED)


def _explain(asked: Asked, keys: set[str]) -> str:
    """Return the sentence that explains the findings of these keys at one door; "" for none."""
    if "finite" in keys:
        asked.note_tried("weights")
        return "; ".join(file_facts(asked, ("not finite",)))
    if keys.isdisjoint(_DIFFERENCES):
        return diagnose_truth(asked)
    rows = choose_rows(asked)
    if not rows.size:
        return ""
    answers = asked.answers(rows)
    before = difference(answers, asked.expected(rows), asked.heads)
    if before is None:
        return ""
    if before.agreement == 1 and not keys.isdisjoint(FLOOR_KEYS) and (found := diagnose_truth(asked)):
        return found  # as near to the reference as can be, and wrong all the same
    if before.mean == 0:
        return ""
    candidates = [*_label_candidates(asked, rows, before), *answer_candidates(asked, rows, before)]
    candidates += [*_input_candidates(asked), *encoded_candidates(asked), *in_graph_candidates(asked)]
    candidates += file_candidates(asked)
    explained = [one for one in candidates if one.is_proven or explains(one.before, one.after, asked.budgets)]
    explained.sort(key=lambda one: one.share)
    if explained:
        return _sentence(explained)
    return "; ".join(_plain_facts(asked, rows, before))


def _sentence(explained: list[Candidate]) -> str:
    """Name the best, and those that come as near: equal evidence is no reason to choose."""
    best = explained[0]
    near = {one.words: one for one in explained[1:] if one.share <= max(best.share * _CLEARLY, 1e-3)}
    equal = [one for words, one in near.items() if words != best.words][:2]
    words = best.words + "".join(f"; or {one.words}, which explains it as well" for one in equal)
    after = best.after
    return (
        f"{words} ({best.proof}: the mean difference of {after.images} images falls from {best.before.mean:.2g} to "
        f"{after.mean:.2g}, and {after.images - after.flips} of them answer as expected, not "
        f"{best.before.images - best.before.flips})"
    )


def _label_candidates(asked: Asked, rows: Rows, before: Difference) -> Iterator[Candidate]:
    """Yield, for each head, the usual orders and the best one, if enough images show it."""
    more = choose_rows(asked, for_labels=True)
    answers, expected = asked.answers(more), asked.expected(more)
    start = difference(answers, expected, asked.heads)
    heads = [head for head in asked.heads if isinstance(head, ClassificationHead)]
    if start is None:
        return
    asked.note_tried("labels")
    for head in heads:
        ours, theirs = answers[head.name], expected[head.name]
        for order in (*usual_orders(head.labels).values(), best_order(ours, theirs)):
            if (order == np.arange(head.width)).all() or not is_shown(order, ours, theirs):
                continue
            put: Answers = answers | {head.name: ours[:, order]}
            after = difference(put, expected, asked.heads)
            if after is not None:
                shown = np.unique(theirs.argmax(axis=1))
                words = order_words(order, head, shown=shown, several_heads=len(asked.heads) > 1)
                yield Candidate(words=words, before=start, after=after, proof="put in the run's order")


def _input_candidates(asked: Asked) -> Iterator[Candidate]:
    if asked.door != "pixels":
        return
    asked.note_tried(*kinds_of(asked.pixels))
    rows = choose_rows(asked)
    few = rows[np.linspace(0, len(rows) - 1, min(_FEW, len(rows))).astype(np.intp)]
    for mistake in input_mistakes(asked.pixels):
        undone = partial(feed, mistake=mistake, taken=asked.pixels)
        for sample in (few, rows):
            start = difference(asked.answers(sample), asked.expected(sample), asked.heads)
            after = difference(asked.fed(sample, undone), asked.expected(sample), asked.heads)
            if start is None or after is None or after.mean > start.mean / 2:
                break
            if sample is rows:
                yield Candidate(words=mistake.words, before=start, after=after, proof="undone in what is fed")


def _plain_facts(asked: Asked, rows: Rows, before: Difference) -> Iterator[str]:
    """Yield what is plain to see where no mistake explains it: layers without weights, the same answer for all."""
    answers, expected = asked.answers(rows), asked.expected(rows)
    alike = all(np.ptp(answers[head.name], axis=0).max() <= 1e-3 for head in asked.heads)
    varied = any(np.ptp(expected[head.name], axis=0).max() > 0.1 for head in asked.heads)
    asked.note_tried("weights")
    weights = file_facts(asked, ("zero", "constant"))
    is_bad = before.agreement < 0.95
    if weights and is_bad:
        yield from weights
    if alike and varied and len(rows) > 1:
        yield f"it answers the same for all of {len(rows)} images: its answers do not depend on what is fed"

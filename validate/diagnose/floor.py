"""Why an artifact that is equal to its reference is below a floor: the model is, and there is nothing to explain."""

import numpy as np

from ..budgets.head_budgets import split_key
from ..findings.verdict import Verdict
from ..rules.score_rules import judge_scores
from ..scores.parity import score_head
from .sample import Asked


def below_the_floor(asked: Asked, keys: set[str]) -> str:
    """Return that the model itself is below the floor, where the reference fails all the same; "" where it does not.

    Args:
        asked: what is judged.
        keys: of the findings that are no pass, as in budgets that are for all heads.

    """
    evidence, bench = asked.bench.evidence, asked.bench
    rows = np.flatnonzero(evidence.matched)
    if not rows.size:
        return ""
    names, matched = tuple(evidence.names[row] for row in rows), np.ones(len(rows), dtype=bool)
    failed = set()
    for head in bench.contract.heads:
        own = evidence.heads[head.name].at(rows)
        findings = judge_scores(score_head(head, own.reference, own, matched, names), asked.budgets, asked.door)
        failed |= {split_key(finding.key)[1] for finding in findings if finding.verdict is Verdict.FAIL}
    if not keys <= failed:
        return ""
    tried = f"; undoing none of the usual mistakes ({', '.join(asked.tried)}) makes it better" if asked.tried else ""
    return f"it answers as the reference does: the model itself is below the floor{tried}"

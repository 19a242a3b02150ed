"""How often the judge's verdict on a drop is wrong: pairs of models whose true drop is known, judged by the real rule.

Each image of a simulated pair is drawn on its own: the artifact loses it at the rate (flips + drop) / 2, wins it at
(flips - drop) / 2, else both are right or both are wrong. The budgets are the defaults of full_int8. A pass is wrong
where the true drop is above the budget, a fail is wrong where it is not. A drop that equals the budget is within it; it
is the hardest case, and has its own rows: there a fail is wrong, and what passes is the largest share of wrong passes
that a drop just above the budget can have.

    python benchmarks/verdict_error_rates.py --pairs 1000 --exact
"""

import argparse
import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.contract.run.artifacts import Artifact
from modelport.contract.statistics.drop_decision import Side, decide_drop
from modelport.contract.statistics.intervals import paired_drop_interval, wilson_interval
from modelport.validate.answers.evidence import HeadEvidence
from modelport.validate.budgets.budgets import Budget, BudgetBook
from modelport.validate.findings.verdict import Verdict
from modelport.validate.rules.score_rules import judge_scores
from modelport.validate.scores.parity import score_head
from numpy.typing import NDArray

CLASSES = 10
#: Of the reference. What matters for the verdict are the flips; with 0.9 there is room for all of them.
ACCURACY = 0.9
SIZES = (200, 1000, 5000)
DROPS = (0.0, 0.005, 0.01, 0.02)
#: Share of images that one of both gets right and the other does not. A good int8 file is near the first (the demo's:
#: 0.4 %); at the last the budget of agreement fails it whatever its drop.
FLIPS = (0.02, 0.05, 0.10)
BAR = 0.025

HEAD = ClassificationHead(name="label", labels=tuple(map(str, range(CLASSES))))
ORDER = (Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What came out for one size, true drop and share of flips."""

    n: int
    drop: float
    flips: float
    counts: dict[Verdict, int]
    with_agreement: dict[Verdict, int]

    def share(self, verdict: Verdict) -> float:
        """Return how often the rule of the drop gave this verdict, in [0, 1]."""
        return self.counts[verdict] / sum(self.counts.values())


def int8_budgets() -> dict[str, Budget]:
    """Return the default budgets of a full_int8 file."""
    artifact = Artifact(path="m.onnx", format="onnx", recipe="full_int8", size_bytes=1, sha256="", parent_sha256="m")
    contract = ModelContract(
        pixels=PixelContract(), heads=(HEAD,), parameters=1, provenance=Provenance(run_id="r", model_sha256="m")
    )
    return BudgetBook().of_artifact(artifact, contract)


def simulate(
    random: np.random.Generator, n: int, drop: float, flips: float
) -> tuple[NDArray[np.float32], HeadEvidence]:
    """Return (n, CLASSES) answers of an artifact, and what the reference answered and what is true."""
    truth = random.integers(0, CLASSES, n)
    wrong = (truth + random.integers(1, CLASSES, n)) % CLASSES
    lost, won = (flips + drop) / 2, (flips - drop) / 2
    kind = random.choice(4, n, p=[lost, won, ACCURACY - lost, 1 - ACCURACY - won])  # lost, won, right, wrong
    held, kept = np.isin(kind, (0, 2)), np.isin(kind, (1, 2))
    reference, artifact = (_answers(random, np.where(right, truth, wrong)) for right in (held, kept))
    return artifact, HeadEvidence(truth=truth, known=np.ones(n, dtype=bool), reference=reference)


def _answers(random: np.random.Generator, labels: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return probabilities of which `labels` have the largest."""
    values = random.random((len(labels), CLASSES), dtype=np.float32)
    values[np.arange(len(labels)), labels] += 2
    values /= values.sum(axis=1, keepdims=True)
    return values


def judge_pairs(pairs: int, n: int, drop: float, flips: float, seed: int = 0, whole: int = 10) -> Cell:
    """Judge `pairs` simulated pairs. The seed and the cell decide about every number.

    The verdict depends on how many images are lost and won, so these are drawn, and the rule is asked for each. The
    first `whole` pairs are drawn image by image, go all the way through scores and findings, and must come to the same.
    """
    random = np.random.default_rng([seed, n, round(1e4 * drop), round(1e4 * flips)])
    budgets = int8_budgets()
    counts: Counter[Verdict] = Counter()
    both: Counter[Verdict] = Counter()
    for number in range(pairs):
        if number < whole:
            verdicts = judge_answers(*simulate(random, n, drop, flips), budgets)
        else:
            lost, won, _ = random.multinomial(n, [(flips + drop) / 2, (flips - drop) / 2, 1 - flips])
            verdicts = judge_counts(int(lost), int(won), n, budgets)
        counts[verdicts[0]] += 1
        both[_worse(*verdicts)] += 1
    return Cell(n=n, drop=drop, flips=flips, counts=_all_of(counts), with_agreement=_all_of(both))


def judge_answers(
    answered: NDArray[np.float32], evidence: HeadEvidence, budgets: dict[str, Budget]
) -> tuple[Verdict, Verdict]:
    """Return the verdicts on drop and agreement as the judge finds them; raise if the counts alone say otherwise."""
    n = len(answered)
    scores = score_head(HEAD, answered, evidence, np.ones(n, dtype=bool), tuple(map(str, range(n))))
    found = {finding.key: finding.verdict for finding in judge_scores(scores, budgets, "pixels")}
    right = [values.argmax(axis=1) == evidence.truth for values in (evidence.reference, answered)]
    lost, won = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    verdicts = found["max_drop_points"], found["min_agreement"]
    if verdicts != judge_counts(lost, won, n, budgets):
        raise RuntimeError(f"the judge says {verdicts} of {lost} lost and {won} won of {n}, its rule says otherwise")
    return verdicts


def judge_counts(lost: int, won: int, n: int, budgets: dict[str, Budget]) -> tuple[Verdict, Verdict]:
    """Return the verdicts on drop and agreement by the judge's rule for the drop, where only lost and won differ."""
    side = _decide(lost, won, n, budgets["max_drop_points"].limit / 100)
    agrees = (n - lost - won) / n >= budgets["min_agreement"].limit
    return _VERDICTS[side], Verdict.PASS if agrees else Verdict.FAIL


_decide = lru_cache(maxsize=None)(decide_drop)
_VERDICTS = {Side.WITHIN: Verdict.PASS, Side.ABOVE: Verdict.FAIL, Side.UNDECIDED: Verdict.UNDECIDED}


def _worse(*verdicts: Verdict) -> Verdict:
    return max(verdicts, key=[Verdict.PASS, Verdict.UNDECIDED, Verdict.FAIL].index)


def _all_of(counts: Counter[Verdict]) -> dict[Verdict, int]:
    return {verdict: counts[verdict] for verdict in ORDER}


def exact_shares(n: int, drop: float, flips: float, budget: float) -> dict[str, float]:
    """Return the exact probability of each verdict, of the rule and of the interval alone, summed over all outcomes."""
    shares = dict.fromkeys(("pass", "fail", "interval alone: pass", "interval alone: fail"), 0.0)
    for lost, won, probability in _outcomes(n, (flips + drop) / 2, (flips - drop) / 2):
        low, high = paired_drop_interval(lost, won, n)
        side = decide_drop(lost, won, n, budget)
        said = (side is Side.WITHIN, side is Side.ABOVE, high <= budget, low > budget)
        for name, is_said in zip(shares, said, strict=True):
            shares[name] += probability * is_said
    return shares


def _outcomes(n: int, lost_rate: float, won_rate: float) -> Iterator[tuple[int, int, float]]:
    """Yield every outcome with a probability above 1e-10."""
    same = 1 - lost_rate - won_rate
    for lost in range(n + 1):
        for won in range(n + 1 - lost):
            log_p = math.lgamma(n + 1) - math.lgamma(lost + 1) - math.lgamma(won + 1) - math.lgamma(n - lost - won + 1)
            log_p += lost * math.log(lost_rate) + won * math.log(won_rate) + (n - lost - won) * math.log(same)
            if log_p > -23:
                yield lost, won, math.exp(log_p)
            elif won > n * won_rate:
                break


def main() -> None:
    """Print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1000, help="pairs for each cell")
    parser.add_argument("--exact", action="store_true", help="also sum over all outcomes at the budget (a minute)")
    given = parser.parse_args()
    started, budget = time.perf_counter(), int8_budgets()["max_drop_points"].limit / 100
    print(f"{given.pairs} pairs a cell, budget {100 * budget:.1f} points, seed 0\n")
    print("| n | flips | true drop | pass | fail | undecided | wrong | with agreement >= 95 %: pass / fail |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    cells = [judge_pairs(given.pairs, n, drop, flips) for n in SIZES for flips in FLIPS for drop in DROPS]
    for cell in cells:
        print(_row(cell, budget))
    for name, verdict, chosen in (
        ("wrong passes, drop above the budget", Verdict.PASS, [cell for cell in cells if cell.drop > budget]),
        ("wrong fails, drop below the budget", Verdict.FAIL, [cell for cell in cells if cell.drop < budget]),
        ("passes at the budget", Verdict.PASS, [cell for cell in cells if cell.drop == budget]),
        ("fails at the budget", Verdict.FAIL, [cell for cell in cells if cell.drop == budget]),
    ):
        print(_summary(name, [cell.counts[verdict] for cell in chosen], given.pairs))
    if given.exact:
        _print_exact(budget)
    print(f"\n{time.perf_counter() - started:.0f} s")


def _row(cell: Cell, budget: float) -> str:
    wrong = "fail" if cell.drop <= budget else "pass"
    shares = " | ".join(f"{100 * cell.share(verdict):.1f}" for verdict in ORDER)
    both = cell.with_agreement
    total = sum(both.values())
    return (
        f"| {cell.n:,} | {100 * cell.flips:.0f} % | {100 * cell.drop:.1f} | {shares} | "
        f"{100 * cell.share(Verdict(wrong)):.1f} ({wrong}) | "
        f"{100 * both[Verdict.PASS] / total:.1f} / {100 * both[Verdict.FAIL] / total:.1f} |"
    )


def _summary(name: str, counts: list[int], pairs: int) -> str:
    """Say the share of all pairs and of the worst cell, with the error of the simulation (95 %, Wilson)."""
    total, worst, judged = sum(counts), max(counts), pairs * len(counts)
    low, high = (100 * bound for bound in wilson_interval(total, judged))
    worst_low, worst_high = (100 * bound for bound in wilson_interval(worst, pairs))
    return (
        f"\n{name}: {total} of {judged:,}, {100 * total / judged:.2f} % [{low:.2f}, {high:.2f}]; "
        f"worst cell {100 * worst / pairs:.1f} % [{worst_low:.1f}, {worst_high:.1f}]; bar {100 * BAR:.1f} %"
    )


def _print_exact(budget: float) -> None:
    print("\nExact, with a true drop that equals the budget, in %: the rule, and the score interval alone\n")
    print("| n | flips | pass | fail | interval alone: pass | interval alone: fail |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for n in (200, 300, 400, 1000):
        for flips in (0.012, *FLIPS):
            shares = exact_shares(n, budget, flips, budget)
            print(f"| {n:,} | {100 * flips:.1f} % | " + " | ".join(f"{100 * s:.2f}" for s in shares.values()) + " |")


if __name__ == "__main__":
    main()

"""A slice of benchmarks/verdict_error_rates.py: pairs of models with a known drop, judged by the real rule."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.statistics.intervals import wilson_interval
from modelport.validate.findings.verdict import Verdict

_SCRIPT = Path(__file__).parents[3] / "benchmarks" / "verdict_error_rates.py"


@pytest.fixture(scope="module")
def rates() -> Any:
    spec = spec_from_file_location("verdict_error_rates", _SCRIPT)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_budget_is_the_default_of_int8(rates: Any) -> None:
    """Frozen in DESIGN.md: a drop of at most 1.0 point."""
    assert rates.int8_budgets()["max_drop_points"].value == 1.0


def test_simulated_pairs_have_the_drop_and_the_flips_that_were_asked_for(rates: Any) -> None:
    import numpy as np

    answered, evidence = rates.simulate(np.random.default_rng(0), 200_000, 0.01, 0.05)
    held, kept = (values.argmax(axis=1) == evidence.truth for values in (evidence.reference, answered))
    assert held.mean() - kept.mean() == pytest.approx(0.01, abs=0.002)
    assert (held != kept).mean() == pytest.approx(0.05, abs=0.002)
    assert held.mean() == pytest.approx(0.9, abs=0.003)


@pytest.mark.parametrize("flips", [0.02, 0.05])
@pytest.mark.parametrize("n", [200, 1000])
def test_two_points_pass_and_no_drop_fails_in_at_most_2_5_percent(rates: Any, n: int, flips: float) -> None:
    for drop, wrong in ((0.02, Verdict.PASS), (0.0, Verdict.FAIL)):
        cell = rates.judge_pairs(150, n, drop, flips, whole=50)
        low, _ = wilson_interval(cell.counts[wrong], 150)
        assert low <= rates.BAR


def test_with_enough_images_verdicts_are_right_and_not_only_undecided(rates: Any) -> None:
    """5,000 images, 2 % flips: a drop of 0 passes, one of 2 points fails."""
    assert rates.judge_pairs(40, 5000, 0.0, 0.02).share(Verdict.PASS) > 0.95
    assert rates.judge_pairs(40, 5000, 0.02, 0.02).share(Verdict.FAIL) > 0.95


def test_at_the_budget_the_rule_keeps_its_level_where_the_interval_alone_does_not(rates: Any) -> None:
    shares = rates.exact_shares(300, 0.01, 0.02, 0.01)
    assert shares["fail"] <= rates.BAR < shares["interval alone: fail"]
    assert shares["pass"] <= rates.BAR

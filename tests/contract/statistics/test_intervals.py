"""Against scipy, closed forms, and a direct solution of Tango's equations."""

import math

import pytest
from modelport.contract.statistics.intervals import Z95, binomial_tail, paired_drop_interval, wilson_interval

optimize = pytest.importorskip("scipy.optimize")
stats = pytest.importorskip("scipy.stats")


def test_z95_is_the_normal_quantile() -> None:
    assert stats.norm.ppf(0.975) == pytest.approx(Z95, abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 10, 263, 5000])
def test_wilson_equals_scipy(n: int) -> None:
    for successes in {0, 1, n // 3, n // 2, n - 1, n}:
        expected = stats.binomtest(successes, n).proportion_ci(method="wilson")
        assert (expected.low, expected.high) == pytest.approx(wilson_interval(successes, n), abs=1e-12)


def likelihood_under(drop: float, lost: float, won: float, n: float) -> float:
    """The probability of `won` per image that is most likely if the true drop is `drop`, found by search."""

    def negative_log_likelihood(q: float) -> float:
        cells = ((lost, q + drop), (won, q), (n - lost - won, 1 - 2 * q - drop))
        return -sum(count * math.log(max(p, 1e-300)) for count, p in cells if count)

    bounds = (max(0.0, -drop), (1 - drop) / 2)
    return float(optimize.minimize_scalar(negative_log_likelihood, bounds=bounds, method="bounded",
                                          options={"xatol": 1e-13}).x)  # fmt: skip


def tango_by_search(lost: float, won: float, n: float) -> tuple[float, float]:
    """Tango (1998): the drops whose score statistic is z and -z, solved with scipy from the definition."""

    def score(drop: float) -> float:
        q = likelihood_under(drop, lost, won, n)
        return (lost - won - n * drop) / math.sqrt(n * (2 * q + drop - drop * drop))

    point, edge = (lost - won) / n, 1 - 1e-9
    low = optimize.brentq(lambda d: score(d) - Z95, -edge, point - 1e-9) if score(-edge) > Z95 else -1.0
    high = optimize.brentq(lambda d: score(d) + Z95, point + 1e-9, edge) if score(edge) < -Z95 else 1.0
    return low, high


@pytest.mark.parametrize(
    ("lost", "won", "n"),
    [(12, 2, 75), (2, 12, 75), (1, 0, 30), (0, 3, 270), (5, 5, 314), (40, 10, 200), (9, 0, 10), (30, 29, 1000)],
)
def test_tango_equals_a_direct_solution_of_its_equations(lost: int, won: int, n: int) -> None:
    assert tango_by_search(lost, won, n) == pytest.approx(paired_drop_interval(lost, won, n), abs=1e-5)


@pytest.mark.parametrize("n", [1, 10, 75, 270, 1000, 100_000])
def test_without_a_flip_tango_has_its_closed_form(n: int) -> None:
    """Q = 0 solves the likelihood, so the bound solves n d / (1 - d) = z^2, hence d = z^2 / (n + z^2)."""
    expected = Z95**2 / (n + Z95**2)
    assert (-expected, expected) == pytest.approx(paired_drop_interval(0, 0, n), abs=1e-12)


def test_a_perfect_artifact_has_the_widths_that_the_design_promises() -> None:
    assert [4.9, 1.4, 0.4] == [round(100 * paired_drop_interval(0, 0, n)[1], 1) for n in (75, 270, 1000)]


def test_changing_sides_mirrors_the_interval() -> None:
    low, high = paired_drop_interval(12, 2, 75)
    assert (-high, -low) == pytest.approx(paired_drop_interval(2, 12, 75), abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_the_interval_holds_its_drop_and_stays_within_one(n: int) -> None:
    for lost in range(n + 1):
        for won in range(n + 1 - lost):
            low, high = paired_drop_interval(lost, won, n)
            assert -1 <= low <= (lost - won) / n <= high <= 1
            assert low < high


@pytest.mark.parametrize("n", [1, 10, 300, 20_000])
@pytest.mark.parametrize("p", [1e-6, 0.034, 0.5, 0.99, 0.0, 1.0])
def test_binomial_tail_equals_scipy(n: int, p: float) -> None:
    for successes in {0, 1, n // 30, n // 2, n, n + 1}:
        expected = float(stats.binom.sf(successes - 1, n, p))
        assert expected == pytest.approx(binomial_tail(successes, n, p), rel=1e-8, abs=1e-290)

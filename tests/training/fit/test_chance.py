"""The bounds come from scipy's exact binomial test."""

import pytest
from modelport.contract.errors import JudgedAndFailed
from modelport.training.fit.chance import LEVEL, check_above_chance
from scipy.stats import binomtest


@pytest.mark.parametrize(
    "counts", [(50, 50), (5, 5, 5), (90, 10), (100,) * 10, (1, 1)], ids=lambda counts: "-".join(map(str, counts[:3]))
)
def test_the_line_is_where_scipys_test_draws_it(counts: tuple[int, ...]) -> None:
    n, share = sum(counts), max(counts) / sum(counts)
    for correct in range(n + 1):
        luck = binomtest(correct, n, share, alternative="greater").pvalue
        if luck <= LEVEL:
            check_above_chance(correct, counts, "run")
        else:
            with pytest.raises(JudgedAndFailed, match="at chance"):
                check_above_chance(correct, counts, "run")


def test_the_message_says_the_shares_and_the_likely_causes() -> None:
    with pytest.raises(JudgedAndFailed) as caught:
        check_above_chance(41, (30, 30, 40), "run")
    message = str(caught.value)
    print(message)
    for part in ("run", "0.400", "0.410 (41 of 100 images", "value range", "learning rate", "labels", "--epochs"):
        assert part in message
    assert 1 == caught.value.exit_code

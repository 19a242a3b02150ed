"""The usual scalings, by hand and by their own inverses."""

import numpy as np
import pytest
from modelport.contract.image.value_scalings import NORMALISATIONS, SCALINGS, Scaling, is_scaled_again

BLACK_AND_WHITE = {"[0, 1]": (0.0, 1.0), "[-1, 1]": (-1.0, 1.0), "[0, 255]": (0.0, 255.0)}


def test_what_black_and_white_become() -> None:
    """By hand; (0 - 0.485) / 0.229 = -2.118 and (1 - 0.406) / 0.225 = 2.640."""
    assert [(0, 1), (-1, 1), (-1, 1)] == [tuple(one.apply(np.array(one.takes))) for one in SCALINGS[:3]]
    unit, levels = (one.apply(np.array([[0.0] * 3, [one.takes[1]] * 3])) for one in NORMALISATIONS[:2])
    assert pytest.approx([-2.118, 2.640], abs=5e-4) == [unit[0, 0], unit[1, 2]]
    assert [-103.939, -116.779, -123.68] == levels[0].tolist()


@pytest.mark.parametrize("scaling", [*SCALINGS, *NORMALISATIONS], ids=lambda one: one.does)
@pytest.mark.parametrize("value_range", BLACK_AND_WHITE.values(), ids=BLACK_AND_WHITE)
def test_each_is_undone(scaling: Scaling, value_range: tuple[float, float]) -> None:
    pixels = np.random.default_rng(0).uniform(*value_range, (2, 4, 4, 3))
    for one in (scaling, scaling.of_range(*value_range)):
        np.testing.assert_allclose(one.undo(one.apply(pixels)), pixels, atol=1e-10)


def test_pixels_of_another_range_are_brought_to_what_a_scaling_takes() -> None:
    halves = SCALINGS[2].of_range(0, 255)
    assert [-1.0, 0.0, 1.0] == halves.apply(np.array([0, 127.5, 255])).tolist()


@pytest.mark.parametrize(
    ("arrives", "value_range", "expected"),
    [
        ((0.0, 1 / 255), (0.0, 1.0), True),
        ((-1.0, 1 / 127.5 - 1), (0.0, 1.0), True),
        ((-3.0, 1.0), (-1.0, 1.0), True),
        ((0.0, 1.0), (0.0, 1.0), False),
        ((0.0, 255.0), (0.0, 1.0), False),
        ((0.0, 0.1), (0.0, 1.0), False),  # dark photos
        ((float("nan"), float("nan")), (0.0, 1.0), False),
    ],
)
def test_a_range_that_was_scaled_again_is_known(
    arrives: tuple[float, float], value_range: tuple[float, float], expected: bool
) -> None:
    assert expected is is_scaled_again(arrives, value_range)

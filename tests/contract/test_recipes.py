"""The table of recipes, against DESIGN.md's frozen one, by hand."""

import pytest
from modelport.contract.recipes import IN_INTEGERS, RECIPES


@pytest.mark.parametrize(
    ("name", "bytes_a_parameter", "parity"),
    [
        ("float32", 4.2, {"max_probability_difference": 0.001}),
        ("float16", 2.2, {"max_probability_difference": 0.05, "min_agreement": 0.99}),
        *((name, 1.25, {"max_drop_points": 1.0, "min_agreement": 0.95}) for name in RECIPES if name.endswith("int8")),
    ],
)
def test_budgets_are_the_frozen_ones(name: str, bytes_a_parameter: float, parity: dict[str, float]) -> None:
    recipe = RECIPES[name]
    assert (bytes_a_parameter, 300_000) == (recipe.size_hundredths / 100, recipe.size_extra_bytes)
    assert parity == dict(recipe.parity)


def test_the_recipes_that_leave_no_float_operator() -> None:
    assert ("full_int8", "mixed_int8", "qat_int8") == IN_INTEGERS

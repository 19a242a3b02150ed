"""Recipes: how an artifact was made of the trained weights, and what it is held to for that. One row a recipe."""

from collections.abc import Mapping
from dataclasses import dataclass

#: A default budget: its key to its value.
Parity = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One recipe.

    Attributes:
        says: what it is, for help texts.
        by_quantize: whether `modelport quantize` writes it, as model.RECIPE.tflite.
        on_images: whether its writer measures ranges on representative images.
        in_integers: whether every operator is meant to compute in integers; those that do not are counted.
        holds_half: whether float16 tensors may lie in the file; elsewhere they are a fault.
        size_hundredths: hundredths of a byte that the file may have for each parameter.
        size_extra_bytes: bytes that it may have besides.
        parity: default budgets for how near it must be to the reference.
    """

    says: str
    by_quantize: bool = False
    on_images: bool = False
    in_integers: bool = False
    holds_half: bool = False
    size_hundredths: int
    size_extra_bytes: int = 300_000
    parity: Parity


_INT8: Parity = {"max_drop_points": 1.0, "min_agreement": 0.95}

#: Sizes and parity are frozen (docs/adr/0018): nobody loosens one to get a green.
RECIPES = {
    "float32": Recipe(
        says="as trained",
        size_hundredths=420,
        parity={"max_probability_difference": 0.001},
    ),
    "float16": Recipe(
        says="weights stored as float16, computed as float32",
        by_quantize=True,
        holds_half=True,
        size_hundredths=220,
        parity={"max_probability_difference": 0.05, "min_agreement": 0.99},
    ),
    "dynamic_int8": Recipe(
        says="weights int8, activations quantized as they come",
        by_quantize=True,
        size_hundredths=125,
        parity=_INT8,
    ),
    "full_int8": Recipe(
        says="weights and activations int8, with ranges measured on representative images",
        by_quantize=True,
        on_images=True,
        in_integers=True,
        size_hundredths=125,
        parity=_INT8,
    ),
    "mixed_int8": Recipe(
        says="full_int8 with some operators in a wider type",
        in_integers=True,
        size_hundredths=125,
        parity=_INT8,
    ),
    "qat_int8": Recipe(
        says="full_int8 after training with quantization",
        in_integers=True,
        size_hundredths=125,
        parity=_INT8,
    ),
    "weight_int8": Recipe(says="weights int8, computed as float32", size_hundredths=125, parity=_INT8),
}

#: Recipes after which every operator is meant to compute in integers.
IN_INTEGERS = tuple(name for name, recipe in RECIPES.items() if recipe.in_integers)

#: Recipes that `quantize` measures on representative images.
ON_IMAGES = tuple(name for name, recipe in RECIPES.items() if recipe.by_quantize and recipe.on_images)

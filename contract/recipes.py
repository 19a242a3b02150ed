"""Recipes: how an artifact was made of the trained weights, and what it is held to for that. One row a recipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: A default budget: its key to its value.
Parity = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One recipe.

    Attributes:
        says: what it is, for help texts.
        weights: data type of most of the bytes that are stored: what tells the recipe of a file that no lock knows.
        computes: in what its operators compute. Float operators in a file of integers are counted against a budget.
        by_quantize: whether `modelport quantize` writes it, as model.RECIPE.tflite.
        holds_half: whether float16 tensors may lie in the file; elsewhere they are a fault.
        size_hundredths: largest size, in hundredths of a byte for each parameter, and
        size_extra_bytes: bytes on top of that.
        parity: default budgets for how near it must be to the reference.
    """

    says: str
    weights: Literal["float32", "float16", "int8"]
    computes: Literal["float", "mixed", "integer"]
    by_quantize: bool = False
    holds_half: bool = False
    size_hundredths: int
    size_extra_bytes: int = 300_000
    parity: Parity


_INT8: Parity = {"max_drop_points": 1.0, "min_agreement": 0.95}

#: Sizes and parity are frozen (docs/adr/0018): nobody loosens one to get a green.
RECIPES = {
    "float32": Recipe(
        says="as trained",
        weights="float32",
        computes="float",
        size_hundredths=420,
        parity={"max_probability_difference": 0.001},
    ),
    "float16": Recipe(
        says="weights stored as float16, computed as float32",
        weights="float16",
        computes="float",
        by_quantize=True,
        holds_half=True,
        size_hundredths=220,
        parity={"max_probability_difference": 0.05, "min_agreement": 0.99},
    ),
    "dynamic_int8": Recipe(
        says="weights int8, activations quantized as they come",
        weights="int8",
        computes="mixed",
        by_quantize=True,
        size_hundredths=125,
        parity=_INT8,
    ),
    "full_int8": Recipe(
        says="weights and activations int8, with ranges measured on representative images",
        weights="int8",
        computes="integer",
        by_quantize=True,
        size_hundredths=125,
        parity=_INT8,
    ),
    "mixed_int8": Recipe(
        says="full_int8 with some operators in a wider type",
        weights="int8",
        computes="integer",
        size_hundredths=125,
        parity=_INT8,
    ),
    "qat_int8": Recipe(
        says="full_int8 after training with quantization",
        weights="int8",
        computes="integer",
        size_hundredths=125,
        parity=_INT8,
    ),
    "weight_int8": Recipe(
        says="weights int8, computed as float32", weights="int8", computes="float", size_hundredths=125, parity=_INT8
    ),
}

#: Recipes after which every operator is meant to compute in integers.
IN_INTEGERS = tuple(name for name, recipe in RECIPES.items() if recipe.computes == "integer")

"""The recipes of `modelport quantize` by name. No heavy import, so that `--help` can list them."""

from ..contract.recipes import RECIPES

#: Recipe to the name of its artifact in the run folder, in the order in which they are written.
PATHS = {name: f"model.{name}.tflite" for name, recipe in RECIPES.items() if recipe.by_quantize}

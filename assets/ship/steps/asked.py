"""Which artifacts of the run modelport.toml asks for: those of an earlier file lie there still, and go nowhere."""

from ....contract.run.artifacts import Artifact
from ....convert.options.formats import PATHS
from ....quantize.recipes import PATHS as RECIPE_PATHS
from ..engine.step import Shipping
from ..plan.plan import ShipPlan


def is_asked_for(plan: ShipPlan, artifact: Artifact) -> bool:
    """Whether [convert] formats, or for a quantized .tflite [quantize] recipes, name the kind of an artifact."""
    if artifact.format == "tflite" and artifact.recipe in RECIPE_PATHS:
        return artifact.recipe in plan.recipes
    return artifact.format in plan.formats or artifact.format not in PATHS


def not_asked_for(shipping: Shipping) -> list[str]:
    """Return the paths of artifacts of the lock that the file does not ask for."""
    artifacts = shipping.run.read_lock().artifacts
    return [artifact.path for artifact in artifacts if not is_asked_for(shipping.plan, artifact)]


def left_out_inputs(shipping: Shipping) -> dict[str, list[str] | None]:
    """Return what is left out, as an input of a step; None, as if nobody had asked, where nothing is."""
    return {"not asked for": not_asked_for(shipping) or None}

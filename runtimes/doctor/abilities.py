"""Which commands and formats work here, judged by the packages that each imports."""

from collections.abc import Mapping

from ...contract.errors import MissingExtraError, ModelportError
from ...contract.formats import EXPORTED, FORMATS
from ..tfjs.tfjs_packages import find_node, find_packages
from .finding import Finding
from .import_probe import Imported
from .packages import INSTALL

GROUP = "What works"

#: Modules of the base install, and of [tensorflow], in the order in which they are imported.
BASE = ("numpy", "PIL", "onnx", "onnxruntime", "ai_edge_litert.interpreter")
EXTRA = ("tensorflow", "keras", "tf2onnx", "sklearn", "matplotlib", "tensorboard", "h5py", "tf_keras")
_TRAIN = ("tensorflow", "keras", "sklearn", "matplotlib", "tensorboard")
_ADOPT = ("numpy", "PIL", "tensorflow", "keras", "sklearn", "matplotlib")
_WHOLE_WAY = ("numpy", "PIL", "onnx", "onnxruntime", "ai_edge_litert.interpreter", *_TRAIN, "tf2onnx")

#: What one can do, and the modules without which it does not work; a test compares it with the registries.
ABILITIES = {
    "prepare": ("numpy", "PIL"),
    "train": ("numpy", "PIL", *_TRAIN),
    "adopt: .keras, SavedModel": _ADOPT,
    "adopt: .h5": (*_ADOPT, "h5py", "tf_keras"),
    **{f"convert --to {name}": ("numpy", "tensorflow", "keras", *FORMATS[name].written_by) for name in EXPORTED},
    "quantize": ("numpy", "PIL", "tensorflow", "keras"),
    "validate, predict: .tflite": ("numpy", "PIL", "ai_edge_litert.interpreter"),
    "validate, predict: .onnx": ("numpy", "PIL", "onnx", "onnxruntime"),
    "validate, predict: SavedModel, .pb, .keras": ("numpy", "PIL", "tensorflow", "keras"),
    "inspect: .tflite, .onnx, TF.js, .keras": ("numpy", "onnx"),
    "inspect: SavedModel, .pb": ("tensorflow",),
    "inspect: .h5": ("numpy", "h5py"),
    "pack": ("numpy", "PIL"),
    "runtimes": ("numpy", "PIL"),
    "deliver flutter": ("numpy", "PIL", "ai_edge_litert.interpreter"),
    "deliver backend": ("numpy", "PIL", "tensorflow", "keras"),
    "deliver web": ("numpy",),
    "deliver archive": ("numpy",),
    "ship": _WHOLE_WAY,
    "demo": _WHOLE_WAY,
}


def judge_imports(imported: Mapping[str, Imported | None]) -> list[Finding]:
    """Return a line for each module that is installed and cannot be imported.

    Args:
        imported: module to what came of it; None: not installed.
    """
    broken = {name: result.error for name, result in imported.items() if result is not None and result.error}
    return [
        Finding(
            group="Imports",
            name=name,
            state="problem",
            says=f"is installed and cannot be imported: {error}",
            paste=f"pip install --force-reinstall --no-deps {_package(name)}",
        )
        for name, error in broken.items()
    ] or [Finding(group="Imports", name="all", state="ok", says="what is installed can be imported")]


def judge_abilities(imported: Mapping[str, Imported | None]) -> list[Finding]:
    """Return a line for each ability; the same modules as for `judge_imports`."""
    return [_judge(ability, modules, imported) for ability, modules in ABILITIES.items()]


def judge_tfjs() -> Finding:
    """Return the line of what runs in Node.js, which pip does not install."""
    name = "validate, predict: TF.js"
    try:
        find_node()
        find_packages()
    except MissingExtraError as error:
        return Finding(group=GROUP, name=name, state="note", says=error.what, stops=name, paste=str(error.fix))
    except ModelportError as error:
        return Finding(group=GROUP, name=name, state="problem", says=error.what)
    return Finding(group=GROUP, name=name, state="ok", says="works")


def _judge(ability: str, modules: tuple[str, ...], imported: Mapping[str, Imported | None]) -> Finding:
    missing = [name for name in modules if imported.get(name) is None]
    broken = [name for name in modules if (result := imported.get(name)) is not None and result.error]
    if not missing and not broken:
        return Finding(group=GROUP, name=ability, state="ok", says="works")
    extra = "base" if set(missing) & set(BASE) else "tensorflow"
    reasons = ((missing, "not installed"), (broken, "cannot be imported"))
    why = "; ".join(f"{', '.join(map(_package, names))} {what}" for names, what in reasons if names)
    if imported.get("tensorflow") is None and extra == "tensorflow" and not broken:
        why = "the extra [tensorflow] is not installed"
    return Finding(
        group=GROUP,
        name=ability,
        state="note" if not broken else "problem",
        says=why,
        stops=ability,
        paste=INSTALL[extra] if missing else f"pip install --force-reinstall {_package(broken[0])}",
    )


def _package(module: str) -> str:
    """Return what pip calls a module."""
    names = {"PIL": "pillow", "sklearn": "scikit-learn", "ai_edge_litert.interpreter": "ai-edge-litert"}
    names |= {"tf_keras": "tf-keras"}
    return names.get(module, module)

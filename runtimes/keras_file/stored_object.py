"""One object that a Keras configuration would rebuild, and whether modelport lets a stranger's file rebuild it."""

import builtins
from collections.abc import Iterable
from dataclasses import dataclass

from .known_names import (
    CLASSES,
    CORE_OPERATIONS,
    FUNCTIONS,
    OPERATION_MODULES,
    REFUSED_OF_KERAS,
    SYMBOL_LAYERS,
    TENSORFLOW_SYMBOLS,
)

#: Classes of Keras whose configuration holds code, or names a file that does.
CODE_CLASSES = ("Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer")
#: Where configurations of Keras' own objects say that they come from; "modelport" is our own graph layer.
_OWN_MODULES = ("keras", "tf_keras", "modelport.runtimes.graph_layer")
_FUNCTION = "function "


@dataclass(frozen=True, slots=True)
class KerasObject:
    """One object that the configuration would rebuild.

    Attributes:
        class_name: such as "Conv2D", or "function relu".
        name: of the layer, or of the layer that it belongs to.
        module: where its class is imported from; None in legacy files.
        registered_name: such as "package>Name"; None for Keras' own.
        symbol: of a layer that calls a TensorFlow function, that function's name; None for other classes.
    """

    class_name: str
    name: str
    module: str | None
    registered_name: str | None
    symbol: str | None = None

    @property
    def is_code(self) -> bool:
        """Whether it would run code that the file's author wrote."""
        return self.class_name in CODE_CLASSES

    @property
    def is_custom(self) -> bool:
        """Whether its class is none of Keras'; a legacy file says no module, so that an unknown name is one."""
        package = (self.registered_name or "").partition(">")
        own_package = not package[1] or package[0] in ("keras", "Keras", "modelport")
        unknown = self.module is None and not self._is_listed() and self.class_name not in REFUSED_OF_KERAS
        return not (own_package and self._has_own_module()) or (unknown and self.symbol is None)

    @property
    def is_unlisted(self) -> bool:
        """Whether it is Keras' own, or called so, and not among what modelport rebuilds for strangers."""
        return not self.is_custom and not self._is_listed()

    def _is_listed(self) -> bool:
        bare = self.class_name.removeprefix(_FUNCTION)
        is_function = self.class_name.startswith(_FUNCTION)
        registered = (self.registered_name or "").rpartition(">")[2]
        if registered not in ("", bare, "function" if is_function else bare):
            return False  # tf-keras looks for the second name where it does not find the first
        if is_function:
            return bare in FUNCTIONS
        if self.class_name in SYMBOL_LAYERS:
            return self.symbol in TENSORFLOW_SYMBOLS
        if (self.module or "").startswith("keras.src.ops."):
            return self.module in OPERATION_MODULES or bare in CORE_OPERATIONS
        if self.class_name == "GraphLayer":
            return self.registered_name == "modelport>GraphLayer"
        return self.is_code or bare in CLASSES

    def _has_own_module(self) -> bool:
        if self.module == "builtins":  # what Keras calls the module of its own functions, and Python of its
            return self.class_name.startswith(_FUNCTION) and not hasattr(builtins, self.class_name[len(_FUNCTION) :])
        return self.module is None or any(
            self.module == own or self.module.startswith(f"{own}.") for own in _OWN_MODULES
        )

    def __str__(self) -> str:
        origin = f" of {self.module}" if self.is_custom and self.module else ""
        called = f" of tf.{self.symbol}" if self.symbol else ""
        return f"{self.class_name}{origin}{called} (layer {self.name!r})"


def unlisted_sentence(objects: Iterable[KerasObject]) -> str | None:
    """Say which objects are not rebuilt for strangers, for `adopt` and `inspect`; None: all are."""
    names = sorted({str(item) for item in objects if item.is_unlisted})
    if not names:
        return None
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{more}: not among the layers and functions that modelport runs for strangers"

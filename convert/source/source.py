"""What every writer starts from: the Keras model of a run, loaded under float32, and its contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import tensorflow as tf

from ...contract.errors import InputError
from ...contract.image.pixels import InputForm, PixelContract
from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.run_folder import RunFolder
from ...runtimes.tf_graph.graph_layer import OWN_LAYERS
from ...runtimes.tf_graph.graph_pixels import as_trained
from ..graph.freeze import Frozen, freeze
from .conversions import Conversions
from .export_signatures import export_signatures


@dataclass(frozen=True, kw_only=True)
class Source:
    """A model to export. What several writers need is made once.

    Attributes:
        model: a Keras model, float32.
        contract: what it promises.
        scratch: an empty folder that lives as long as the source.
        form: in which the artifacts that are made of it take their images.
        conversions: what does the long ones.
    """

    model: Any
    contract: ModelContract
    scratch: Path
    form: InputForm = field(default_factory=InputForm)
    conversions: Conversions = field(default_factory=Conversions)
    _taking: dict[InputForm, "Source"] = field(default_factory=dict, repr=False)

    def taking(self, form: InputForm) -> "Source":
        """Return the source of artifacts that take their images in another form; what these share is made once."""
        if form not in self._taking:
            scratch = self.scratch / str(len(self._taking))
            scratch.mkdir()
            self._taking[form] = replace(self, scratch=scratch, form=form, _taking={})
        return self._taking[form]

    @property
    def taken(self) -> PixelContract:
        """What the artifacts take."""
        return self.contract.pixels.taken_as(self.form)

    @property
    def promise(self) -> dict[str, Any]:
        """The contract that goes into the artifacts."""
        return replace(self.contract, pixels=self.taken).promise()

    def answer(self, pixels: Any) -> dict[str, Any]:
        """Return head name to tensor (batch, width) for a batch in the form that the artifacts take."""
        return self.answer_trained(as_trained(pixels, self.taken, self.contract.pixels))

    def answer_trained(self, pixels: Any) -> dict[str, Any]:
        """Return the same for pixels (batch, height, width, channel) as the model was trained on."""
        answers: dict[str, Any] = self._traced(pixels)
        return answers

    @cached_property
    def _traced(self) -> Any:
        """`_call`, gone through once for whatever is made of it."""
        return tf.function(self._call, input_signature=[tf.TensorSpec((None, *self.contract.pixels.shape), tf.float32)])

    def _call(self, pixels: Any) -> dict[str, Any]:
        outputs = self.model(pixels, training=False)
        names = [head.name for head in self.contract.heads]
        if isinstance(outputs, dict):
            return {name: outputs[name] for name in names}
        listed = outputs if isinstance(outputs, list | tuple) else [outputs]
        return dict(zip(names, listed, strict=True))

    @property
    def pixels_spec(self) -> Any:
        """The TensorSpec of a batch of any size, named "image"."""
        return tf.TensorSpec((None, *self.taken.axes), tf.as_dtype(self.taken.dtype), name="image")

    @cached_property
    def frozen(self) -> Frozen:
        """`answer` without variables."""
        return freeze(self.answer, self.pixels_spec)

    @cached_property
    def frozen_file(self) -> Path:
        """Its GraphDef in the scratch folder."""
        path = self.scratch / "frozen.pb"
        path.write_bytes(self.frozen.definition.SerializeToString())
        return path

    @cached_property
    def exported(self) -> Path:
        """A SavedModel of `answer` in the scratch folder, signature serving_default."""
        export_signatures(self.scratch / "exported", {"serving_default": (self.answer, self.pixels_spec)})
        return self.scratch / "exported"


@contextmanager
def open_source(folder: RunFolder, conversions: Conversions | None = None) -> Iterator[Source]:
    """Load model.keras of a run.

    Raises:
        InputError: not a run folder, a folder that mixes runs, or a model that cannot be loaded.
    """
    contract = folder.read_contract()
    if not folder.model.is_file():
        raise InputError("model is missing", where=folder.model, fix="train again, or restore the file")
    keras.config.set_dtype_policy("float32")
    try:
        model = keras.models.load_model(folder.model, custom_objects=OWN_LAYERS, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError) as error:
        raise InputError("model cannot be loaded", where=folder.model, received=str(error).splitlines()[0]) from error
    with TemporaryDirectory() as scratch:
        yield Source(model=model, contract=contract, scratch=Path(scratch), conversions=conversions or Conversions())

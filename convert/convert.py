"""`modelport convert`: model.keras to other formats, float32, each recorded in the lock."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.narration import Narrator, Silent
from ..contract.run.artifacts import Artifact
from ..contract.run.run_folder import RunFolder
from .options.export_options import ExportOptions
from .options.formats import DEFAULT_FORMATS, PATHS, variant_path
from .source.conversions import DEFAULT_MEMORY_MB
from .source.written import Written
from .to_frozen_graph.writer import write_frozen_graph
from .to_h5.writer import write_h5
from .to_onnx.writer import begin_onnx, write_onnx
from .to_saved_model.writer import write_saved_model
from .to_tfjs.writer import write_tfjs
from .to_tflite.writer import begin_tflite, write_tflite
from .write_artifacts import Job, write_artifacts


class Writer(NamedTuple):
    """How a format is written: `write` takes the Source, the path to write to, and its format's options.

    `begin`, of those that take long and need no Keras model, begins it in another process.
    """

    write: Callable[..., Written | None]
    begin: Callable[..., None] | None = None


#: The writers' half of contract/formats.py.
WRITERS = {
    "saved_model": Writer(write_saved_model),
    "frozen_graph": Writer(write_frozen_graph),
    "tflite": Writer(write_tflite, begin_tflite),
    "onnx": Writer(write_onnx, begin_onnx),
    "tfjs": Writer(write_tfjs),
    "h5": Writer(write_h5),
}


def convert(
    run: str | Path,
    formats: Sequence[str] = DEFAULT_FORMATS,
    options: ExportOptions | None = None,
    *,
    overwrite: bool = False,
    narrator: Narrator | None = None,
    memory_mb: int = DEFAULT_MEMORY_MB,
) -> list[Artifact]:
    """Write the float32 artifacts of a run.

    Args:
        run: the run folder.
        formats: keys of WRITERS.
        options: see ExportOptions.
        overwrite: write anew what is there already.
        narrator: told about each artifact.
        memory_mb: MiB of private memory that converting may take; as far as it reaches, on as many cores as there are,
            other processes convert to TFLite and ONNX while this one writes the rest.

    Raises:
        InputError: no run, or a model that a format cannot hold.
        UsageError: something is in the way that the lock does not know.
    """
    jobs = [_job(name, options or ExportOptions()) for name in formats]
    return write_artifacts(
        RunFolder(Path(run)), jobs, overwrite=overwrite, narrator=narrator or Silent(), memory_mb=memory_mb
    )


def _job(format: str, options: ExportOptions) -> Job:
    own: Any = options.of(format)
    writer = WRITERS[format]
    form = own.form_of(options.form if format == "onnx" else replace(options.form, layout="NHWC"))
    return Job(
        path=variant_path(PATHS[format], recipe=own.recipe, preprocessing=form.preprocessing, layout=form.layout),
        format=format,
        recipe=own.recipe,
        write=partial(writer.write, options=own),
        begin=partial(writer.begin, options=own) if writer.begin else None,
        form=form,
        options=own.recorded(),
    )

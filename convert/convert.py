"""`modelport convert`: model.keras to other formats, float32, each recorded in the lock."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..contract.artifacts import Artifact
from ..contract.narration import Narrator, Silent
from ..contract.pixels import InputForm
from ..contract.run_folder import RunFolder
from .formats import PATHS, variant_path
from .frozen_graph_writer import write_frozen_graph
from .onnx_writer import write_onnx
from .saved_model_writer import write_saved_model
from .source import Source
from .tflite_writer import write_tflite
from .write_artifacts import Job, write_artifacts

WRITERS: dict[str, Callable[[Source, Path], None]] = {
    "saved_model": write_saved_model,
    "frozen_graph": write_frozen_graph,
    "tflite": write_tflite,
    "onnx": write_onnx,
}
assert tuple(WRITERS) == tuple(PATHS)


def convert(
    run: str | Path,
    formats: Sequence[str] = tuple(WRITERS),
    *,
    form: InputForm | None = None,
    allow_flex: bool = False,
    overwrite: bool = False,
    narrator: Narrator | None = None,
) -> list[Artifact]:
    """Write the float32 artifacts of a run.

    Args:
        run: the run folder.
        formats: keys of WRITERS.
        form: in which the artifacts take their images; None: as the contract says. A layout counts for ONNX alone.
        allow_flex: let the .tflite need the Flex delegate; the lock says so, and the judge then lets it pass.
        overwrite: write anew what is there already.
        narrator: told about each artifact.

    Raises:
        InputError: no run, or a model that a format cannot hold.
        UsageError: something is in the way that the lock does not know.
    """
    jobs = [_job(name, form or InputForm(), allow_flex and name == "tflite") for name in formats]
    return write_artifacts(RunFolder(Path(run)), jobs, overwrite=overwrite, narrator=narrator or Silent())


def _job(format: str, form: InputForm, allow_flex: bool) -> Job:
    write, options = WRITERS[format], {}
    if allow_flex:
        write, options = partial(write_tflite, allow_flex=True), {"allow_flex": True}
    if format != "onnx":
        form = replace(form, layout="NHWC")
    path = variant_path(PATHS[format], preprocessing=form.preprocessing, layout=form.layout)
    return Job(path=path, format=format, recipe="float32", write=write, form=form, options=options)

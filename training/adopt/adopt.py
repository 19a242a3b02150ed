"""`modelport adopt`: a classifier that was trained elsewhere becomes a run folder."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...contract.dataset.labelled_images import find_labelled_images
from ...contract.errors import InputError, UsageError
from ...contract.files.atomic_write import atomic_file, atomic_folder
from ...contract.files.hashing import sha256_of, sha256_of_file, size_bytes_of
from ...contract.image.pixels import PixelContract
from ...contract.labels.heads import ClassificationHead
from ...contract.labels.labels_file import read_labels
from ...contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from ...contract.model_contract.provenance import new_run_id, tool_versions, utc_now
from ...contract.narration import Narrator, Silent
from ...contract.run.run_folder import RunFolder
from ...runtimes.process.limits import Limits
from ...runtimes.process.temporary_log import temporary_log
from ...runtimes.workers.workers import run_task
from ..run.measure_drawing import measure_drawing
from ..run.run_destination import check_destination
from ..run.write_run import write_run
from .options import AdoptOptions
from .settle_range import settle_range

HEAD_NAME = "label"
_REWRITE = "modelport.training.adopt.rewrite.rewrite_as_keras:rewrite_as_keras"
#: Seconds that opening and rewriting a model may take: TensorFlow's import and the largest of keras.applications.
REWRITE_SECONDS = 600.0


def adopt(
    model: str | Path,
    run: str | Path,
    labels: str | Path,
    data: str | Path,
    options: AdoptOptions,
    *,
    narrator: Narrator | None = None,
) -> dict[str, Any]:
    """Write the run folder of a model that was trained elsewhere, whole or not at all.

    Args:
        model: a .keras file, a legacy .h5 file, a SavedModel folder, or a frozen graph (.pb).
        run: folder to write.
        labels: file with one label a line, in the order of the model's outputs.
        data: labelled images: a prepared data set (its test split), class folders, or files Label_anything.jpg.
        options: see AdoptOptions.
        narrator: told what was found.

    Returns:
        The content of evaluation_report.json.

    Raises:
        InputError: a model, labels or images that cannot be used.
        UsageError: the run exists, the value range cannot be measured, or a frozen graph has no such tensor.
        JudgedAndFailed: an answer that is NaN.
        RuntimeFailure: the model crashed the process that opened it, or hung.
        MissingExtraError: tf-keras is needed and not installed.
    """
    narrator, model, run = narrator or Silent(), Path(model), Path(run)
    _check_places(model, run, Path(data), options)
    head = ClassificationHead(name=HEAD_NAME, labels=read_labels(labels))
    draft = ModelContract(
        pixels=PixelContract(),
        heads=(head,),
        parameters=1,
        min_tflite=options.min_tflite,
        provenance=Provenance(run_id=new_run_id(), model_sha256=""),
    )
    found = find_labelled_images(draft, data)
    if options.drawing:
        draft = replace(draft, drawing=measure_drawing(found.images, len(head.labels), options.drawing))
    with temporary_log("adopt") as log, atomic_folder(run) as part:
        logs = log.parent
        folder = RunFolder(part)
        told = _rewrite(model, folder, options, logs, narrator)
        _check_labels(labels, head, told["width"])
        draft = _describe(draft, folder, told, data)
        value_range, facts = settle_range(model, draft, folder.model, found, options, logs, narrator)
        pixels = replace(draft.pixels, value_range=value_range)
        contract = replace(draft, pixels=pixels)
        adopted = {"source": str(model.absolute()), "source_sha256": sha256_of(model)}
        facts = {"adopted": adopted | {key: told[key] for key in ("loader", "notes")} | facts}
        evaluation = write_run(folder, contract, found.images, found.root, narrator, history=None, facts=facts)
        if evaluation["suspected_labels"]:
            narrator.say(f"WARNING  {evaluation['suspected_labels']}")
        shutil.copytree(logs, folder.logs, dirs_exist_ok=True)
        write_contract(folder.contract, contract)
    return evaluation


def _check_places(model: Path, run: Path, data: Path, options: AdoptOptions) -> None:
    if run.resolve() in (model.resolve(), *model.resolve().parents):
        raise UsageError("the model lies in the run folder", where=run, fix="choose another folder for the run")
    check_destination(run, data, overwrite=options.overwrite)


def _rewrite(model: Path, folder: RunFolder, options: AdoptOptions, logs: Path, narrator: Narrator) -> dict[str, Any]:
    written_mb = 64 + 4 * (size_bytes_of(model) >> 20) if model.exists() else 64
    with atomic_file(folder.model) as part:
        arguments = {
            "path": str(model.absolute()),
            "destination": str(part.absolute()),
            "image_size": options.image_size,
            "softmax": options.softmax,
            "allow_lambda": options.allow_lambda,
            "input_name": options.input_name,
            "output_name": options.output_name,
        }
        limits = Limits(seconds=REWRITE_SECONDS, written_mb=written_mb)
        told = run_task(_REWRITE, arguments, log=logs / "adopt-open.log", limits=limits)
    height, width, channels = told["shape"]
    narrator.say(
        f"model    {model.name}, opened with {told['loader']}: {height} x {width} x {channels} ->"
        f" {told['width']} values, {told['parameters']:,} parameters"
    )
    for note in told["notes"]:
        narrator.say(f"         {note}")
    return told


def _describe(draft: ModelContract, folder: RunFolder, told: dict[str, Any], data: str | Path) -> ModelContract:
    height, width, channels = told["shape"]
    provenance = replace(
        draft.provenance,
        model_sha256=sha256_of_file(folder.model),
        dataset=str(Path(data).absolute()),
        created=utc_now(),
        tools=tool_versions(),
    )
    pixels = PixelContract(height=height, width=width, channels=channels)
    return replace(draft, pixels=pixels, parameters=told["parameters"], provenance=provenance)


def _check_labels(file: str | Path, head: ClassificationHead, width: int) -> None:
    if len(head.labels) == width:
        return
    extra = len(head.labels) - width
    hint = {
        -1: "the model may have a first label such as 'background' that the file lacks",
        1: "the file may have a first label such as 'background' that the model lacks",
    }
    raise InputError(
        "labels do not match the model's outputs",
        where=file,
        expected=f"{width} labels, one for each value that the model answers, in its order",
        received=f"{len(head.labels)} labels: {', '.join(head.labels[:5])}{' ...' if len(head.labels) > 5 else ''}",
        fix=hint.get(extra),
    )

"""Other people's models, judged on the photos whose answers are known, with right labels and with wrong ones."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.decode import read_image, sha256_of_pixels, to_pixels
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.lock import Lock, write_lock
from modelport.contract.run.reference import Reference, write_reference
from modelport.runtimes.tflite.inspect_tflite import inspect_tflite
from modelport.validate.budgets.budgets import BudgetBook
from modelport.validate.judge import JudgeOptions, judge_run
from sabotage_tools import write_changed_tflite  # type: ignore[import-not-found]  # beside this script

CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True)
class Foreign:
    """One model: its file, value range, and photo to the words that its right label holds."""

    file: str
    value_range: tuple[float, float]
    photos: dict[str, str]


IMAGENET = {"coral/parrot.jpg": "macaw", "coral/hot_dog.jpg": "hotdog", "tflite_support/burger.jpg": "cheeseburger"}
IMAGENET |= {"coral/cat.bmp": "Egyptian cat"}
FOREIGN = (
    Foreign("coral/mobilenet_v1_0.25_128_quant.tflite", (-1, 1), IMAGENET),
    Foreign("tflite_support/mobilenet_v1_0.25_224_1_default_1.tflite", (-1, 1), IMAGENET),
    Foreign("tflite_support/mobilenet_v1_0.25_224_1_metadata_1.tflite", (-1, 1), IMAGENET),
    Foreign("weights/v3-large-minimalistic_224_1.0_uint8.tflite", (-1, 1), IMAGENET),
    Foreign("tflite_support/automl_labeler_model.tflite", (-1, 1), {"coral/sunflower.bmp": "sunflowers"}),
    Foreign("mlperf_tiny/pretrainedResnet.tflite", (0, 255), {"coral/cat.bmp": "cat", "coral/parrot.jpg": "bird"}),
    Foreign(
        "mlperf_tiny/pretrainedResnet_quant.tflite", (0, 255), {"coral/cat.bmp": "cat", "coral/parrot.jpg": "bird"}
    ),
)


def foreign_table(shared: Path, work: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield model, number of photos, verdict with right labels, verdict and sentence with wrong ones."""
    for model in FOREIGN:
        folder = work / Path(model.file).stem
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        artifact = folder / Path(model.file).name
        inspection = inspect_tflite(shared / model.file)
        if inspection.inputs[0].dtype == "float32":
            shutil.copy(shared / model.file, artifact)
        else:
            write_changed_tflite(shared / model.file, artifact, float_ends)
        labels = labels_of(shared, inspection.labels, inspection.outputs[0].shape[-1])  # type: ignore[index]
        right = judge(shared, model, artifact, labels, folder / "right")
        shifted = labels[1:] + labels[:1] if len(labels) > 10 else labels[::-1]
        wrong = judge(shared, model, artifact, shifted, folder / "wrong")
        yield model.file, str(len(model.photos)), right[0], wrong[0], "; ".join(wrong[1]) or "-"


def labels_of(shared: Path, inside: Sequence[str], width: int | None) -> tuple[str, ...]:
    """Return the labels inside the file, those that occur twice with their number, else those of its authors."""
    published = (shared / "coral" / "imagenet_labels.txt").read_text().splitlines() if width == 1001 else CIFAR
    labels = [label.strip() for label in inside or published]
    return tuple(f"{one} ({at})" if labels.index(one) < at else one for at, one in enumerate(labels))


def judge(shared: Path, model: Foreign, artifact: Path, labels: tuple[str, ...], root: Path) -> tuple[str, list[str]]:
    """Make a run folder with these labels and the photos under their right names, and judge the file against it."""
    shape = Interpreter(model_path=str(artifact)).get_input_details()[0]["shape"]
    photos = []
    for photo, words in model.photos.items():
        label = next(label for label in labels if words in label)
        place = root / "photos" / label / Path(photo).name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(shared / photo, place)
        photos.append((place, labels.index(label)))
    provenance = Provenance(run_id="20260101T000000Z-00000000", model_sha256=sha256_of_file(artifact))
    contract = ModelContract(
        pixels=PixelContract(height=int(shape[1]), width=int(shape[2]), value_range=model.value_range),
        heads=(ClassificationHead(name="label", labels=labels),),
        parameters=inspect_tflite(artifact).parameters or 0,
        provenance=provenance,
    )
    write_contract(root / "contract.json", contract)
    write_labels(root / "training_set_labels.txt", labels)
    write_lock(root / "artifacts.json", Lock(run_id=provenance.run_id, model_sha256=provenance.model_sha256))
    images = [read_image(path, contract.pixels) for path, _ in photos]
    pixels = [to_pixels(image, contract.pixels) for image in images]
    reference = Reference(
        run_id=provenance.run_id,
        model_sha256=provenance.model_sha256,
        paths=tuple(path.relative_to(root / "photos").as_posix() for path, _ in photos),
        file_sha256=tuple(sha256_of_file(path) for path, _ in photos),
        pixels_sha256=tuple(map(sha256_of_pixels, images)),
        truths={"label": np.array([truth for _, truth in photos])},
        predictions={"label": np.stack([_answer(artifact, one) for one in pixels])},
    )
    write_reference(root / "reference.npz", reference)
    budgets = BudgetBook(options={"min_top1": 0.5})
    report = judge_run(root, JudgeOptions(data=root / "photos", artifacts=(artifact,), budgets=budgets))
    (outcome,) = report.outcomes
    wanted = ("labels", "diagnosis", "min_top1")
    said = [one.sentence for key in wanted for one in outcome.findings if one.key == key and one.verdict != "pass"]
    others = [one.key for one in outcome.findings if one.verdict not in ("pass",) and one.key not in wanted]
    return f"{outcome.verdict}" + (f" ({', '.join(sorted(set(others)))})" if others else ""), said


def _answer(artifact: Path, pixels: Any) -> Any:
    """Run the file as its authors do."""
    interpreter = Interpreter(model_path=str(artifact))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[None].astype(np.float32))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]


def float_ends(model: Any) -> None:
    """Put QUANTIZE before a file that takes 8 bits, and DEQUANTIZE behind it: what an app does for it."""
    graph = model.subgraphs[0]
    given, answered = int(graph.inputs[0]), int(graph.outputs[0])
    before, after = _float_tensor(graph, given), _float_tensor(graph, answered)
    graph.operators.insert(0, _operator(model, schema.BuiltinOperator.QUANTIZE, before, given))
    graph.operators.append(_operator(model, schema.BuiltinOperator.DEQUANTIZE, answered, after))
    graph.inputs, graph.outputs = [before], [after]
    for signature in model.signatureDefs or []:
        signature.inputs[0].tensorIndex, signature.outputs[0].tensorIndex = before, after


def _float_tensor(graph: Any, like: int) -> int:
    tensor, source = schema.TensorT(), graph.tensors[like]
    tensor.name, tensor.type = f"float_{like}".encode(), schema.TensorType.FLOAT32
    tensor.shape, tensor.shapeSignature, tensor.buffer = source.shape, source.shapeSignature, 0
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _operator(model: Any, code: int, source: int, target: int) -> Any:
    entry = schema.OperatorCodeT()
    entry.builtinCode = entry.deprecatedBuiltinCode = code
    entry.version = 1
    model.operatorCodes.append(entry)
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = [source], [target]
    return operator

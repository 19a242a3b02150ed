"""Every file of a delivery to a Flutter app, by its path in the app."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.artifacts import SHIPPED, Shipped
from ...contract.run.lock import LOCK_VERSION, Lock
from ..golden.golden import GOLDEN
from ..judged.choose_model import Choice
from .dart_text import DartConstants, contract_dart, golden_dart
from .model_outputs import find_outputs
from .pubspec.merge import ASSETS, fragment

FRAGMENT = "modelport_pubspec.yaml"
GOLDEN_CASES = Path(__file__).parent.parent / "assembly" / "golden_cases.json"
_DART = Path(__file__).parent / "dart"

_FRAGMENT_SAYS = """\
# Copy assets, lib, test and integration_test into the Flutter app, add these lines to its pubspec.yaml, and run
# flutter pub get. Or name the app itself: modelport deliver flutter RUN APP adds them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppModel:
    """What is delivered.

    Attributes:
        choice: the artifact.
        contract: what it promises.
        data: its bytes.
        golden: the files of its golden vectors.
        allowed_sequences: words that can be assembled; none: all.
    """

    choice: Choice
    contract: ModelContract
    data: bytes
    golden: Mapping[str, bytes]
    allowed_sequences: tuple[str, ...] = ()


def app_files(model: AppModel, *, with_fragment: bool) -> dict[str, bytes]:
    """Return path to content; the same model gives the same bytes.

    Args:
        model: what is delivered.
        with_fragment: whether there is no pubspec.yaml to add to.

    Raises:
        InputError: the file's outputs are not the contract's heads.
    """
    constants = dart_constants(model)
    golden = json.loads(model.golden[GOLDEN])
    label_head = constants.heads[constants.label_head].name
    labels = constants.heads[constants.label_head].labels
    files = {
        f"{ASSETS}{SHIPPED}": model.data,
        f"{ASSETS}labels.txt": "".join(f"{label}\n" for label in labels).encode(),
        f"{ASSETS}contract.json": _json(_without_paths(model.contract).to_json()),
        f"{ASSETS}artifacts.json": _json(_lock(model)),
        **{f"{ASSETS}golden/{name}": data for name, data in model.golden.items()},
        **static_files(),
        "lib/modelport/contract.dart": contract_dart(constants).encode(),
        "integration_test/modelport_golden_vectors.dart": golden_dart(golden, model.golden, label_head).encode(),
        "test/modelport_golden_cases.json": GOLDEN_CASES.read_bytes(),
    }
    return files | ({FRAGMENT: (_FRAGMENT_SAYS + fragment()).encode()} if with_fragment else {})


def static_files() -> dict[str, bytes]:
    """Return the Dart sources and the README that are the same in every app."""
    found = sorted(path for path in _DART.rglob("*") if path.suffix in (".dart", ".md"))
    return {path.relative_to(_DART).as_posix(): path.read_bytes() for path in found}


def dart_constants(model: AppModel) -> DartConstants:
    """Return what the Dart, and its Python twin, are told about the model."""
    pixels, heads = model.contract.pixels, find_outputs(model.data, model.contract, model.choice.artifact.path)
    low, high = pixels.value_range
    return DartConstants(
        run_id=model.contract.provenance.run_id,
        artifact=model.choice.artifact.path,
        artifact_sha256=model.choice.artifact.sha256,
        verdict=model.choice.judged.summary,
        height=pixels.height,
        width=pixels.width,
        channels=pixels.channels,
        low=low,
        high=high,
        in_graph=pixels.preprocessing == "in_graph",
        exif_applied=pixels.exif == "applied",
        heads=heads,
        label_head=model.contract.heads.index(model.contract.first_classification),
        allowed_sequences=model.allowed_sequences,
    )


def _without_paths(contract: ModelContract) -> ModelContract:
    """Return the contract without the folder of the data set, which is nobody's business in an app."""
    return replace(contract, provenance=replace(contract.provenance, dataset=None))


def _lock(model: AppModel) -> dict[str, object]:
    """Return a lock of one artifact, model.tflite, that says what it was called and how it was judged."""
    artifact, provenance = model.choice.artifact, model.contract.provenance
    verdict, why = str(model.choice.verdict), model.choice.why
    lock = Lock(
        run_id=provenance.run_id,
        model_sha256=provenance.model_sha256,
        artifacts=(replace(artifact, path=SHIPPED),),
        shipped=Shipped(source=artifact.path, sha256=artifact.sha256, verdict=verdict, why=why),
    )
    value = {"modelport_lock": LOCK_VERSION} | asdict(lock)
    del value["pending"]
    return value


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()

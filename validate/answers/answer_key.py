"""What decides about an artifact's answers, as one text: two judgements with the same text may share the answers."""

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...contract.errors import ModelportError
from ...contract.files.hashing import sha256_of, sha256_of_file
from ...contract.formats import runs_in_node
from ...contract.run.artifacts import Artifact
from ...runtimes.facts.format_runtimes import RUNTIMES
from ...runtimes.process.limits import Limits
from ...runtimes.tfjs.tfjs_packages import find_backend, find_node, find_packages
from .bench import Bench

#: Everything that a runtime is made of, or that stands between an image and it.
PACKAGES = (
    *sorted({name for driver in RUNTIMES.values() for name in driver.packages}),
    *("modelport", "numpy", "pillow", "onnx", "ml_dtypes", "protobuf"),
)

#: Folders of this package whose code decides about answers; a version number does not tell what a developer edits.
_CODE = ("contract", "runtimes", "validate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is the same for all artifacts of one judgement, beside its bench.

    Attributes:
        limits: of each worker; its threads decide about the order of additions.
        tools: what `runtimes.workers.driver_registry.package_versions` says in the Python whose runtimes are used.
        python: its program.
        reference: reference.npz, or where it would be.
    """

    limits: Limits
    tools: dict[str, str]
    python: str
    reference: Path


def answer_key(artifact: Artifact, bench: Bench, circumstances: Circumstances) -> str:
    """Return JSON of all that decides. Files are hashed now: what the lock says of them is not asked."""
    contract = bench.contract_of(artifact)
    reference = circumstances.reference
    parts: dict[str, Any] = {
        "artifact": sha256_of(bench.path_of(artifact)),
        "format": artifact.format,
        "contract": contract.to_json(),
        "images": _digest(bench.stream.file_sha256),
        "pixels": _digest(bench.stream.pixels_sha256),
        "reference": sha256_of_file(reference) if reference.is_file() else None,
        "limits": asdict(circumstances.limits),
        "tools": circumstances.tools,
        "python": circumstances.python,
        "modelport": code_sha256(),
        "machine": _machine(),
        "node": _node() if runs_in_node(artifact.format) else None,
    }
    return json.dumps(parts, sort_keys=True)


@cache
def code_sha256() -> str:
    """Return the sha256 of the code that asks and decodes."""
    root = Path(__file__).parents[2]
    files = sorted(file for part in _CODE for pattern in ("*.py", "*.mjs") for file in (root / part).rglob(pattern))
    return _digest(tuple(f"{file.relative_to(root).as_posix()} {sha256_of_file(file)}" for file in files))


@cache
def _machine() -> list[str]:
    """Return what kind of processor this is: runtimes choose their kernels by it."""
    told = [platform.system(), platform.machine(), platform.processor()]
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        told += sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    return told


def _node() -> list[str]:
    """Return what runs a TensorFlow.js model; the program by its size and date, which an update changes."""
    try:
        program, (packages, version), backend = find_node(), find_packages(), find_backend()
    except ModelportError as error:
        return [str(error)]
    status = program.stat()
    return [str(program), str(status.st_size), str(status.st_mtime_ns), str(packages), version, backend]


def _digest(texts: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()

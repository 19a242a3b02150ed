"""Will TensorFlow use a GPU here? If not, is it the driver, the CUDA packages, cuDNN or TensorFlow itself?"""

import os
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding
from .import_probe import Imported
from .nvidia_driver import Gpu, ask_nvidia_smi, oldest_driver_for

GROUP = "GPU"
INSTALL = 'pip install "modelport[gpu]"'
#: What `tensorflow[and-cuda]` brings; one of them stands for all.
_CUDA_PACKAGE = "nvidia-cuda-runtime-cu"
_CUDNN_PACKAGE = "nvidia-cudnn-cu"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuFacts:
    """What the system, the driver and TensorFlow say.

    Attributes:
        system: "Linux", "Windows" or "Darwin".
        is_wsl: whether this Linux runs inside Windows.
        gpus: that the driver names.
        driver_error: why it names none.
        has_nvidia_smi: whether there is a program to ask it with.
        has_device_files: whether the kernel shows an NVIDIA device, with or without nvidia-smi.
        visible: CUDA_VISIBLE_DEVICES; None: not set.
        tensorflow: what came of importing it; None: not installed.
        installed: packages and their releases.
    """

    system: str
    is_wsl: bool = False
    gpus: tuple[Gpu, ...] = ()
    driver_error: str | None = None
    has_nvidia_smi: bool = False
    has_device_files: bool = False
    visible: str | None = None
    tensorflow: Imported | None
    installed: Mapping[str, str]


def measure_gpu(tensorflow: Imported | None, installed: Mapping[str, str]) -> GpuFacts:
    """Ask the system and the driver; TensorFlow was asked before."""
    gpus, error = ask_nvidia_smi()
    return GpuFacts(
        system=platform.system(),
        is_wsl="microsoft" in platform.release().lower(),
        gpus=gpus,
        driver_error=error,
        has_nvidia_smi=shutil.which("nvidia-smi") is not None,
        has_device_files=any(Path(path).exists() for path in ("/proc/driver/nvidia/version", "/dev/nvidia0")),
        visible=os.environ.get("CUDA_VISIBLE_DEVICES"),
        tensorflow=tensorflow,
        installed=installed,
    )


def judge_gpu(facts: GpuFacts) -> list[Finding]:
    """Return what the facts mean."""
    if facts.system in _WITHOUT:
        says, paste = _WITHOUT[facts.system]
        return [
            Finding(group=GROUP, name="TensorFlow", state="note", says=says, stops="training on a GPU", paste=paste)
        ]
    if facts.driver_error:
        paste = "install NVIDIA's driver again, restart, and see that nvidia-smi lists the GPU"
        return [_broken("driver", f"it does not answer: {facts.driver_error}", paste)]
    silent = "names no GPU" if facts.has_nvidia_smi else "is not installed"
    if not facts.gpus and facts.has_device_files:
        says = f"an NVIDIA device is here, and nvidia-smi, which tells the driver's release, {silent}"
        return [Finding(group=GROUP, name="driver", state="note", says=says), _tensorflow(facts)]
    if not facts.gpus:
        says = f"none: nvidia-smi {silent} and there is no NVIDIA device; everything runs on the CPU"
        return [Finding(group=GROUP, name="device", state="note" if facts.is_wsl else "ok", says=says)]
    return [*map(_device, facts.gpus), _driver(facts), _tensorflow(facts), *_cudnn(facts)]


#: https://www.tensorflow.org/install/pip, read 2026-11-21.
_WITHOUT = {
    "Windows": (
        "native Windows has no GPU support in TensorFlow 2.11 and newer: everything runs on the CPU",
        'wsl --install; then, inside WSL2: pip install "modelport[gpu]"',
    ),
    "Darwin": (
        "macOS has no GPU support in TensorFlow's own packages: everything runs on the CPU",
        "train on a Linux machine with an NVIDIA GPU",
    ),
}


def _broken(name: str, says: str, paste: str) -> Finding:
    return Finding(group=GROUP, name=name, state="problem", says=says, stops="training on the GPU", paste=paste)


def _device(gpu: Gpu) -> Finding:
    free = f", {gpu.free_mib:,} free now" if gpu.free_mib is not None else ""
    memory = f"{gpu.total_mib:,} MiB{free}" if gpu.total_mib is not None else "memory not told"
    return Finding(group=GROUP, name="device", state="ok", says=f"{gpu.name}: {memory}")


def _driver(facts: GpuFacts) -> Finding:
    driver, cuda = facts.gpus[0].driver, _built_for(facts, "cuda")
    oldest = oldest_driver_for(cuda)
    if not cuda or oldest is None:
        return Finding(group=GROUP, name="driver", state="ok", says=f"{driver}; no TensorFlow built for CUDA to match")
    branch = driver.split(".")[0]
    if not branch.isdecimal():
        says = f"its release is not told (nvidia-smi says {driver!r}); CUDA {cuda} needs {oldest} or newer"
        return Finding(group=GROUP, name="driver", state="note", says=says)
    if int(branch) < oldest:
        says = f"{driver} is too old for TensorFlow, which was built for CUDA {cuda}: that needs {oldest} or newer"
        paste = f"install an NVIDIA driver {oldest} or newer, and restart"
        return _broken("driver", says, paste)
    return Finding(group=GROUP, name="driver", state="ok", says=f"{driver} (CUDA {cuda} needs {oldest} or newer)")


def _tensorflow(facts: GpuFacts) -> Finding:
    name, lacking = "TensorFlow", {"group": GROUP, "name": "TensorFlow", "stops": "training on the GPU"}
    if facts.tensorflow is None or facts.tensorflow.error:
        why = "not installed" if facts.tensorflow is None else "broken: see above"
        return Finding(**lacking, state="note", says=why, paste=INSTALL)
    if found := facts.tensorflow.facts.get("gpus"):
        return Finding(group=GROUP, name=name, state="ok", says=f"finds {found} GPU{'s' if found > 1 else ''}")
    if facts.visible is not None and facts.visible.strip() in ("", "-1"):
        says = f"finds none, because CUDA_VISIBLE_DEVICES is set to {facts.visible!r}"
        return Finding(**lacking, state="note", says=says, paste="unset CUDA_VISIBLE_DEVICES")
    if not _built_for(facts, "cuda"):
        return Finding(**lacking, state="note", says="this TensorFlow was built without CUDA", paste=INSTALL)
    if not any(name.startswith(_CUDA_PACKAGE) for name in facts.installed):
        says = f"finds none: CUDA {_built_for(facts, 'cuda')} is not installed (TensorFlow without [and-cuda])"
        return Finding(**lacking, state="note", says=says, paste=INSTALL)
    paste = 'python -c "import tensorflow as tf; tf.config.list_physical_devices()", which prints what it cannot load'
    return _broken(name, "finds no GPU, although the driver and the CUDA packages are here", paste)


def _cudnn(facts: GpuFacts) -> list[Finding]:
    built, name = _built_for(facts, "cudnn"), "cuDNN"
    found = [release for package, release in facts.installed.items() if package.startswith(_CUDNN_PACKAGE)]
    if not built or not found:
        return []
    if found[0].split(".")[0] != built.split(".")[0]:
        return [_broken(name, f"{found[0]} is installed and TensorFlow was built for {built}", INSTALL)]
    return [Finding(group=GROUP, name=name, state="ok", says=f"{found[0]} (TensorFlow was built for {built})")]


def _built_for(facts: GpuFacts, what: str) -> str:
    return str(facts.tensorflow.facts.get(what, "")) if facts.tensorflow else ""

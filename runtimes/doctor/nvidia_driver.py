"""Which NVIDIA driver is here, and which one a CUDA release needs."""

import shutil
import subprocess
from dataclasses import dataclass

#: CUDA major release to the oldest Linux driver whose minor-version compatibility covers all of it.
#: https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html, table 1, read 2026-11-21. Newer
#: drivers are always fine ("backward compatibility").
OLDEST_DRIVER = {11: 450, 12: 525, 13: 580}

_QUERY = ["--query-gpu=name,driver_version,memory.total,memory.free", "--format=csv,noheader,nounits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One line of nvidia-smi.

    Attributes:
        name: the product.
        driver: release, such as "550.54.15".
        total_mib: memory.
        free_mib: memory that nobody uses now; None where the driver does not say.
    """

    name: str
    driver: str
    total_mib: int | None
    free_mib: int | None


def ask_nvidia_smi(timeout_s: float = 30.0) -> tuple[tuple[Gpu, ...], str | None]:
    """Return the GPUs that the driver names, and why it names none; ((), None) where nvidia-smi is not installed."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return (), None
    try:
        done = subprocess.run(
            [program, *_QUERY], capture_output=True, text=True, timeout=timeout_s, errors="replace", check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return (), f"nvidia-smi cannot be run: {error}"
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        return (), lines[0][:200] if lines else f"nvidia-smi ended with code {done.returncode}"
    return parse_gpus(done.stdout), None


def parse_gpus(text: str) -> tuple[Gpu, ...]:
    """Return the GPUs that nvidia-smi printed as CSV: name, driver, MiB in all, MiB free.

    Example:
        >>> parse_gpus("NVIDIA H100 80GB HBM3, 550.54.15, 81559, 81008")[0].driver
        '550.54.15'
    """
    lines = [line.rsplit(",", 3) for line in text.splitlines()]  # a product's name may hold commas
    rows = [[cell.strip() for cell in line] for line in lines if len(line) == 4]
    return tuple(
        Gpu(name=name, driver=driver, total_mib=_number(total), free_mib=_number(free))
        for name, driver, total, free in rows
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None  # "[N/A]" on unified memory


def oldest_driver_for(cuda: str) -> int | None:
    """Return the oldest driver branch for a CUDA release such as "12.5.1"; None where the table does not say."""
    major = cuda.split(".")[0]
    return OLDEST_DRIVER.get(int(major)) if major.isdigit() else None

"""What is said about a GPU, on machines that nobody here has. The rows of nvidia-smi are NVIDIA's own format."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from modelport.runtimes.doctor.finding import Finding
from modelport.runtimes.doctor.gpu import GpuFacts, judge_gpu
from modelport.runtimes.doctor.import_probe import Imported
from modelport.runtimes.doctor.nvidia_driver import Gpu, ask_nvidia_smi, oldest_driver_for, parse_gpus

CUDA_12 = {"cuda": "12.5.1", "cudnn": "9", "gpus": 0}
PACKAGES = {"nvidia-cuda-runtime-cu12": "12.5.82", "nvidia-cudnn-cu12": "9.3.0.75"}


def facts(driver: str = "550.54.15", **changes: Any) -> GpuFacts:
    gpu = Gpu(name="NVIDIA RTX A2000", driver=driver, total_mib=6138, free_mib=5000)
    given: dict[str, Any] = {
        "system": "Linux",
        "gpus": (gpu,),
        "tensorflow": Imported(error=None, facts=CUDA_12 | {"gpus": 1}),
        "installed": PACKAGES,
    }
    return GpuFacts(**given | changes)


def by_name(found: GpuFacts) -> dict[str, Finding]:
    return {finding.name: finding for finding in judge_gpu(found)}


def tensorflow(**changes: Any) -> Imported:
    return Imported(error=None, facts=CUDA_12 | changes)


def test_a_gpu_that_tensorflow_finds_is_all_ok() -> None:
    found = by_name(facts())
    assert {"ok"} == {finding.state for finding in found.values()}
    assert "NVIDIA RTX A2000: 6,138 MiB, 5,000 free now" == found["device"].says


def test_native_windows_is_sent_to_wsl() -> None:
    (finding,) = judge_gpu(facts(system="Windows"))
    assert ("note", "training on a GPU") == (finding.state, finding.stops)
    assert str(finding.paste).startswith("wsl --install")


def test_macos_has_no_gpu_for_tensorflow() -> None:
    (finding,) = judge_gpu(facts(system="Darwin", gpus=()))
    assert "note" == finding.state


def test_no_gpu_is_no_problem() -> None:
    (finding,) = judge_gpu(facts(gpus=()))
    assert ("ok", None) == (finding.state, finding.stops)


@pytest.mark.parametrize(
    ("driver", "cuda", "oldest"),
    [
        pytest.param("470.256.02", "12.5.1", "525", id="cuda-12"),
        pytest.param("575.57.08", "13.0", "580", id="cuda-13"),
        pytest.param("440.33.01", "11.8.0", "450", id="cuda-11"),
    ],
)
def test_a_driver_too_old_is_named_with_the_one_that_is_needed(driver: str, cuda: str, oldest: str) -> None:
    """Rows of table 1 of NVIDIA's page on minor version compatibility."""
    finding = by_name(facts(driver, tensorflow=tensorflow(cuda=cuda)))["driver"]
    assert "problem" == finding.state
    assert all(word in finding.says for word in (driver, f"CUDA {cuda}", f"{oldest} or newer"))


@pytest.mark.parametrize(("driver", "cuda"), [("525.60.13", "12.5.1"), ("580.65.06", "12.5.1"), ("450.80.02", "11.8")])
def test_the_oldest_driver_of_the_table_and_any_newer_one_are_fine(driver: str, cuda: str) -> None:
    assert "ok" == by_name(facts(driver, tensorflow=tensorflow(cuda=cuda, gpus=1)))["driver"].state


def test_a_driver_whose_release_is_not_told_is_not_judged() -> None:
    finding = by_name(facts("[N/A]"))["driver"]
    assert ("note", True) == (finding.state, "not told (nvidia-smi says '[N/A]')" in finding.says)


@pytest.mark.parametrize(("found", "word"), [(False, "nvidia-smi is not installed"), (True, "nvidia-smi names no GPU")])
def test_an_nvidia_smi_that_names_nothing_is_not_called_missing(found: bool, word: str) -> None:
    (device,) = judge_gpu(facts(gpus=(), has_nvidia_smi=found))
    assert word in device.says
    driver = by_name(facts(gpus=(), has_nvidia_smi=found, has_device_files=True))["driver"]
    assert word.removeprefix("nvidia-smi ") in driver.says


def test_a_cuda_release_that_the_table_does_not_have_is_not_judged() -> None:
    assert oldest_driver_for("99.1") is None
    assert "ok" == by_name(facts(tensorflow=tensorflow(cuda="99.1", gpus=1)))["driver"].state


@pytest.mark.parametrize(
    ("changes", "state", "word"),
    [
        pytest.param({"installed": {}}, "note", "without [and-cuda]", id="without-and-cuda"),
        pytest.param({"visible": "-1"}, "note", "CUDA_VISIBLE_DEVICES is set to '-1'", id="hidden"),
        pytest.param({"visible": ""}, "note", "CUDA_VISIBLE_DEVICES is set to ''", id="hidden-by-nothing"),
        pytest.param({"tensorflow": tensorflow(cuda="")}, "note", "built without CUDA", id="cpu-build"),
        pytest.param({"tensorflow": None}, "note", "not installed", id="no-tensorflow"),
        pytest.param({"visible": "0"}, "problem", "although the driver and the CUDA packages are here", id="broken"),
    ],
)
def test_why_tensorflow_finds_none(changes: dict[str, Any], state: str, word: str) -> None:
    finding = by_name(facts(**{"tensorflow": tensorflow()} | changes))["TensorFlow"]
    assert (state, "training on the GPU") == (finding.state, finding.stops)
    assert word in finding.says


def test_another_cudnn_than_tensorflow_was_built_for_is_a_problem() -> None:
    finding = by_name(facts(installed=PACKAGES | {"nvidia-cudnn-cu12": "8.9.7.29"}))["cuDNN"]
    assert ("problem", True) == (finding.state, "8.9.7.29" in finding.says)


def test_a_driver_that_does_not_answer_is_a_problem() -> None:
    (finding,) = judge_gpu(facts(gpus=(), driver_error="NVIDIA-SMI has failed because it couldn't communicate"))
    assert ("problem", True) == (finding.state, "couldn't communicate" in finding.says)


def test_rows_of_nvidia_smi_are_read() -> None:
    rows = "NVIDIA H100 80GB HBM3, 550.54.15, 81559, 81008\nNVIDIA GB10, 580.95.05, [N/A], [N/A]\n"
    rows += "NVIDIA A, B, rev. 2, 550.54.15, 10, 5\n"
    expected = (
        Gpu(name="NVIDIA H100 80GB HBM3", driver="550.54.15", total_mib=81559, free_mib=81008),
        Gpu(name="NVIDIA GB10", driver="580.95.05", total_mib=None, free_mib=None),
        Gpu(name="NVIDIA A, B, rev. 2", driver="550.54.15", total_mib=10, free_mib=5),
    )
    assert expected == parse_gpus(rows)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for nvidia-smi")
@pytest.mark.parametrize(
    ("script", "error"), [("echo 'GPU X, 525.60.13, 10, 5'", None), ("echo failed; exit 9", "failed")]
)
def test_nvidia_smi_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, error: str | None) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    gpus, found = ask_nvidia_smi()
    assert (0 if error else 1, error) == (len(gpus), found)

"""Runtimes by name and version."""

import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.environment.requirement import as_requirement


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        # tflite-runtime 2.14.0 was built for NumPy 1, and its metadata asks for numpy>=1.23.2 without an upper bound
        ("tflite-runtime==2.14.0", ("tflite-runtime==2.14.0", "numpy<2")),
        ("tflite_runtime==2.14.0", ("tflite-runtime==2.14.0", "numpy<2")),
        # tensorflow 2.15.1 asks for numpy<2 itself; 2.18.0 was built for NumPy 2 (its release notes)
        ("tensorflow==2.15.1", ("tensorflow==2.15.1", "numpy<2")),
        ("tensorflow==2.18.0", ("tensorflow==2.18.0",)),
        ("TensorFlow==2.18.0rc1", ("tensorflow==2.18.0rc1",)),
        ("onnxruntime==1.16.3", ("onnxruntime==1.16.3", "numpy<2")),
        ("onnxruntime==1.19.0", ("onnxruntime==1.19.0",)),
        # run on 2026-11-21: with NumPy 2.4.6 1.0.1 raises SystemError, 1.2.0 does not
        ("ai-edge-litert==1.0.1", ("ai-edge-litert==1.0.1", "numpy<2")),
        # NVIDIA's build for Jetson is named so
        ("tensorflow==2.12.0+nv23.06", ("tensorflow==2.12.0+nv23.06", "numpy<2")),
        ("ai-edge-litert==1.2.0", ("ai-edge-litert==1.2.0",)),
    ],
)
def test_what_pip_is_asked_for(text: str, packages: tuple[str, ...]) -> None:
    requirement = as_requirement(text)
    assert requirement is not None
    assert packages == requirement.packages


@pytest.mark.parametrize(
    "text",
    [
        "old/bin/python",
        "tensorflow[and-cuda]==2.18",
        "tflite-runtime",
        "tflite-runtime>=2.14",
        "a b==1",
        "==1",
        r"C:\old",
        "",
        "x==y",
        "-e==1",
        "onnxruntime==1.19.*",
        "onnxruntime==1.19,<2",
    ],
)
def test_what_has_another_form_is_a_path(text: str) -> None:
    assert as_requirement(text) is None


@pytest.mark.parametrize("text", ["requests==2.0", "tf1ite-runtime==2.14.0", "tflite--runtimes==2.14.0"])
def test_a_package_that_nothing_runs_on_is_not_installed(text: str) -> None:
    with pytest.raises(InputError, match="not a runtime") as caught:
        as_requirement(text)
    assert "tflite-runtime" in str(caught.value.expected)

"""A TensorFlow.js model that was written by hand, run in Node; the oracle is its closed form."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import MissingExtraError, RuntimeFailure
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.runtimes.facts.description import Operator, TensorInfo
from modelport.runtimes.process.limits import Limits
from modelport.runtimes.tfjs.tfjs_packages import can_run, default_folder, find_node, find_packages
from modelport.runtimes.workers.workers import Workers, open_artifact
from numpy.typing import NDArray

Make = Callable[..., Path]


@pytest.fixture
def promise(small_contract: ModelContract) -> ModelContract:
    """Pixels 8 x 8, three labels."""
    head = ClassificationHead(name="label", labels=("red", "green", "blue"))
    return replace(small_contract, pixels=PixelContract(height=8, width=8), heads=(head,))


@pytest.fixture
def pixels() -> NDArray[np.float32]:
    return np.random.default_rng(0).random((5, 8, 8, 3), dtype=np.float32)


def closed_form(pixels: NDArray[np.float32], slope: float = 8.0) -> NDArray[Any]:
    powers = np.exp(slope * pixels.astype(np.float64).mean(axis=(1, 2)))
    answer: NDArray[Any] = powers / powers.sum(axis=1, keepdims=True)
    return answer


def refusal(path: Path, promise: ModelContract, tmp_path: Path) -> str:
    with pytest.raises(RuntimeFailure) as caught, open_artifact(path, "tfjs", promise, log=tmp_path / "log"):
        pass
    return str(caught.value.received)


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_both_backends_answer_the_closed_form(
    make_tfjs: Make,
    promise: ModelContract,
    pixels: NDArray[np.float32],
    in_node: Path,
    tmp_path: Path,
    backend: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODELPORT_TFJS_BACKEND", backend)
    with open_artifact(make_tfjs(tmp_path / "tfjs"), "tfjs", promise, log=tmp_path / "log") as session:
        for batch in (pixels[:1], pixels):
            answer = session.predict(batch)["label"]
            assert np.float32 == answer.dtype
            np.testing.assert_allclose(closed_form(batch), answer, rtol=0, atol=1e-6)
    node = subprocess.run([find_node(), "--version"], capture_output=True, text=True, check=True).stdout.strip("v\n")
    assert f"tfjs 4.22.0 {backend}, node {node}" == session.description.runtime


def test_the_description_says_what_stands_in_model_json(
    make_tfjs: Make, promise: ModelContract, in_node: Path, tmp_path: Path
) -> None:
    with open_artifact(make_tfjs(tmp_path / "tfjs"), "tfjs", promise, log=tmp_path / "log") as session:
        told = session.description
    assert (TensorInfo(name="image", dtype="float32", shape=(None, 8, 8, 3)),) == told.inputs
    assert (TensorInfo(name="label", dtype="float32", shape=(None, 3)),) == told.outputs
    assert ("Const", "MatMul", "Mean", "Placeholder", "Softmax") == tuple(one.name for one in told.operators)
    assert Operator(name="Const", version=0, count=2) in told.operators
    assert {"float32": 1, "int32": 1} == told.tensor_dtypes


def test_a_model_without_a_signature_is_asked_for_its_inputs(
    make_tfjs: Make, promise: ModelContract, pixels: NDArray[np.float32], in_node: Path, tmp_path: Path
) -> None:
    path = make_tfjs(tmp_path / "tfjs", signature=None)
    with open_artifact(path, "tfjs", promise, log=tmp_path / "log") as session:
        assert (TensorInfo(name="input", dtype="float32", shape=(None, 8, 8, 3)),) == session.description.inputs
        np.testing.assert_allclose(closed_form(pixels), session.predict(pixels)["label"], rtol=0, atol=1e-6)


def test_an_operator_that_is_not_there_is_named(
    make_tfjs: Make, promise: ModelContract, pixels: NDArray[np.float32], in_node: Path, tmp_path: Path
) -> None:
    path = make_tfjs(tmp_path / "tfjs", operator="Lgamma")
    with (
        open_artifact(path, "tfjs", promise, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure, match="tfjs runtime failed") as caught,
    ):
        session.predict(pixels)
    assert "Lgamma" in str(caught.value.received)


def test_pixels_of_another_shape_are_refused_and_the_next_batch_is_answered(
    make_tfjs: Make, promise: ModelContract, pixels: NDArray[np.float32], in_node: Path, tmp_path: Path
) -> None:
    with open_artifact(make_tfjs(tmp_path / "tfjs"), "tfjs", promise, log=tmp_path / "log") as session:
        with pytest.raises(RuntimeFailure) as caught:
            session.predict(pixels[:, :4])
        assert "shape" in str(caught.value.received)
        np.testing.assert_allclose(closed_form(pixels), session.predict(pixels)["label"], rtol=0, atol=1e-6)


def test_file_bytes_are_refused(make_tfjs: Make, promise: ModelContract, in_node: Path, tmp_path: Path) -> None:
    with open_artifact(make_tfjs(tmp_path / "tfjs"), "tfjs", promise, log=tmp_path / "log") as session:
        assert ("pixels",) == session.description.doors
        with pytest.raises(RuntimeFailure, match="not file bytes"):
            session.predict_encoded([b"a file"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"format": "layers-model"}, "not a graph model", id="layers"),
        pytest.param(
            {"weightsManifest": [{"paths": ["../w.bin"], "weights": []}]}, "outside the model's", id="outside"
        ),
        pytest.param(
            {"weightsManifest": [{"paths": ["gone.bin"], "weights": []}]}, "weights are missing", id="missing"
        ),
        pytest.param({"modelTopology": {"node": "none"}}, "TensorFlow.js model is damaged", id="damaged"),
        pytest.param({"modelTopology": {"node": []}}, "", id="no-nodes"),
    ],
)
def test_models_that_are_none_are_refused_with_the_reason(
    make_tfjs: Make, promise: ModelContract, in_node: Path, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    assert reason in refusal(make_tfjs(tmp_path / "tfjs", **changes), promise, tmp_path)


def test_cut_weights_are_refused(make_tfjs: Make, promise: ModelContract, in_node: Path, tmp_path: Path) -> None:
    path = make_tfjs(tmp_path / "tfjs")
    (path / "weights.bin").write_bytes(b"\0" * 43)
    assert "weights are cut off: 43 bytes, the manifest needs 44" in refusal(path, promise, tmp_path)


def test_an_unknown_backend_is_answered_with_the_known_ones(
    make_tfjs: Make, promise: ModelContract, in_node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPORT_TFJS_BACKEND", "webgpu")
    told = refusal(make_tfjs(tmp_path / "tfjs"), promise, tmp_path)
    assert "MODELPORT_TFJS_BACKEND" in told
    assert "wasm or cpu" in told


def missing(make_tfjs: Make, promise: ModelContract, tmp_path: Path) -> MissingExtraError:
    path = make_tfjs(tmp_path / "tfjs")
    with pytest.raises(MissingExtraError) as caught, open_artifact(path, "tfjs", promise, log=tmp_path / "log"):
        pass
    return caught.value


def test_without_node_the_error_says_where_it_comes_from(
    make_tfjs: Make, promise: ModelContract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = missing(make_tfjs, promise, tmp_path)
    assert "running a TensorFlow.js model needs Node.js, which is not installed" == error.what
    assert "install Node.js 18 or newer from https://nodejs.org" == error.fix
    assert not can_run()


@pytest.fixture
def any_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program named node on PATH, so that the packages are what is missing."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / ("node.exe" if sys.platform == "win32" else "node")
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.usefixtures("any_node")
def test_without_the_packages_the_error_ends_in_the_command_to_paste(
    make_tfjs: Make, promise: ModelContract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELPORT_NODE_MODULES", str(tmp_path / "my packages" / "node_modules"))
    error = missing(make_tfjs, promise, tmp_path)
    assert f"@tensorflow/tfjs-backend-wasm in {tmp_path / 'my packages' / 'node_modules'}" in error.what
    assert (
        f'npm install --prefix "{tmp_path / "my packages"}" @tensorflow/tfjs-core@4.22.0 '
        "@tensorflow/tfjs-converter@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0"
    ) == error.fix


@pytest.mark.usefixtures("any_node")
def test_packages_of_the_current_folder_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tfjs-core", "tfjs-converter", "tfjs-backend-cpu", "tfjs-backend-wasm"):
        file = tmp_path / "node_modules" / "@tensorflow" / name / "package.json"
        file.parent.mkdir(parents=True)
        file.write_text('{"version": "4.22.0"}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.delenv("MODELPORT_NODE_MODULES", raising=False)
    with pytest.raises(MissingExtraError, match="which is not installed"):
        find_packages()
    assert tmp_path / "home" / ".modelport" == default_folder()
    monkeypatch.setenv("MODELPORT_NODE_MODULES", "node_modules")
    assert (tmp_path / "node_modules", "4.22.0") == find_packages()


def test_a_node_of_the_current_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node").write_text("")
    (tmp_path / "node.exe").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([".", ""]))
    with pytest.raises(MissingExtraError, match=r"Node\.js"):
        find_node()


@pytest.mark.skipif(sys.platform == "win32", reason="any file is a program there")
def test_a_node_that_cannot_be_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, mode in (("a", 0o644), ("b", 0o755)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "node").write_text("#!/bin/sh\n")
        (tmp_path / folder / "node").chmod(mode)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    assert tmp_path / "b" / "node" == find_node()


@pytest.mark.slow
def test_the_command_that_is_told_installs_what_is_missing(
    make_tfjs: Make,
    promise: ModelContract,
    pixels: NDArray[np.float32],
    node_modules: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Needs the registry of npm; `node_modules` skips where there is none."""
    monkeypatch.setenv("MODELPORT_NODE_MODULES", str(tmp_path / "my packages" / "node_modules"))
    error = missing(make_tfjs, promise, tmp_path)
    subprocess.run(shlex.split(str(error.fix)), check=True, capture_output=True, timeout=300)
    with open_artifact(make_tfjs(tmp_path / "tfjs"), "tfjs", promise, log=tmp_path / "log") as session:
        np.testing.assert_allclose(closed_form(pixels), session.predict(pixels)["label"], rtol=0, atol=1e-6)


@pytest.fixture
def running(in_node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """Return a function that lists the Node processes of this test: they are started with a link of its own."""
    if sys.platform != "linux":
        pytest.skip("lists processes by /proc")
    link = tmp_path / "link" / "node_modules"
    link.parent.mkdir()
    link.symlink_to(in_node, target_is_directory=True)
    monkeypatch.setenv("MODELPORT_NODE_MODULES", str(link))

    def found() -> list[int]:
        lines = {int(file.parent.name): _read(file) for file in Path("/proc").glob("[0-9]*/cmdline")}
        return sorted(pid for pid, line in lines.items() if b"tfjs_runner.mjs" in line and bytes(link) in line)

    return found


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # ended meanwhile
        return b""


def test_node_ends_with_the_artifact_and_with_the_worker(
    make_tfjs: Make,
    promise: ModelContract,
    pixels: NDArray[np.float32],
    running: Callable[[], list[int]],
    tmp_path: Path,
) -> None:
    first, second = make_tfjs(tmp_path / "first"), make_tfjs(tmp_path / "second", slope=2.0)
    with Workers() as workers:
        with workers.open(first, "tfjs", promise, log=tmp_path / "log") as session:
            (before,) = running()
            np.testing.assert_allclose(closed_form(pixels), session.predict(pixels)["label"], rtol=0, atol=1e-6)
        with workers.open(second, "tfjs", promise, log=tmp_path / "log") as session:
            (after,) = running()
            np.testing.assert_allclose(closed_form(pixels, 2.0), session.predict(pixels)["label"], rtol=0, atol=1e-6)
        assert before != after
    assert all_end(running)


def all_end(running: Callable[[], list[int]]) -> bool:
    """Whether the processes end within seconds: a killed one is on the list until the system has taken it off."""
    deadline = time.monotonic() + 10
    while running() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not running()


def test_a_node_that_crashes_is_told(
    make_tfjs: Make,
    promise: ModelContract,
    pixels: NDArray[np.float32],
    running: Callable[[], list[int]],
    tmp_path: Path,
) -> None:
    with open_artifact(make_tfjs(tmp_path / "tfjs"), "tfjs", promise, log=tmp_path / "log") as session:
        (pid,) = running()
        os.kill(pid, 9)
        with pytest.raises(RuntimeFailure, match=r"Node\.js ended with exit code -9"):
            session.predict(pixels)


@pytest.mark.slow
def test_a_node_that_hangs_is_ended_by_the_clock(
    make_tfjs: Make,
    promise: ModelContract,
    pixels: NDArray[np.float32],
    running: Callable[[], list[int]],
    tmp_path: Path,
) -> None:
    path, limits = make_tfjs(tmp_path / "tfjs"), Limits(seconds=10)
    with open_artifact(path, "tfjs", promise, log=tmp_path / "log", limits=limits) as session:
        (pid,) = running()
        os.kill(pid, 19)  # SIGSTOP: it neither answers nor ends
        with pytest.raises(RuntimeFailure, match="took longer than 10 s"):
            session.predict(pixels)
    assert all_end(running)


def test_what_needs_more_memory_than_the_limit_is_refused(
    make_tfjs: Make, promise: ModelContract, in_node: Path, tmp_path: Path
) -> None:
    """A batch whose pixels alone are 0.6 GB, under a limit of 0.5."""
    limits, many = Limits(memory_mb=512), np.zeros((800_000, 8, 8, 3), dtype=np.float32)
    path = make_tfjs(tmp_path / "tfjs")
    with (
        open_artifact(path, "tfjs", promise, log=tmp_path / "log", limits=limits) as session,
        pytest.raises(RuntimeFailure),
    ):
        session.predict(many)


def test_what_tensorflow_js_prints_goes_to_the_log(
    make_tfjs: Make, promise: ModelContract, in_node: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = make_tfjs(tmp_path / "tfjs", operator="Lgamma")
    with (
        open_artifact(path, "tfjs", promise, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure),
    ):
        session.predict(np.zeros((1, 8, 8, 3), dtype=np.float32))
    assert ("", "") == capfd.readouterr()

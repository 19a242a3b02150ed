"""What other processes convert: the same bytes, within the memory there is, and none of them outlives the command."""

import threading
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import RuntimeFailure
from modelport.contract.run.run_folder import RunFolder
from modelport.convert.source import conversions
from modelport.convert.source.conversions import Conversions, processes_within
from modelport.runtimes.process.limits import are_enforced

pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")

from modelport.convert.convert import convert

MOBILENET = 3_000_000


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversions, "cores", lambda: 4)


@pytest.mark.usefixtures("four_cores")
class TestProcesses:
    def test_there_are_no_more_than_have_something_to_do(self) -> None:
        assert [0, 1, 2] == [processes_within(1 << 20, wanted, MOBILENET) for wanted in range(3)]

    def test_one_core_is_this_process_own(self) -> None:
        assert 3 == processes_within(1 << 20, 9, MOBILENET)

    def test_memory_is_shared_with_this_process(self) -> None:
        counts = [processes_within(memory, 2, MOBILENET) for memory in (512, 1024, 2048, 4096)]
        assert [0, 0, 1, 2] == counts

    def test_a_large_model_is_converted_alone(self) -> None:
        assert 0 == processes_within(4096, 2, 25_000_000)


def started(monkeypatch: pytest.MonkeyPatch) -> list[Conversions]:
    """Return the list that each Conversions with processes of its own is added to."""
    made, begin = list[Conversions](), Conversions.begin

    def noted(self: Conversions, *arguments: Any) -> None:
        if self._pool is not None:
            made.append(self)
        begin(self, *arguments)

    monkeypatch.setattr(Conversions, "begin", noted)
    return made


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(
    tiny_run: Path, four_cores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = started(monkeypatch)
    formats = ("frozen_graph", "tflite", "onnx")
    beside = {artifact.path: artifact.sha256 for artifact in convert(tiny_run, formats)}
    assert 2 == len(noted)
    alone = {artifact.path: artifact.sha256 for artifact in convert(tiny_run, formats, overwrite=True, memory_mb=512)}
    assert 2 == len(noted)
    assert alone == beside


def test_one_format_starts_no_process(tiny_run: Path, four_cores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = started(monkeypatch)
    convert(tiny_run, ("onnx",))
    assert not noted


@pytest.mark.slow
def test_what_cannot_be_converted_is_told_as_if_this_process_had_tried(
    tiny_run: Path, four_cores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelport.contract.errors import InputError
    from modelport.convert.to_onnx import writer as onnx_writer

    monkeypatch.setattr(onnx_writer, "_arguments", _of_no_head(onnx_writer._arguments))
    with pytest.raises(InputError, match="cannot be converted to ONNX"):
        convert(tiny_run, ("frozen_graph", "onnx"))
    assert {"trained_model_graph.pb"} == {one.path for one in RunFolder(tiny_run).read_lock().artifacts}


def _of_no_head(make: Any) -> Any:
    return lambda *given: make(*given) | {"opset": 99}


@pytest.mark.slow
@pytest.mark.skipif(not are_enforced(), reason="this system enforces no memory limit")
def test_a_converter_that_takes_too_much_memory_is_a_failure_that_says_so(tmp_path: Path) -> None:
    with Conversions(1, memory_mb=512, log=tmp_path / "log") as small:
        arguments = {"saved_model": str(tmp_path), "model": "m", "allow_flex": False, "to": str(tmp_path / "m")}
        filler = {"filler": "x" * (200 << 20)}  # what it must hold already is more than it may
        small.begin("modelport.convert.to_tflite.conversion:convert_to_tflite", lambda: arguments | filler)
        with pytest.raises(RuntimeFailure, match="convert to tflite failed"):
            small.result("modelport.convert.to_tflite.conversion:convert_to_tflite", arguments | filler)


def test_nothing_outlives_the_block(tmp_path: Path) -> None:
    with Conversions(2, log=tmp_path / "log") as begun:
        begun.begin("modelport.convert.to_onnx.conversion:load_converters", dict)
        processes = [worker._process for worker in _eventually(begun)]
    assert all(process.wait(timeout=10) is not None for process in processes)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.startswith("ThreadPoolExecutor"):
            thread.join(timeout=10)
            assert not thread.is_alive()


def _eventually(begun: Conversions) -> list[Any]:
    clock = threading.Event()
    for _ in range(200):
        pool = begun._workers.pool
        found = [*pool._busy, *pool._idle]
        if len(found) == 2:
            return found
        clock.wait(0.05)
    raise AssertionError("two processes should have started")

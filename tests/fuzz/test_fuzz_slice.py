"""A slice of benchmarks/fuzz.py: a few hundred broken files, none of which may end in anything but an error of ours."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from modelport.tests.fuzz.fuzzer.campaign import plan, run_campaign
from modelport.tests.fuzz.fuzzer.cases import make_case
from modelport.tests.fuzz.fuzzer.edge_values import Traps
from modelport.tests.fuzz.fuzzer.fuzz_table import count_formats, table_lines

TRAPS = Traps(folder="/tmp/trap", url="http://127.0.0.1:9/x")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /proc to look for processes in")


@pytest.mark.slow
@posix_only
def test_no_broken_file_ends_in_anything_but_an_error_of_ours() -> None:
    outcomes: list[dict[str, Any]] = []
    ids = plan(320, 1, ["tflite", "onnx", "tfjs", "png", "jpeg"])
    if importlib.util.find_spec("tensorflow"):
        ids += plan(12, 1, ["pb"])
    run_campaign(ids, 1, outcomes.append)
    report = "\n".join(table_lines(outcomes))
    cases = [one for one in outcomes if one["id"] != "end"]
    assert sorted(ids) == sorted(one["id"] for one in cases), report
    assert [] == [one for one in outcomes if one["escapes"] or one.get("unwrapped")], report
    for name, row in count_formats(cases).items():
        assert row["parsed"] >= row["cases"] / 2, (
            f"{name}: mutations that no parser lets through prove little\n{report}"
        )
        assert row["ran"] or name == "tfjs", f"{name}: no mutated file gave an answer\n{report}"


@posix_only
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        pytest.param("import os; os.kill(os.getpid(), 11)", "ended with SIGSEGV", id="crash"),
        pytest.param("import pathlib; (pathlib.Path.home() / 'x').write_text('')", "wrote home/x", id="file"),
        pytest.param("raise KeyError('x')", "KeyError", id="foreign-error"),
        pytest.param("import warnings; warnings.warn('x')", "UserWarning", id="warning"),
        pytest.param(
            "import re, socket, os; socket.create_connection(('127.0.0.1', int(os.environ['FUZZ_PORT']))).close()",
            "called over the network",
            id="network",
        ),
    ],
)
def test_the_fuzzer_sees_what_it_must_not_miss(tmp_path: Path, harm: str, told: str) -> None:
    """A door that does harm is put in the place of decoding."""
    program = f"""
import json, os, sys
from pathlib import Path
from modelport.tests.fuzz.fuzzer import doors
from modelport.tests.fuzz.fuzzer.cases import make_case
from modelport.tests.fuzz.fuzzer.watched_ground import prepare_ground

def harm(*_):
    {harm}

doors._decode = harm
ground = prepare_ground(Path({str(tmp_path / "ground")!r}))
os.environ["FUZZ_PORT"] = str(ground.listener.getsockname()[1])
outcome = doors.try_case(make_case("png", 0, 1, ground.traps), doors.WarmWorkers(ground, 'png'), ground, in_node=False)
print(json.dumps(outcome.to_json()))
"""
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60)
    if told == "ended with SIGSEGV":
        assert -11 == done.returncode
        return
    (escape,) = json.loads(done.stdout)["escapes"]
    assert told in escape


@pytest.mark.slow
@posix_only
def test_the_fuzzer_sees_a_process_that_a_worker_left(tmp_path: Path) -> None:
    program = f"""
import subprocess
from pathlib import Path
from modelport.tests.fuzz.fuzzer.watched_ground import prepare_ground

ground = prepare_ground(Path({str(tmp_path / "ground")!r}))
left = subprocess.Popen(["sleep", "60"], start_new_session=True)
ground.sessions.add(left.pid)
print(ground.left_over({{left.pid}}), ground.left_over(set()))
left.kill()
left.wait()
"""
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "[] ['left sleep of a worker that has ended']" == done.stdout.strip()


@pytest.mark.parametrize("format", ["tflite", "onnx", "tfjs", "png", "jpeg"])
def test_a_case_is_the_same_again_and_no_other(format: str) -> None:
    first, again, other = (make_case(format, 3, number, TRAPS) for number in (5, 5, 6))
    assert (first.files, first.done) == (again.files, again.done)
    assert first.files != other.files

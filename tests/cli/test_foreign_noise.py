"""In a process of its own, because pytest holds the file descriptors of this one."""

import subprocess
import sys
from pathlib import Path

import pytest


def run(code: str, log: Path) -> subprocess.CompletedProcess[str]:
    preamble = "import os, sys\nfrom modelport.cli.foreign_noise import noise_to\n"
    command = [sys.executable, "-P", "-c", preamble + code, str(log)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


NOISE = """
print("before"); sys.stdout.flush()
with noise_to(sys.argv[1]):
    print("python out"); print("python err", file=sys.stderr)
    os.write(1, b"native out\\n"); os.write(2, b"native err\\n")
    os.system("echo child")
print("after"); print("trouble", file=sys.stderr)
"""


def test_noise_of_python_of_native_code_and_of_children_goes_to_the_log(tmp_path: Path) -> None:
    done = run(NOISE, tmp_path / "logs" / "noise.log")
    assert ("before\nafter\n", "trouble\n", 0) == (done.stdout, done.stderr, done.returncode)
    noise = (tmp_path / "logs" / "noise.log").read_text().split("\n")
    assert {"python out", "python err", "native out", "native err", "child", ""} == set(noise)


def test_a_log_is_added_to_not_replaced(tmp_path: Path) -> None:
    for _ in range(2):
        run(NOISE, tmp_path / "noise.log")
    assert 2 == (tmp_path / "noise.log").read_text().count("native out")


def test_after_an_error_everything_is_as_before(tmp_path: Path) -> None:
    code = """
try:
    with noise_to(sys.argv[1]):
        raise OSError("stop")
except OSError:
    print("caught"); os.write(2, b"native\\n")
"""
    done = run(code, tmp_path / "noise.log")
    assert ("caught\n", "native\n") == (done.stdout, done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="needs /proc or /dev/fd: not on Windows")
def test_no_file_descriptor_is_left_open(tmp_path: Path) -> None:
    code = """
count = lambda: len(os.listdir("/dev/fd"))
before = count()
for _ in range(20):
    with noise_to(sys.argv[1]): pass
print(count() - before)
"""
    assert "0\n" == run(code, tmp_path / "noise.log").stdout

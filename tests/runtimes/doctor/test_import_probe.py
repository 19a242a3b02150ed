"""Importing in a child. Modules are made here, so that each fails in its own way."""

import os
import sys
from pathlib import Path

import pytest
from modelport.runtimes.doctor.import_probe import probe_imports


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {
        "fine_one": "print('noise on stdout')",
        "raising": "raise ImportError('libcudart.so.12: cannot open')",
        "crashing": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "leaving": "import sys; sys.exit('no licence')",
        "hanging": "import time; time.sleep(60)",
    }
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))


def test_what_prints_on_import_is_still_imported() -> None:
    assert probe_imports(["fine_one"])["fine_one"].error is None


def test_an_error_is_its_first_line() -> None:
    assert "ImportError: libcudart.so.12: cannot open" == probe_imports(["raising"])["raising"].error


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_crash_is_named_and_stops_no_other() -> None:
    found = probe_imports(["fine_one", "crashing", "json"])
    assert "its import crashed with SIGSEGV" == found["crashing"].error
    assert (None, None) == (found["fine_one"].error, found["json"].error)


def test_leaving_is_named_with_its_last_words() -> None:
    assert "its import ended with code 1: no licence" == probe_imports(["leaving"])["leaving"].error


def test_hanging_ends_after_the_limit() -> None:
    assert "took longer than 1.5 s to import" == probe_imports(["hanging"], timeout_s=1.5)["hanging"].error


def test_tensorflow_says_what_it_was_built_for() -> None:
    tf = pytest.importorskip("tensorflow")
    found = probe_imports(["tensorflow"])["tensorflow"]
    assert found.error is None
    assert len(tf.config.list_physical_devices("GPU")) == found.facts["gpus"]
    assert tf.sysconfig.get_build_info().get("cuda_version", "") == found.facts["cuda"]

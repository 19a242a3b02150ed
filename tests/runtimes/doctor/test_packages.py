import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import modelport
import pytest
from modelport.runtimes.doctor.finding import Finding
from modelport.runtimes.doctor.packages import (
    PackageFacts,
    judge_packages,
    measure_packages,
    parse_pins,
    parse_requirement,
)
from packaging.utils import canonicalize_name

LINES = ["numpy>=1.26", 'keras>=3.12; extra == "tensorflow"', 'modelport[tensorflow]; extra == "dev"']
PINS = "# measured\nnumpy==2.4.6\nkeras==3.15.1\nml_dtypes==0.6.0\n"


def judged(installed: Mapping[str, str]) -> dict[str, Finding]:
    needed = tuple(filter(None, map(parse_requirement, LINES)))
    facts = PackageFacts(needed=needed, measured=parse_pins(PINS), installed=installed)
    return {finding.name: finding for finding in judge_packages(facts)}


@pytest.mark.parametrize(
    ("installed", "state", "word"),
    [
        pytest.param("2.4.6", "ok", "as measured", id="equal"),
        pytest.param("2.0.1", "note", "older", id="older"),
        pytest.param("2.10.0", "note", "newer", id="newer"),
        pytest.param("1.25.9", "problem", "too old", id="below-the-floor"),
        # PEP 440: `pip install "numpy>=1.26"` does not take 1.26.0rc1, which came before it
        pytest.param("1.26.0rc1", "problem", "too old", id="a-candidate-of-the-floor"),
        pytest.param("2.4.6rc1", "note", "older", id="a-candidate-of-what-was-measured"),
        pytest.param("2.4.6.post1", "note", "newer", id="a-post-release"),
        pytest.param("2.4.6+cpu", "ok", "as measured", id="a-build"),
        pytest.param("2.20.dev20260101", "note", "newer", id="a-nightly"),
        pytest.param("1.x-custom", "problem", "too old", id="what-pip-reads-as-no-version"),
    ],
)
def test_a_release_is_compared_with_the_floor_and_with_what_was_measured(installed: str, state: str, word: str) -> None:
    finding = judged({"numpy": installed, "keras": "3.15.1"})["numpy"]
    assert (state, True) == (finding.state, word in finding.says)


def test_a_missing_package_of_the_base_is_a_problem_and_of_an_extra_a_note() -> None:
    found = judged({})
    assert ("problem", "pip install modelport") == (found["numpy"].state, found["numpy"].paste)
    assert ("note", 'pip install "modelport[tensorflow]"') == (found["keras"].state, found["keras"].paste)


def test_what_these_packages_need_is_one_line() -> None:
    found = judged({"numpy": "2.4.6", "keras": "3.15.1", "ml-dtypes": "0.5.4"})
    assert "ml-dtypes 0.5.4 (measured 0.6.0)" in found["what these need"].says
    assert {"numpy", "keras", "what these need"} == set(found)


def test_the_facts_are_those_of_pip() -> None:
    asked = [sys.executable, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    facts = measure_packages()
    assert {canonicalize_name(entry["name"]): entry["version"] for entry in listed} == dict(facts.installed)
    assert importlib.metadata.version("numpy") == facts.installed["numpy"]


def test_constraints_travel_with_the_package() -> None:
    beside = Path(modelport.__path__[0], "constraints.txt").read_text(encoding="utf-8")
    assert f"numpy=={measure_packages().measured['numpy']}\n" in beside

from dataclasses import replace

import pytest
from modelport.runtimes.doctor.finding import Finding
from modelport.runtimes.doctor.python_install import PythonFacts, judge_python

GOOD = PythonFacts(
    release=(3, 11, 7),
    executable="/venv/bin/python",
    in_environment=True,
    has_ensurepip=True,
    is_debian=True,
    encoding="utf-8",
    package_folder="/site/modelport",
)


def one(name: str, **changes: object) -> Finding:
    (finding,) = [finding for finding in judge_python(replace(GOOD, **changes)) if finding.name == name]  # type: ignore[arg-type]
    return finding


def test_a_fit_python_is_all_ok() -> None:
    assert {"ok"} == {finding.state for finding in judge_python(GOOD)}


@pytest.mark.parametrize("release", [(3, 11, 2), (3, 13, 0)])
def test_debian_without_ensurepip_is_told_the_package_of_its_own_release(release: tuple[int, int, int]) -> None:
    """Debian: "apt install python3.11-venv", as `python3 -m venv` itself says there."""
    finding = one("new environments", release=release, has_ensurepip=False)
    assert "note" == finding.state
    assert f"sudo apt install python3.{release[1]}-venv" == finding.paste


def test_elsewhere_nobody_is_sent_to_apt() -> None:
    assert "apt" not in str(one("new environments", has_ensurepip=False, is_debian=False).paste)


@pytest.mark.parametrize(
    ("release", "state"),
    [((3, 10, 12), "problem"), ((3, 11, 0), "ok"), ((3, 13, 9), "ok"), ((3, 14, 0), "note")],
)
def test_the_release_is_judged(release: tuple[int, int, int], state: str) -> None:
    assert state == one("Python", release=release).state


def test_a_python_too_new_for_tensorflow_stops_the_extra_alone() -> None:
    assert "[tensorflow]" in str(one("Python", release=(3, 14, 0)).stops)


@pytest.mark.parametrize(
    ("encoding", "state"), [("utf-8", "ok"), ("UTF8", "ok"), ("cp1252", "note"), ("ascii", "note")]
)
def test_a_terminal_that_is_not_utf8_is_told_the_switch(encoding: str, state: str) -> None:
    finding = one("text", encoding=encoding)
    assert state == finding.state
    assert (state == "note") == ("PYTHONUTF8=1" in str(finding.paste))

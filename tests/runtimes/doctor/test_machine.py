"""Injected facts, and this machine's own against another tool's."""

import platform
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from modelport.runtimes.doctor import machine as doctor_machine
from modelport.runtimes.doctor.finding import Finding
from modelport.runtimes.doctor.folders import FolderFacts, judge_folder, measure_folder, measure_working_folder
from modelport.runtimes.doctor.machine import (
    LEAST_DISK_BYTES,
    TRAINING_BYTES,
    Disk,
    MachineFacts,
    judge_machine,
    measure_machine,
)
from modelport.runtimes.process.memory_limit import cgroup_limit_bytes

GOOD = MachineFacts(
    total_bytes=8 * 2**30,
    free_bytes=6 * 2**30,
    limit_bytes=None,
    disks=(Disk(use="working folder", folder="/work", free_bytes=10**11),),
    limits_workers=True,
    node="v20.1.0",
)
only_linux = pytest.mark.skipif(platform.system() != "Linux", reason="free, df and resource are compared on Linux")


def by_name(facts: MachineFacts) -> dict[str, Finding]:
    return {finding.name: finding for finding in judge_machine(facts)}


def test_memory_of_the_machine_and_of_the_container_are_shown() -> None:
    assert "8.0 GiB, 6.0 GiB free" == by_name(GOOD)["memory"].says
    assert "this container may use 2.0 GiB" in by_name(replace(GOOD, limit_bytes=2**31))["memory"].says
    assert "does not tell" in by_name(replace(GOOD, total_bytes=None, free_bytes=None))["memory"].says


@pytest.mark.parametrize(
    ("free", "state"), [(LEAST_DISK_BYTES - 1, "problem"), (LEAST_DISK_BYTES, "ok"), (None, "problem")]
)
def test_a_disk_without_room_for_a_run_is_a_problem(free: int | None, state: str) -> None:
    disk = Disk(use="working folder", folder="/work", free_bytes=free)
    assert state == by_name(replace(GOOD, disks=(disk,)))["working folder"].state


@pytest.mark.parametrize(
    ("free", "limit", "state"),
    [
        (TRAINING_BYTES, None, "ok"),
        (TRAINING_BYTES - 1, None, "note"),
        (8 * 2**30, TRAINING_BYTES - 1, "note"),
        (None, None, "ok"),
    ],
)
def test_too_little_memory_to_train_at_the_defaults_is_a_note(free: int | None, limit: int | None, state: str) -> None:
    finding = by_name(replace(GOOD, free_bytes=free, limit_bytes=limit))["memory"]
    assert (state, state == "note") == (finding.state, "--batch-size 8" in str(finding.paste))


def test_a_system_that_does_not_limit_workers_is_a_note() -> None:
    assert ("ok", "note") == tuple(by_name(replace(GOOD, limits_workers=b))["limits"].state for b in (True, False))


@only_linux
def test_what_is_measured_is_what_free_and_df_say() -> None:
    facts = measure_machine()
    total, *_, available = (
        subprocess.run(["free", "-b"], capture_output=True, text=True, check=True).stdout.splitlines()[1].split()[1:]
    )
    assert int(total) == facts.total_bytes
    assert int(available) == pytest.approx(facts.free_bytes, rel=0.1)
    shown = subprocess.run(["df", "-B1", "--output=avail", "."], capture_output=True, text=True, check=True).stdout
    assert int(shown.split()[-1]) == pytest.approx(facts.disks[0].free_bytes, rel=0.02)
    assert facts.limits_workers


def test_a_limit_that_is_not_obeyed_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child stands for one that gets all the memory it asks for."""
    monkeypatch.setattr(sys, "executable", "/bin/false" if Path("/bin/false").exists() else "false")
    assert not doctor_machine._limits_are_obeyed()


@pytest.mark.parametrize(
    ("line", "file", "text", "limit"),
    [
        pytest.param("0::/a/b", "a/b/memory.max", "1048576\n", 1048576, id="version-2"),
        pytest.param("0::/a/b", "a/memory.max", "2048\n", 2048, id="around-it"),
        pytest.param("0::/host/path", "memory.max", "4096\n", 4096, id="mounted-at-the-root"),
        pytest.param("0::/a", "a/memory.max", "max\n", None, id="no-limit"),
        pytest.param("4:memory:/x", "memory/x/memory.limit_in_bytes", "1024", 1024, id="version-1"),
        pytest.param("4:memory:/x", "memory/x/memory.limit_in_bytes", "9223372036854771712", None, id="version-1-none"),
        pytest.param("4:cpu,cpuacct:/x", "memory/x/memory.limit_in_bytes", "1024", None, id="another-controller"),
    ],
)
def test_the_containers_limit_is_read(tmp_path: Path, line: str, file: str, text: str, limit: int | None) -> None:
    """Files as docs.kernel.org describes them."""
    (tmp_path / "cgroup").write_text(line + "\n")
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    assert limit == cgroup_limit_bytes(tmp_path / "cgroup", tmp_path)


def test_a_system_without_control_groups_has_no_limit(tmp_path: Path) -> None:
    assert cgroup_limit_bytes(tmp_path / "absent", tmp_path) is None


def test_a_folder_is_probed_and_left_as_it_was(tmp_path: Path) -> None:
    facts = measure_folder(tmp_path)
    assert [] == list(tmp_path.iterdir())
    assert facts.refusal is None
    if platform.system() == "Linux":
        assert (True, True, True, True) == (facts.has_links, facts.has_unicode, facts.has_long_paths, facts.minds_case)


def test_a_folder_that_is_not_there_stops_writing_and_nothing_else(tmp_path: Path) -> None:
    (finding,) = judge_folder(measure_folder(tmp_path / "absent"))
    assert ("note", "results written here") == (finding.state, finding.stops)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no folder that a process is in")
def test_a_working_folder_that_was_deleted_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    monkeypatch.setenv("PWD", str(tmp_path / "gone"))
    (tmp_path / "gone").rmdir()
    (finding,) = judge_folder(measure_working_folder())
    assert ("note", "results written here") == (finding.state, finding.stops)
    assert f"{tmp_path / 'gone'}: it was deleted" in finding.says
    assert str(tmp_path / "gone") == measure_machine().disks[0].folder


def test_what_a_file_system_cannot_do_is_said() -> None:
    poor = FolderFacts(folder="x", has_links=False, has_unicode=False, has_long_paths=False, minds_case=False)
    says = {finding.name: finding.says for finding in judge_folder(poor)}
    assert "copies every image" in says["hard links"]
    assert "260 characters" in says["long paths"]
    assert "A and a are one file" in says["case"]

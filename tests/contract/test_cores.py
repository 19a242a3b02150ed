"""How many cores a process may use: by its affinity, and by the control groups of a container.

The files are those of Linux' documentation: cgroup-v2.rst (cpu.max) and scheduler/sched-bwc.rst (cpu.cfs_quota_us).
"""

import os
from pathlib import Path

import pytest
from modelport.contract.cores import cores


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """An affinity of eight cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def _v2(limit: str) -> dict[str, str]:
    return {"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": limit}


V1 = "11:memory:/docker/ab2c\n4:cpu,cpuacct:/docker/ab2c\n0::/"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, 8, id="no-control-groups"),
        pytest.param(_v2("200000 100000"), 2, id="v2"),
        pytest.param(_v2("150000 100000"), 2, id="part-of-a-core"),
        pytest.param(_v2("1000 100000"), 1, id="at-least-one"),
        pytest.param(_v2("max 100000"), 8, id="v2-no-limit"),
        pytest.param(_v2("1600000 100000"), 8, id="more-than-there-are"),
        pytest.param(
            {
                "proc/self/cgroup": "0::/ci.slice/job 1.scope",
                "sys/fs/cgroup/ci.slice/cpu.max": "300000 100000",
                "sys/fs/cgroup/ci.slice/job 1.scope/cpu.max": "max 100000",
            },
            3,
            id="v2-limit-of-a-group-above",
        ),
        pytest.param(
            {
                "proc/self/cgroup": V1,
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            4,
            id="v1-in-a-container-that-sees-the-path-of-the-machine",
        ),
        pytest.param(
            {
                "proc/self/cgroup": V1,
                "sys/fs/cgroup/cpu/docker/ab2c/cpu.cfs_quota_us": "50000",
                "sys/fs/cgroup/cpu/docker/ab2c/cpu.cfs_period_us": "50000",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            1,
            id="v1-on-the-machine",
        ),
        pytest.param(
            {
                "proc/self/cgroup": V1,
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            8,
            id="v1-no-limit",
        ),
        pytest.param(_v2("two of them"), 8, id="unreadable"),
    ],
)
def test_the_share_of_a_container_counts(tmp_path: Path, files: dict[str, str], expected: int) -> None:
    assert expected == cores(_write(tmp_path, files))


def test_affinity_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {5}, raising=False)
    assert 1 == cores(tmp_path)


def test_systems_without_affinity_count_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert 6 == cores(tmp_path)

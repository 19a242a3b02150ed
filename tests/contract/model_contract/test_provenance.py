import re
import subprocess
import sys
from importlib.metadata import version

from modelport.contract.model_contract.provenance import new_run_id, tool_versions, utc_now


def test_run_ids_are_unique_and_sort_by_time() -> None:
    ids = [new_run_id() for _ in range(100)]
    assert 100 == len(set(ids))
    assert all(re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", name) for name in ids)


def test_time_is_utc_to_the_second() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", utc_now())


def test_versions_are_those_installed_and_missing_packages_are_left_out() -> None:
    assert {"numpy": version("numpy")} == tool_versions("numpy", "no-such-package")


def test_versions_are_read_without_importing_the_packages() -> None:
    code = (
        "import sys; from modelport.contract.model_contract.provenance import tool_versions\n"
        "print('numpy' in tool_versions(), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert "True False\n" == done.stdout

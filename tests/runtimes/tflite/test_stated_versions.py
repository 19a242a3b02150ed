"""Rows of the table against what is known from elsewhere; test_open_tflite.py holds it against whole files."""

import pytest
from modelport.contract.model_contract.tflite_release import release_key
from modelport.runtimes.tflite.stated_versions import FIRST_RELEASE, first_release


@pytest.mark.parametrize(
    ("operator", "version", "release"),
    [
        # tflite-runtime 2.14 and TensorFlow 2.15 refuse it (DESIGN.md, fact 16)
        pytest.param("FULLY_CONNECTED", 12, "2.17.0", id="per-channel-dense"),
        pytest.param("FULLY_CONNECTED", 9, "2.3.0", id="per-tensor-dense"),
        pytest.param("CONV_2D", 1, "1.5.0", id="conv"),
        pytest.param("HARD_SWISH", 1, "1.15.0", id="hard-swish"),
        pytest.param("TRANSPOSE", 7, "2.14.4", id="with-a-patch-release"),
        pytest.param("BROADCAST_TO", 1, None, id="a-version-no-release-serves"),
        pytest.param("CONV_2D", 99, None, id="later-than-the-table"),
        pytest.param("CONV_2D", 0, None, id="no-version"),
        pytest.param("MADE_UP", 1, None, id="unknown"),
    ],
)
def test_first_release(operator: str, version: int, release: str | None) -> None:
    assert release == first_release(operator, version)


def test_no_release_goes_down_as_versions_go_up() -> None:
    falling = {
        name
        for name, releases in FIRST_RELEASE.items()
        if (known := [release_key(release) for release in releases if release != "-"]) != sorted(known)
    }
    assert set() == falling


def test_every_operator_is_one_of_the_schema() -> None:
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    assert set() == set(FIRST_RELEASE) - set(vars(schema.BuiltinOperator))

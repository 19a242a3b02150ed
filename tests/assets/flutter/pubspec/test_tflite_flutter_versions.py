"""The plugin's release that runs a file, from the literal table."""

import pytest
from modelport.assets.flutter.pubspec.tflite_flutter_versions import BUNDLED, NEWEST, TFLITE_FLUTTER, oldest_plugin
from modelport.assets.flutter.pubspec.version import oldest_allowed, release_of
from modelport.contract.errors import InputError
from modelport.contract.model_contract.tflite_release import DEFAULT_MIN_TFLITE


def test_the_pin_is_the_newest_release_of_the_table() -> None:
    assert list(BUNDLED)[-1] == NEWEST
    assert f"^{NEWEST}" == TFLITE_FLUTTER
    assert sorted(map(release_of, BUNDLED)) == list(map(release_of, BUNDLED))


def test_a_file_that_the_contracts_default_allows_runs_on_every_platform() -> None:
    assert oldest_plugin(DEFAULT_MIN_TFLITE, "model.tflite") in BUNDLED


@pytest.mark.parametrize("needed", [None, "1.15.0", "2.4.0", "2.12.0"])
def test_older_operators_run_on_every_listed_release(needed: str | None) -> None:
    assert oldest_plugin(needed, "model.tflite") == "0.11.0"


def test_a_file_that_needs_a_newer_runtime_than_any_brings_is_refused_with_both_platforms() -> None:
    with pytest.raises(InputError) as caught:
        oldest_plugin("2.17.0", "model.dynamic_int8.tflite")
    assert "LiteRT 1.4.0 on Android, TensorFlow Lite 2.12.0 on iOS" in str(caught.value.expected)
    assert caught.value.received == "operators that need TensorFlow Lite 2.17.0"


@pytest.mark.parametrize(
    ("constraint", "oldest"),
    [
        ("^0.12.1", (0, 12, 1)),
        ("0.12.1", (0, 12, 1)),
        (">=0.11.0 <0.13.0", (0, 11, 0)),
        (">0.11.0", (0, 11, 0)),
        ("<0.13.0 >=0.12.0", (0, 12, 0)),
        ("^1.2.3-beta.1", (1, 2, 3)),
        ("any", None),
        ("", None),
        ("<0.13.0", None),
        ("0.12", None),
    ],
)
def test_constraints_are_read_as_pub_reads_them(constraint: str, oldest: tuple[int, int, int] | None) -> None:
    assert oldest == oldest_allowed(constraint)

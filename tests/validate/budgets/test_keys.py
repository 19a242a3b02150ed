"""Values of budgets, by hand."""

from typing import Any

import pytest
from modelport.contract.errors import UsageError
from modelport.validate.budgets.keys import BUDGET_KEYS, read_option, read_value


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        pytest.param(1234, 1234, id="an-integer-is-bytes"),
        pytest.param("4 MB", 4_000_000, id="MB-is-decimal"),
        pytest.param("4MiB", 4_194_304, id="MiB-is-binary"),
        pytest.param("800 kB", 800_000, id="kB"),
        pytest.param("1.5 GiB", 1_610_612_736, id="GiB"),
        pytest.param("12 B", 12, id="bytes"),
    ],
)
def test_sizes_become_integers_of_bytes(text: object, size_bytes: int) -> None:
    value = read_value("max_bytes", text, "file")
    assert (size_bytes, int) == (value, type(value))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_bytes", "4 MX"),
        ("max_bytes", 4.5),
        ("max_bytes", -1),
        ("max_bytes", True),
        ("max_bytes", "0 MB"),
        ("max_drop_points", "half"),
        ("max_drop_points", -0.1),
        ("max_drop_points", 101),
        ("max_class_recall_drop_points", 101),
        ("min_top1", 90),
        ("min_top1", True),
        ("min_top3", 1.01),
        ("min_agreement", "95 %"),
        ("max_probability_difference", 2),
        ("max_mae", float("inf")),
        ("max_mae", float("nan")),
        ("max_value_difference", -1),
        ("max_compressed_bytes", "4 MX"),
        ("min_class_recall", 80),
        ("max_mae_increase", -0.1),
        ("max_train_validation_gap", 101),
        ("max_latency_ms", 0),
        ("max_latency_ms", "50 ms"),
        ("max_latency_ratio", 0),
        ("max_latency_ratio", float("inf")),
        ("max_peak_memory_mb", "500 MB"),
        ("max_delegate_partitions", 1.5),
        ("max_delegate_partitions", -1),
        ("max_float_operators", True),
        ("forbid_flex", 1),
        ("forbid_flex", "yes"),
        ("forbid_custom_operators", 0),
        ("min_tflite", 2.12),
        ("min_tflite", "newest"),
        ("min_tflite", "\uff12.\uff11\uff12.\uff10"),  # full-width digits, which int() reads
    ],
)
def test_wrong_type_or_range_is_refused_with_what_was_expected(key: str, value: object) -> None:
    with pytest.raises(UsageError) as caught:
        read_value(key, value, "modelport.toml [budgets]")
    assert f"modelport.toml [budgets] {key}" in str(caught.value)
    assert caught.value.expected
    assert repr(value) == caught.value.received


def test_unknown_key_is_answered_with_the_nearest_and_all_known() -> None:
    with pytest.raises(UsageError, match="unknown budget 'max_byte'") as caught:
        read_value("max_byte", 1, "file")
    assert "did you mean 'max_bytes'" in str(caught.value)
    assert all(key in str(caught.value) for key in BUDGET_KEYS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max_bytes=4MB", ("max_bytes", 4_000_000)),
        ("max_bytes = 400", ("max_bytes", 400)),
        ("min_top1=0.9", ("min_top1", 0.9)),
        ("max_drop_points=1", ("max_drop_points", 1.0)),
        ("min_tflite=2.12", ("min_tflite", "2.12")),
        ("max_compressed_bytes=4MiB", ("max_compressed_bytes", 4_194_304)),
        ("max_latency_ms=50", ("max_latency_ms", 50.0)),
        ("max_float_operators=0", ("max_float_operators", 0)),
        ("forbid_flex=true", ("forbid_flex", True)),
        ("forbid_custom_operators=False", ("forbid_custom_operators", False)),
        ("heads.gender.min_top1=0.92", ("heads.gender.min_top1", 0.92)),
        ("heads.a.b.max_mae=4", ("heads.a.b.max_mae", 4.0)),
    ],
)
def test_options_are_read_like_the_file(text: str, expected: tuple[str, Any]) -> None:
    assert expected == read_option(text)


def test_option_without_a_value_is_refused() -> None:
    with pytest.raises(UsageError, match="not KEY=VALUE"):
        read_option("max_bytes")

"""There is no GPU where these tests run: a stand-in for `tf.config` writes down what it is told."""

from typing import Any

import pytest
from modelport.training.fit.gpu import choose_policy, configure_gpus, out_of_memory


class Config:
    """`tf.config` of a machine with some GPUs."""

    def __init__(self, gpus: int) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.experimental = self
        self._gpus = [f"GPU:{index}" for index in range(gpus)]

    def list_physical_devices(self, kind: str) -> list[str]:
        assert kind == "GPU"
        return self._gpus

    def set_memory_growth(self, gpu: str, enable: bool) -> None:
        self.calls.append(("growth", gpu, enable))

    def LogicalDeviceConfiguration(self, memory_limit: int) -> tuple[str, int]:  # noqa: N802  # TensorFlow's name
        return "limit", memory_limit

    def set_logical_device_configuration(self, gpu: str, limits: list[tuple[str, int]]) -> None:
        self.calls.append((gpu, *limits))


def test_memory_grows_on_every_gpu() -> None:
    config = Config(gpus=2)
    assert 2 == configure_gpus(config, None)
    assert [("growth", "GPU:0", True), ("growth", "GPU:1", True)] == config.calls


def test_a_limit_takes_the_place_of_growth() -> None:
    """TensorFlow refuses both for one device."""
    config = Config(gpus=1)
    assert 1 == configure_gpus(config, 4096)
    assert [("GPU:0", ("limit", 4096))] == config.calls


def test_without_a_gpu_nothing_is_set() -> None:
    config = Config(gpus=0)
    assert 0 == configure_gpus(config, 4096)
    assert [] == config.calls


def test_tensorflow_has_every_name_that_the_stand_in_has() -> None:
    tf = pytest.importorskip("tensorflow", reason="its names are needed")
    assert callable(tf.config.list_physical_devices)
    assert callable(tf.config.experimental.set_memory_growth)
    assert callable(tf.config.set_logical_device_configuration)
    assert 4096 == tf.config.LogicalDeviceConfiguration(memory_limit=4096).memory_limit


@pytest.mark.parametrize(
    ("precision", "gpus", "policy"),
    [
        ("auto", 0, "float32"),
        ("auto", 1, "mixed_float16"),
        ("float32", 1, "float32"),
        ("mixed_float16", 0, "mixed_float16"),
    ],
)
def test_the_policy_is_mixed_where_there_is_a_gpu_or_by_order(precision: str, gpus: int, policy: str) -> None:
    assert policy == choose_policy(precision, gpus)


@pytest.mark.parametrize(("batch_size", "smaller"), [(32, 16), (3, 1), (1, 1)])
def test_out_of_memory_names_a_smaller_batch(batch_size: int, smaller: int) -> None:
    error = out_of_memory(batch_size, (200, 300), MemoryError("OOM when allocating tensor\nmore"))
    assert f"--resume --batch-size {smaller}," in str(error.fix)
    assert "200 x 300 pixels" in str(error.where)
    assert "OOM when allocating tensor" == error.received


def test_an_allocation_that_fails_without_a_word_is_told_too() -> None:
    assert "MemoryError" == out_of_memory(32, (200, 200), MemoryError()).received

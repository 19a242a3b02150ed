"""GPU memory: grow as needed, or stay under a limit; mixed precision where there is a GPU."""

from typing import Any

from ...contract.errors import InputError


def configure_gpus(config: Any, memory_limit_mb: int | None) -> int:
    """Keep TensorFlow from taking all of a GPU's memory at once. Must run before the first operation.

    Args:
        config: `tf.config`.
        memory_limit_mb: megabytes per GPU; None: grow as needed.

    Returns:
        The number of GPUs.
    """
    gpus = config.list_physical_devices("GPU")
    for gpu in gpus:
        if memory_limit_mb is None:
            config.experimental.set_memory_growth(gpu, True)
        else:
            limit = config.LogicalDeviceConfiguration(memory_limit=memory_limit_mb)
            config.set_logical_device_configuration(gpu, [limit])
    return len(gpus)


def choose_policy(precision: str, gpus: int) -> str:
    """Return the Keras dtype policy for "auto", "float32" or "mixed_float16".

    Example:
        >>> choose_policy("auto", gpus=0), choose_policy("auto", gpus=1)
        ('float32', 'mixed_float16')
    """
    if precision == "auto":
        return "mixed_float16" if gpus else "float32"
    return precision


def out_of_memory(batch_size: int, image_size: tuple[int, int], error: Exception) -> InputError:
    """Return the error for a failed allocation."""
    height, width = image_size
    smaller = max(1, batch_size // 2)
    return InputError(
        "out of memory",
        where=f"batches of {batch_size} images of {height} x {width} pixels",
        received=(str(error).splitlines() or [type(error).__name__])[0][:300],
        fix=f"modelport train ... --resume --batch-size {smaller}, or a smaller --image-size in a new run",
    )

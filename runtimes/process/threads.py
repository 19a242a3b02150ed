"""How many threads a runtime computes with: said to a worker by its environment, before anything is imported there."""

import os

#: Read by the drivers of runtimes that are told when a file is opened.
VARIABLE = "MODELPORT_THREADS"

#: Read by libraries when they are loaded: TensorFlow's two pools, OpenMP, and the linear algebra below NumPy.
_OF_LIBRARIES = (
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)


def thread_variables(threads: int | None) -> dict[str, str]:
    """Return what the environment of a worker says; nothing where its runtime decides by itself."""
    return {} if threads is None else dict.fromkeys((VARIABLE, *_OF_LIBRARIES), str(threads))


def threads_here() -> int | None:
    """Return how many threads this process was told; None: its runtime decides."""
    told = os.environ.get(VARIABLE, "")
    return int(told) if told.isdigit() and int(told) else None

"""What running an artifact costs here, as types: time and memory. `measure_rules.py` judges them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What one artifact costs on the machine that judges it. None: not measured, and `reasons` says why.

    Attributes:
        latency_ms_median: milliseconds for one image, batch 1, measured alone; half of the calls take less.
        latency_ms_p90: milliseconds within which nine of ten calls are done.
        latency_ms_interval: between what that median lies in 95 of 100 cases (latency_interval.py).
        latency_ratio: median of each call over that of the float32 artifact of the same format in the same round; below
            1 is faster than it.
        latency_ratio_interval: as for the milliseconds.
        latency_runs: how many calls were timed.
        threads: how many the runtime was given.
        peak_memory_mb: largest resident memory of a process that runs nothing else (VmHWM; ru_maxrss where there is no
            /proc), above what it held with the runtime loaded and no file open; 10^6 bytes.
        delegate_partitions: pieces that the runtime's CPU delegate (XNNPACK) takes of a TFLite file.
        reasons: name of an attribute above to why it is None, such as "no --latency was asked for".

    """

    latency_ms_median: float | None = None
    latency_ms_p90: float | None = None
    latency_ms_interval: tuple[float, float] | None = None
    latency_ratio: float | None = None
    latency_ratio_interval: tuple[float, float] | None = None
    latency_runs: int = 0
    threads: int | None = None
    peak_memory_mb: float | None = None
    delegate_partitions: int | None = None
    reasons: dict[str, str] = field(default_factory=dict)

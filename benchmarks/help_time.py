"""How long `modelport --help` takes, as a ratio to importing click alone.

Run: python benchmarks/help_time.py
"""

import statistics
import subprocess
import sys
import time

CALLS = {
    "python -m modelport --help": ["-m", "modelport", "--help"],
    'python -c "import click"': ["-c", "import click"],
}
ROUNDS = 21


def seconds(arguments: list[str]) -> float:
    """Return the wall time of one Python process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Interleave the calls, and print median, spread and ratio."""
    measured: dict[str, list[float]] = {name: [] for name in CALLS}
    for turn in range(ROUNDS + 1):
        for name, arguments in CALLS.items():
            took = seconds(arguments)
            if turn:  # the first round warms the file cache
                measured[name].append(took)
    for name, times in measured.items():
        low, middle, high = statistics.quantiles(times, n=4)
        print(f"{name:<28} median {1000 * middle:.0f} ms, quartiles {1000 * low:.0f} to {1000 * high:.0f}")
    ours, click = (statistics.median(times) for times in measured.values())
    print(f"ratio {ours / click:.2f}")


if __name__ == "__main__":
    main()

"""Feed modelport mutated models and images through every door; nothing may end in anything but an error of ours.

Run: python benchmarks/fuzz.py --cases 20000 --seed 0
     python benchmarks/fuzz.py --only tflite:0:1234        one case: its file, what was done to it, what became of it
Each case is made again from format:seed:number. TensorFlow.js needs MODELPORT_NODE_MODULES.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from modelport.tests.fuzz.fuzzer.campaign import plan, read_outcomes, run_campaign
from modelport.tests.fuzz.fuzzer.cases import FORMATS, make_case
from modelport.tests.fuzz.fuzzer.edge_values import Traps
from modelport.tests.fuzz.fuzzer.fuzz_table import table_lines


def main() -> int:
    """Return 1 if anything escaped."""
    options = _options()
    if options.only:
        return _one(options.only)
    outcomes = read_outcomes(options.resume) if options.resume else []
    tried = {told["id"] for told in outcomes}
    ids = [case for case in plan(options.cases, options.seed, options.formats) if case not in tried]
    start, shown = time.monotonic(), 0.0
    with open(options.resume or Path(tempfile.gettempdir()) / "fuzz-outcomes.jsonl", "a", encoding="utf-8") as file:

        def told(outcome: dict[str, Any]) -> None:
            nonlocal shown
            outcomes.append(outcome)
            print(json.dumps(outcome), file=file, flush=True)
            done, seconds = len(outcomes) - len(tried), time.monotonic() - start
            if seconds - shown > 10:
                shown = seconds
                rate, bad = done / seconds, sum(bool(one["escapes"]) for one in outcomes)
                left = (len(ids) - done) / rate / 60
                text = f"{done:,} of {len(ids):,}, {rate:.0f}/s, {left:.0f} min left, {bad} escapes"
                print(text, file=sys.stderr, flush=True)

        run_campaign(ids, options.workers, told)
    seconds = time.monotonic() - start
    print("\n".join(table_lines(outcomes)))
    print(f"\n{len(ids):,} cases in {seconds:,.0f} s, {len(ids) / seconds:.1f} per second, {options.workers} processes")
    return int(any(one["escapes"] for one in outcomes))


def _one(id: str) -> int:
    """Write the files of one case, say what was done to them and what became of it."""
    kind, seed, number = id.split(":")
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    case = make_case(kind, int(seed), int(number), Traps(folder=str(folder / "trap"), url="http://127.0.0.1:9/x"))
    for name, data in case.files.items():
        (folder / name).write_bytes(data)
    print(f"{id}: {case.seed} in {folder}", *case.done, sep="\n  ")
    outcomes: list[dict[str, Any]] = []
    run_campaign([id], 1, outcomes.append)
    print(json.dumps(outcomes[0], indent=2))
    return int(bool(outcomes[0]["escapes"]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--formats", nargs="+", choices=[*FORMATS], default=[*FORMATS])
    parser.add_argument("--workers", type=int, default=2, help="fuzzing processes, each with workers of its own")
    parser.add_argument("--resume", type=Path, help="file of outcomes: read, gone on with, and written")
    parser.add_argument("--only", metavar="FORMAT:SEED:NUMBER", help="one case")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

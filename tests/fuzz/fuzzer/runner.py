"""One fuzzing process: `python -m ...runner ROOT NODE`; ids of cases on stdin, outcomes as JSON lines on stdout."""

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from .case import Case
from .cases import make_case, seeds_of
from .doors import WarmWorkers, try_case
from .watched_ground import WatchedGround, prepare_ground

#: How often processes are looked for that nobody waits for.
_LOOK_EVERY = 100


def serve(ground: WatchedGround, *, in_node: bool) -> None:
    """Try one case after the other; the workers of a format stay warm until another is asked for."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what decoders print
    kind, tried, workers = "", 0, WarmWorkers(ground, "")
    with ExitStack() as stack:
        for line in sys.stdin:
            name, seed, number = line.strip().split(":")
            if name != kind:
                stack.close()
                kind, workers = name, WarmWorkers(ground, name)
                stack.enter_context(workers)
                _learn(kind, workers, ground, in_node)
            case = make_case(name, int(seed), int(number), ground.traps)
            outcome = try_case(case, workers, ground, in_node=in_node)
            tried += 1
            if tried % _LOOK_EVERY == 0:
                outcome.escapes += ground.left_over(workers.pool.alive)
            print(json.dumps(outcome.to_json() | {"done": case.done}), file=answers, flush=True)
        stack.close()
    print(json.dumps({"id": "end", "escapes": ground.left_over(set())}), file=answers, flush=True)


def _learn(format: str, workers: WarmWorkers, ground: WatchedGround, in_node: bool) -> None:
    """Try the sound files first: what a runtime writes for them is no escape of a broken one."""
    for seed in seeds_of(format):
        case = Case(id=f"{format}:sound:0", seed=seed.name, files=seed.files, contract=seed.contract)
        outcome = try_case(case, workers, ground, in_node=in_node)
        written = [text.removeprefix("wrote ") for text in outcome.escapes if text.startswith("wrote home/")]
        ground.known |= set(written)
        print(f"{format}: sound {seed.name}: {outcome.doors}", *written, file=sys.stderr)
        if not outcome.ran and (in_node or format != "tfjs"):
            raise SystemExit(f"{seed.name} does not run: {outcome.doors}")


if __name__ == "__main__":
    serve(prepare_ground(Path(sys.argv[1])), in_node=sys.argv[2] == "node")

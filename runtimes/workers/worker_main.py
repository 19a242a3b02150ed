"""The process in which artifacts are opened and run.

`python -P -m modelport.runtimes.workers.worker_main MEMORY_MB WRITTEN_MB` starts it. It
reads frames on stdin and answers each on stdout, with the request's token. Whatever a runtime prints goes to the log
that the request names. It ends, with what it started, when the process that asks it ends.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, BinaryIO

from numpy.typing import NDArray

from ...contract.errors import MissingExtraError, ModelportError
from ...contract.model_contract.model_contract import ModelContract
from ..facts.driver import Driver
from ..process.error_frames import error_to_json
from ..process.frames import read_frame, write_frame
from ..process.limits import limit_this_process
from ..process.tasks import do_task
from .driver_registry import open_driver


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the session closes its end. One artifact is open at a time."""
    driver: Driver | None = None
    while True:
        try:
            header, arrays = read_frame(requests)
        except EOFError:
            return
        reply = partial(_reply, answers, header["token"])
        if "log" in header:
            _print_to(header["log"])
        try:
            match header["ask"]:
                case "open":
                    driver = None  # the one before frees its memory first
                    contract, facts = ModelContract.from_json(header["contract"]), header.get("facts", True)
                    driver = open_driver(header["format"], header["path"], contract, facts=facts)
                    reply({"description": driver.description.to_json()})
                case "task":
                    reply(do_task(header["task"], header["arguments"]))
                case "time":
                    assert driver is not None
                    reply({"ms": _time(driver, header["door"], arrays)})
                case door:
                    assert driver is not None
                    heads = _predict(driver, door, arrays)
                    reply({"heads": list(heads)}, list(heads.values()))
        except MissingExtraError as error:
            reply({"missing": error_to_json(error)})
        except ModelportError as error:
            reply({"refused": str(error)})
        except Exception as error:  # a runtime raises whatever it likes; the session names it
            reply({"refused": f"{type(error).__name__}: {str(error).strip()[:2000]}"})


def _reply(answers: BinaryIO, token: str, fields: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    write_frame(answers, fields | {"token": token}, arrays)


def _predict(driver: Driver, door: str, arrays: list[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    if door == "pixels":
        return driver.predict(arrays[0])
    return driver.predict_encoded([array.tobytes() for array in arrays])


def _time(driver: Driver, door: str, arrays: list[NDArray[Any]]) -> float:
    """Return the milliseconds of one call: without the way through the pipes, which no app goes."""
    start = time.perf_counter_ns()
    _predict(driver, door, arrays)
    return (time.perf_counter_ns() - start) / 1e6


def _print_to(log: str) -> None:
    """Send what is printed from now on, by Python and by native code, to the end of the file `log`."""
    sys.stdout.flush()
    target = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream in (1, 2):
        os.dup2(target, stream)
    os.close(target)


def _end_with(requests: BinaryIO) -> None:
    """End this process, and what it started, when the other end of `requests` is closed: nobody waits for answers.

    A thread does, while native code of a runtime runs: the runtimes let go of Python's lock. Linux's PR_SET_PDEATHSIG
    would end a worker with the thread that started it, or with a script around the interpreter, and leave what it
    started. Windows cannot wait for the end of a pipe.
    """
    if sys.platform != "win32":
        import select

        closed = select.poll()
        closed.register(requests, 0)  # no event asked for, but POLLHUP, which is always told

        def wait() -> None:
            closed.poll()
            os.killpg(0, signal.SIGKILL)  # the group is the worker's own

        threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Keep stdin and stdout for frames, and give the runtime an empty stdin and stderr for stdout."""
    limit_this_process(*map(int, sys.argv[1:3]))
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    _end_with(requests)
    serve(requests, answers)


if __name__ == "__main__":
    main()

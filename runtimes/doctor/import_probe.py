"""Import packages in a child process, so that one that crashes is named and harms nobody: see `probe_imports`.

The child keeps this process's environment, CUDA_VISIBLE_DEVICES too, because whether TensorFlow finds the GPU is part
of the answer; the workers of runtimes/workers/workers.py are never shown it.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

#: TensorFlow alone takes 3 to 11 s on two cores (measured on this project's machine); a cold disk takes far longer.
TIMEOUT_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of one import.

    Attributes:
        error: None: it was imported.
        facts: of tensorflow: cuda, cudnn (what it was built for), gpus (how many it finds).
    """

    error: str | None
    facts: dict[str, Any] = field(default_factory=dict)


def probe_imports(modules: Sequence[str], timeout_s: float = TIMEOUT_S) -> dict[str, Imported]:
    """Import each module in a child; after one that ends the child, go on with the next in another child.

    Args:
        modules: such as "onnxruntime".
        timeout_s: seconds that one child may take.

    Returns:
        Module to what came of it, in the order given.
    """
    results: dict[str, Imported] = {}
    waiting = list(modules)
    while waiting:
        found, end = _ask(waiting, timeout_s)
        results |= found
        waiting = [module for module in waiting if module not in results]
        if waiting:
            results[waiting.pop(0)] = Imported(error=end)
    return results


def _ask(modules: Sequence[str], timeout_s: float) -> tuple[dict[str, Imported], str]:
    """Return what the child told, and how it ended."""
    command = [sys.executable, "-P", "-m", "modelport.runtimes.doctor.import_probe", *modules]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            env=environment,
        )
        told, end = done.stdout, _end(done.returncode, done.stderr)
    except subprocess.TimeoutExpired as error:
        told, end = error.stdout or b"", f"took longer than {timeout_s:g} s to import"
    found = {}
    for line in told.decode("utf-8", "replace").splitlines():
        with suppress(ValueError, KeyError):
            answer = json.loads(line)
            found[answer["module"]] = Imported(error=answer["error"], facts=answer["facts"])
    return found, end


def _end(code: int, printed: bytes) -> str:
    last = (printed.decode("utf-8", "replace").strip().splitlines() or [""])[-1][:200]
    if code < 0:
        with suppress(ValueError):
            name = signal.Signals(-code).name
            return f"its import crashed with {name}" + (
                ": this processor is too old for it" if name == "SIGILL" else ""
            )
    return f"its import ended with code {code}" + (f": {last}" if last else "")


def _describe_tensorflow(module: Any) -> dict[str, Any]:
    build = module.sysconfig.get_build_info()
    return {
        "cuda": str(build.get("cuda_version", "")) if build.get("is_cuda_build") else "",
        "cudnn": str(build.get("cudnn_version", "")) if build.get("is_cuda_build") else "",
        "gpus": len(module.config.list_physical_devices("GPU")),
    }


#: Modules that are asked more than whether they can be imported.
_DESCRIBED: dict[str, Callable[[Any], dict[str, Any]]] = {"tensorflow": _describe_tensorflow}


def main(modules: Sequence[str]) -> None:
    """Import each, and write a JSON line about it to what was stdout; what packages print goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        for name in modules:
            answer: dict[str, Any] = {"module": name, "error": None, "facts": {}}
            try:
                module = importlib.import_module(name)
                answer["facts"] = _DESCRIBED.get(name, lambda _: {})(module)
            except Exception as error:  # a package raises whatever it likes
                answer["error"] = f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:300]}"
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

"""What a worker process does besides running an artifact: one question, one answer, both JSON."""

import importlib
from pathlib import Path
from typing import Any

from ...contract.errors import ModelportError
from ..process.error_frames import error_to_json
from ..process.limits import Limits
from .workers import Workers

#: Task to the function that does it, which takes a dictionary and returns one. By name: only a worker imports them.
TASKS = {
    "convert_to_onnx": "convert.to_onnx.conversion:convert_to_onnx",
    "convert_to_tflite": "convert.to_tflite.conversion:convert_to_tflite",
    "file_suspects": "runtimes.inspect.file_suspects:file_suspects",
    "inspect": "runtimes.inspect.inspect_file:inspect_file",
    "load_converters": "convert.to_onnx.conversion:load_converters",
    "load_runtime": "runtimes.workers.driver_registry:load_runtime",
    "memory_use": "runtimes.process.memory_use:memory_use",
    "onnx_facts": "runtimes.onnx_file.onnx_driver:onnx_facts",
    "package_versions": "runtimes.workers.driver_registry:package_versions",
    "rewrite_as_keras": "training.adopt.rewrite.rewrite_as_keras:rewrite_as_keras",
    "tfjs_facts": "runtimes.tfjs.tfjs_driver:tfjs_facts",
    "tflite_facts": "runtimes.tflite.open_tflite:tflite_facts",
    "try_out": "runtimes.inspect.try_out:try_out",
}


def run_task(
    name: str, arguments: dict[str, Any], *, log: str | Path, timeout_s: float = 120.0, limits: Limits | None = None
) -> dict[str, Any]:
    """Do a task in a worker process of its own.

    Args:
        name: a key of TASKS.
        arguments: JSON values; paths are absolute.
        log: file that receives what foreign code prints (appended).
        timeout_s: seconds that it may take; `limits` replaces it where given.
        limits: None: the defaults.

    Raises:
        ModelportError: what the task raised, the same class and text.
        RuntimeFailure: the task crashed, hung, or raised something foreign.
    """
    with Workers(limits=limits or Limits(seconds=timeout_s)) as workers:
        return workers.perform(name, arguments, log=log)


def do_task(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Do a task in this process, which is a worker; return the fields of the answer."""
    try:
        return {"done": call_task(name, arguments)}
    except ModelportError as error:
        return {"error": error_to_json(error)}


def call_task(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Do a task in this process; raises what it raises."""
    file, function = TASKS[name].split(":")
    answer: dict[str, Any] = getattr(importlib.import_module(f"...{file}", __package__), function)(arguments)
    return answer

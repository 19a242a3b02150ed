"""What a worker process does besides running an artifact: one question, one answer, both JSON.

A task is a function below `modelport` that is marked with `@task`, and is asked for by its module and name. So this
file names none of them, and nothing else is called, whatever is written on a worker's pipe.
"""

import importlib
from collections.abc import Callable
from typing import Any

from ...contract.errors import ModelportError
from .error_frames import error_to_json

Task = Callable[[dict[str, Any]], dict[str, Any]]

#: "modelport.runtimes.process.memory_use:memory_use" to the function, for the modules that were imported so far.
_MARKED: dict[str, Task] = {}


def task(function: Task) -> Task:
    """Let workers call a function, which takes a dictionary of JSON values and returns one."""
    _MARKED[f"{function.__module__}:{function.__name__}"] = function
    return function


def do_task(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Do a task in this process, which is a worker; return the fields of the answer."""
    try:
        return {"done": call_task(name, arguments)}
    except ModelportError as error:
        return {"error": error_to_json(error)}


def call_task(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Do a task in this process.

    Args:
        name: its module and function: "modelport.runtimes.process.memory_use:memory_use". Only a worker imports the
            module.
        arguments: JSON values; paths are absolute.

    Raises:
        LookupError: the module has no such task, or lies outside of modelport.
        ImportError: there is no such module. Besides, whatever the task raises.
    """
    module, _, _ = name.partition(":")
    if module.startswith(f"{__name__.partition('.')[0]}."):
        importlib.import_module(module)
    return _MARKED[name](arguments)

"""ONNX through tf2onnx, with dynamic batch and the contract in its metadata."""

import shutil
from pathlib import Path
from typing import Any

from ..options.export_options import OnnxOptions
from ..source.source import Source

DEFAULTS = OnnxOptions()
_TASK = "modelport.convert.to_onnx.conversion:convert_to_onnx"


def begin_onnx(source: Source, options: OnnxOptions = DEFAULTS) -> None:
    """Let another process convert meanwhile, if there is one."""
    source.conversions.begin(_TASK, lambda: _arguments(source, options))


def write_onnx(source: Source, destination: Path, options: OnnxOptions = DEFAULTS) -> None:
    """Write an ONNX file that onnx.checker accepts.

    Input: "image", a batch in the form that the artifact takes; see Source.taken. Outputs: head names, (batch, width).

    Raises:
        InputError: an operator has no ONNX counterpart, or the file does not pass onnx.checker.
    """
    arguments = _arguments(source, options)
    source.conversions.result(_TASK, arguments)
    shutil.move(arguments["to"], destination)


def _arguments(source: Source, options: OnnxOptions) -> dict[str, Any]:
    return {
        "graph": str(source.frozen_file),
        "input": source.frozen.input,
        "outputs": list(source.frozen.outputs),
        "dtype": source.taken.dtype,
        "axes": list(source.taken.axes),
        "layout": source.taken.layout,
        "heads": [head.name for head in source.contract.heads],
        "opset": options.opset,
        "promise": source.promise,
        "model": source.model.name,
        "to": str(source.scratch / f"opset_{options.opset}.onnx"),
    }

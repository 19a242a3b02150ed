"""Against the converter, which states what its own rules ask for, and against files that state too little."""

from pathlib import Path
from typing import Any

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as schema
from modelport.runtimes.tflite.needed_versions import Signature, needed_version
from modelport.runtimes.tflite.open_tflite import read_tflite

SHARED = Path(__file__).parents[4] / "shared/data"
FOREIGN = (
    "coral/mobilenet_v1_0.25_128_quant.tflite",
    "mlperf_tiny/pretrainedResnet.tflite",
    "mlperf_tiny/pretrainedResnet_quant.tflite",
    "tflite_support/automl_labeler_model.tflite",
    "tflite_support/mobilenet_v1_0.25_224_1_default_1.tflite",
    "weights/v3-large-minimalistic_224_1.0_uint8.tflite",
)


@pytest.mark.parametrize("name", ["float32", "float16", "dynamic_int8", "full_int8"])
def test_the_converters_files_state_what_they_need(exported_run: Path, name: str) -> None:
    assert () == read_tflite((exported_run / f"model.{name}.tflite").read_bytes())["understated_operators"]


@pytest.mark.parametrize("name", FOREIGN)
def test_nobody_elses_sound_file_is_accused(name: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("../shared/data is absent")
    assert () == read_tflite((SHARED / name).read_bytes())["understated_operators"]


def with_versions(data: bytes, version: int) -> bytes:
    """Return the model with that version stated by every operator, as ai-edge-quantizer writes it."""
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    for code in model.operatorCodes:
        code.version = version
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.mark.parametrize(
    ("name", "operator", "version", "release"),
    [
        ("dynamic_int8", "CONV_2D", 5, "2.4.0"),
        ("dynamic_int8", "FULLY_CONNECTED", 3, None),
        ("full_int8", "CONV_2D", 3, None),
        ("full_int8", "ADD", 2, None),
    ],
)
def test_stating_too_little_is_seen(
    exported_run: Path, name: str, operator: str, version: int, release: str | None
) -> None:
    data = (exported_run / f"model.{name}.tflite").read_bytes()
    facts: dict[str, Any] = read_tflite(with_versions(data, 1))
    (sentence,) = (text for text in facts["understated_operators"] if text.startswith(f"{operator} states version 1"))
    assert f"that is version {'9' if operator == 'FULLY_CONNECTED' else version}" in sentence
    assert read_tflite(data)["min_tflite"] == facts["min_tflite"]
    assert release in (None, facts["min_tflite"])


@pytest.mark.parametrize(
    ("signature", "version"),
    [
        (Signature(name="FULLY_CONNECTED", inputs=("float32", "float32", "float32"), outputs=("float32",)), 1),
        (Signature(name="FULLY_CONNECTED", inputs=("float32", "int8"), outputs=("float32",)), 3),
        (
            Signature(name="FULLY_CONNECTED", inputs=("float32", "int8"), outputs=("float32",), asymmetric_inputs=True),
            9,
        ),
        (Signature(name="FULLY_CONNECTED", inputs=("float32", "int8"), outputs=("float32",), per_channel=True), 12),
        (Signature(name="CONV_2D", inputs=("float32", "int8"), outputs=("float32",), per_channel=True), 5),
        (Signature(name="DEPTHWISE_CONV_2D", inputs=("float32", "int8"), outputs=("float32",), per_channel=True), 6),
        (Signature(name="CONV_2D", inputs=("int8", "int8", "int32"), outputs=("int8",), per_channel=True), 3),
        (Signature(name="HARD_SWISH", inputs=("int8",), outputs=("int8",)), 1),
        (Signature(name="ADD", inputs=(), outputs=("int8",)), 1),
    ],
)
def test_versions_are_those_of_tensorflows_rules(signature: Signature, version: int) -> None:
    assert version == needed_version(signature)[0]

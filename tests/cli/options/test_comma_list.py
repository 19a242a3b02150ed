import pytest
from modelport.cli.options.comma_list import parse_names
from modelport.contract.errors import UsageError

KNOWN = {"tflite": 1, "onnx": 2, "keras": 3}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("all", ("tflite", "onnx", "keras")),
        ("onnx,all", ("tflite", "onnx", "keras")),
        ("onnx", ("onnx",)),
        ("onnx,tflite", ("tflite", "onnx")),
        (" onnx , tflite,onnx", ("tflite", "onnx")),
    ],
)
def test_names_come_in_the_order_in_which_they_are_known(text: str, names: tuple[str, ...]) -> None:
    assert names == parse_names(text, KNOWN, "--to")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("tf", "tf"), ("onnx,TFLite", "TFLite"), ("", "an empty name"), ("onnx,", "an empty name"), ("all,tf", "tf")],
)
def test_an_unknown_name_is_answered_with_the_known_ones(text: str, unknown: str) -> None:
    with pytest.raises(UsageError, match="unknown name: --to") as caught:
        parse_names(text, KNOWN, "--to")
    assert "all, tflite, onnx, keras" == caught.value.expected
    assert unknown == caught.value.received

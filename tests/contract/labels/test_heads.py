import pytest
from modelport.contract.errors import InputError
from modelport.contract.labels.heads import ClassificationHead, RegressionHead, head_from_json, head_to_json


def test_heads_come_back_from_json() -> None:
    for head in (ClassificationHead(name="sign", labels=("A", "B")), RegressionHead(name="age", unit="years")):
        assert head == head_from_json(head_to_json(head))


def test_width_is_the_number_of_values_per_image() -> None:
    assert ClassificationHead(name="sign", labels=("A", "B", "C")).width == 3
    assert RegressionHead(name="age", unit="years").width == 1


@pytest.mark.parametrize("labels", [(), ("A",), ("A", "A"), ("A", ""), ("A", "B\n")])
def test_labels_that_cannot_name_outputs_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        ClassificationHead(name="sign", labels=labels)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({}, id="no-kind"),
        pytest.param({"kind": "segmentation", "name": "x"}, id="unknown-kind"),
        pytest.param({"kind": "regression", "name": "x"}, id="no-unit"),
        pytest.param({"kind": "regression", "name": "x", "unit": "y", "more": 1}, id="unknown-key"),
        pytest.param({"kind": "classification", "name": "x", "labels": [0, 1]}, id="labels-are-numbers"),
        pytest.param({"kind": "classification", "name": "x", "labels": None}, id="no-labels"),
        pytest.param([], id="list"),
    ],
)
def test_json_that_is_no_head_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="head is not understood"):
        head_from_json(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "my head", "a/b", "café", "image", "Image", "encoded", "model", "x" + "\n"])
def test_a_name_that_not_every_format_takes_is_refused(name: str) -> None:
    """The rule of TensorFlow's operators (`[A-Za-z0-9.][A-Za-z0-9_.\\\\/>-]*`) is wider."""
    with pytest.raises(InputError, match="cannot have this name"):
        RegressionHead(name=name, unit="years")
    with pytest.raises(InputError, match="cannot have this name"):
        ClassificationHead(name=name, labels=("a", "b"))

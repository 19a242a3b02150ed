import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, read_contract, write_contract

TWO_HEADS = ModelContract(
    pixels=PixelContract(height=64, width=96),
    heads=(RegressionHead(name="age", unit="years"), ClassificationHead(name="mood", labels=("sad", "glad"))),
    parameters=1234,
    provenance=Provenance(run_id="20261121T012633Z-9f86d081", model_sha256="ab" * 32, tools={"keras": "3.15.1"}),
)


def test_a_contract_with_two_heads_comes_back(tmp_path: Path) -> None:
    write_contract(tmp_path / "contract.json", TWO_HEADS)
    assert TWO_HEADS == read_contract(tmp_path / "contract.json") == read_contract(str(tmp_path / "contract.json"))


def test_the_first_classification_names_the_labels_file() -> None:
    assert TWO_HEADS.first_classification.labels == ("sad", "glad")
    only = ModelContract(
        pixels=PixelContract(), heads=TWO_HEADS.heads[:1], parameters=1, provenance=TWO_HEADS.provenance
    )
    with pytest.raises(InputError, match="no classification head"):
        _ = only.first_classification


def test_the_promise_is_the_same_whoever_exports_it_and_when() -> None:
    other = ModelContract(
        pixels=TWO_HEADS.pixels,
        heads=TWO_HEADS.heads,
        parameters=1234,
        provenance=Provenance(run_id="another", model_sha256="cd" * 32, created="2030-01-01T00:00:00+00:00"),
    )
    assert json.dumps(TWO_HEADS.promise()) == json.dumps(other.promise())
    assert TWO_HEADS.to_json() != other.to_json()


def test_the_frozen_graph_keeps_the_names_that_services_feed_and_read() -> None:
    """The users' backend: DecodeJpeg/contents:0 in, final_result:0 out."""
    assert TWO_HEADS.tensor_names["encoded"] == "DecodeJpeg/contents:0"
    assert TWO_HEADS.tensor_names["output"] == "final_result:0"


@pytest.mark.parametrize("names", [(), ("x", "x")])
def test_heads_without_names_of_their_own_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="names of their own"):
        ModelContract(
            pixels=PixelContract(),
            heads=tuple(RegressionHead(name=name, unit="") for name in names),
            parameters=1,
            provenance=TWO_HEADS.provenance,
        )


Json = dict[str, Any]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda value: [], id="list"),
        pytest.param(lambda value: value | {"modelport_contract": 99}, id="version"),
        pytest.param(lambda value: {key: value[key] for key in value if key != "heads"}, id="no-heads"),
        pytest.param(lambda value: value | {"heads": 5}, id="heads-is-a-number"),
        pytest.param(lambda value: value | {"heads": [{"kind": "classification"}]}, id="half-a-head"),
        pytest.param(lambda value: value | {"provenance": {"run_id": "x"}}, id="half-a-provenance"),
        pytest.param(lambda value: value | {"input": value["input"] | {"value_range": ["a", "b"]}}, id="range"),
        pytest.param(lambda value: value | {"input": None}, id="no-input"),
        pytest.param(lambda value: value | {"input": value["input"] | {"height": 64.0}}, id="height-64.0"),
        pytest.param(lambda value: value | {"input": value["input"] | {"channels": 3.0}}, id="channels-3.0"),
        pytest.param(lambda value: value | {"parameters": "1234"}, id="parameters-is-text"),
        pytest.param(lambda value: value | {"min_tflite": 2.12}, id="min-tflite-is-a-number"),
        pytest.param(
            lambda value: value | {"heads": [{"kind": "classification", "name": "x", "labels": "AB"}]},
            id="labels-is-text",
        ),
        pytest.param(
            lambda value: value | {"heads": [{"kind": "classification", "name": "x", "labels": [1, 2]}]},
            id="labels-are-numbers",
        ),
        pytest.param(
            lambda value: value | {"heads": [{"kind": "regression", "name": 1, "unit": "m"}]}, id="name-is-a-number"
        ),
        pytest.param(lambda value: value | {"tensor_names": ["encoded", "pixels", "output"]}, id="names-is-a-list"),
        pytest.param(
            lambda value: value | {"tensor_names": {"encoded": "a", "pixels": "b"}}, id="names-without-output"
        ),
        pytest.param(lambda value: value | {"tensor_names": value["tensor_names"] | {"pixels": 1}}, id="name-no-text"),
        pytest.param(lambda value: value | {"provenance": {"run_id": 1, "model_sha256": "x"}}, id="run-id-is-a-number"),
    ],
)
def test_json_that_is_no_contract_is_refused(tmp_path: Path, edit: Callable[[Json], object]) -> None:
    (tmp_path / "contract.json").write_text(json.dumps(edit(TWO_HEADS.to_json())))
    with pytest.raises(InputError):
        read_contract(tmp_path / "contract.json")


def test_a_file_that_is_missing_or_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        read_contract(tmp_path / "contract.json")
    (tmp_path / "contract.json").write_bytes(b"\xff{")
    with pytest.raises(InputError, match="not JSON"):
        read_contract(tmp_path / "contract.json")

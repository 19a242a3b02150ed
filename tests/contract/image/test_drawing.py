import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.drawing import Drawing
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, read_contract, write_contract

DRAWING = Drawing(ink="dark_on_light", margin=0.0357, stroke=0.07, grid=28, side=56)
CONTRACT = ModelContract(
    pixels=PixelContract(height=64, width=64),
    heads=(ClassificationHead(name="label", labels=("cat", "rainbow")),),
    parameters=1,
    provenance=Provenance(run_id="run", model_sha256="ab" * 32),
)


def test_a_contract_with_a_drawing_part_comes_back_and_promises_it(tmp_path: Path) -> None:
    contract = replace(CONTRACT, drawing=DRAWING)
    write_contract(tmp_path / "contract.json", contract)
    assert contract == read_contract(tmp_path / "contract.json")
    assert {"ink": "dark_on_light", "margin": 0.0357, "stroke": 0.07, "grid": 28, "side": 56} == contract.promise()[
        "drawing"
    ]


def test_without_one_a_contract_is_what_it_was() -> None:
    """What is embedded in artifacts keeps its bytes, and contracts of before are read."""
    keys = ["modelport_contract", "input", "heads", "parameters", "tensor_names", "min_tflite"]
    assert keys == list(CONTRACT.promise())
    assert CONTRACT == ModelContract.from_json(json.loads(json.dumps(CONTRACT.to_json())))


@pytest.mark.parametrize(
    "changes",
    [
        {"ink": "light"},
        {"ink": 1},
        {"margin": -0.1},
        {"margin": 0.5},
        {"margin": math.nan},
        {"margin": "0"},
        {"margin": True},
        {"stroke": 0},
        {"stroke": 0.6},
        {"stroke": None},
        {"grid": 0},
        {"grid": 64},
        {"grid": 27},
        {"grid": 28.0},
        {"side": 1036},
        {"side": True},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_drawing_part_is_refused(changes: dict[str, Any]) -> None:
    value = CONTRACT.to_json() | {"drawing": DRAWING.to_json() | changes}
    with pytest.raises(InputError, match=r"contract|value of another type"):
        ModelContract.from_json(value)


@pytest.mark.parametrize("value", [None, [], "light_on_dark", {}], ids=str)
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="drawing keys differ"):
        ModelContract.from_json(CONTRACT.to_json() | {"drawing": value})

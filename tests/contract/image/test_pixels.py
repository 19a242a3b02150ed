from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract


def test_the_default_is_what_the_clients_feed() -> None:
    contract = PixelContract()
    assert ((200, 200, 3), (0.0, 1.0), "float32") == (contract.shape, contract.value_range, contract.dtype)
    assert ("bilinear", False, "half", "ignored") == (
        contract.resize,
        contract.antialias,
        contract.pixel_centres,
        contract.exif,
    )


def test_a_contract_comes_back_from_json() -> None:
    contract = PixelContract(height=64, width=96, channels=1, value_range=(-1, 1), exif="applied")
    assert contract == PixelContract.from_json(contract.to_json())


@pytest.mark.parametrize(
    "changed",
    [
        {"channels": 4},
        {"dtype": "float16"},
        {"layout": "HWCN"},
        {"preprocessing": "somewhere"},
        {"preprocessing": "in_graph"},
        {"dtype": "uint8"},
        {"dtype": "uint8", "preprocessing": "in_graph", "value_range": (0, 1)},
        {"resize": "nearest"},
        {"antialias": True},
        {"pixel_centres": "corner"},
        {"aspect": "crop"},
        {"exif": "maybe"},
        {"height": 0},
        {"width": -1},
        {"value_range": (1, 0)},
        {"value_range": (0, 0)},
        {"height": 2049, "width": 2048},
        {"value_range": (0, 1, 2)},
        {"value_range": (float("nan"), 1)},
        {"value_range": (0, float("inf"))},
        {"value_range": (0, 10**400)},
    ],
    ids=str,
)
def test_what_the_decoder_cannot_do_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="contract: "):
        PixelContract(**changed)


def test_unknown_and_missing_keys_are_refused() -> None:
    value = PixelContract().to_json()
    with pytest.raises(InputError, match="input keys differ"):
        PixelContract.from_json(value | {"mean": 0})
    with pytest.raises(InputError, match="input keys differ"):
        PixelContract.from_json({key: value[key] for key in value if key != "exif"})

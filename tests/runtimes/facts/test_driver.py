"""How a driver sorts its outputs by the contract's heads."""

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.runtimes.facts.driver import by_head


def test_heads_are_sorted_by_name_not_by_place(two_heads: ModelContract) -> None:
    age, label = np.ones((2, 1), np.float32), np.zeros((2, 2), np.float32)
    answer = by_head({"age": age, "label": label}, two_heads)
    assert ["label", "age"] == list(answer)
    assert (2, 2) == answer["label"].shape


def test_the_only_output_belongs_to_the_only_head(small_contract: ModelContract) -> None:
    assert (3, 1) == by_head({"StatefulPartitionedCall:0": np.zeros(3)}, small_contract)["first"].shape


def test_outputs_of_other_names_are_refused(two_heads: ModelContract) -> None:
    with pytest.raises(InputError, match="outputs do not match the heads"):
        by_head({"label": np.zeros((1, 2)), "height": np.zeros((1, 1))}, two_heads)

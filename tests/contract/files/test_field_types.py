from types import SimpleNamespace

import pytest
from modelport.contract.errors import InputError
from modelport.contract.files.field_types import check_field_types


def test_the_right_types_pass() -> None:
    check_field_types(SimpleNamespace(path="x", size=1), "lock", path=str, size=int)


def test_all_wrong_types_are_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        check_field_types(SimpleNamespace(path=None, size=64.0, kept=1), "lock", path=str, size=int, kept=int)
    assert ("lock", "path: str, size: int") == (caught.value.where, caught.value.expected)
    assert "path = None, size = 64.0" == caught.value.received


def test_true_is_no_number() -> None:
    with pytest.raises(InputError):
        check_field_types(SimpleNamespace(size=True), "lock", size=int)

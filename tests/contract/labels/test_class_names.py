"""Names of class folders; which names Windows cannot hold: test_inner_path.py."""

import pytest
from modelport.contract.errors import InputError
from modelport.contract.labels.class_names import check_class_names


@pytest.mark.parametrize("name", [" name", "\u3000name", "name\u3000"])
def test_a_blank_at_either_end_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="not every system can hold"):
        check_class_names(("cat", name), "photos")


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        pytest.param(("Cat", "cat"), "'Cat' and 'cat'", id="case"),
        pytest.param(("STRASSE", "straße"), "'STRASSE' and 'straße'", id="sharp-s"),
        pytest.param(("u\u0308", "\u00fc"), r"'u\u0308' and '\xfc'", id="accent"),
    ],
)
def test_names_that_are_one_folder_elsewhere(names: tuple[str, str], shown: str) -> None:
    with pytest.raises(InputError, match="differ in nothing but case") as caught:
        check_class_names((*names, "dog"), "photos")
    assert shown == caught.value.received


def test_every_unfit_name_is_listed() -> None:
    with pytest.raises(InputError) as caught:
        check_class_names(("cat", "CON", "a:b"), "photos")
    assert "'CON': is a device on Windows\n'a:b': holds :, which Windows forbids" == caught.value.received


def test_a_name_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be written as UTF-8"):
        check_class_names(("cat", "caf\udce9"), "photos")

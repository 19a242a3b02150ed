"""Names and verdicts from Microsoft's "Naming Files, Paths, and Namespaces", and from Unicode."""

import pytest
from modelport.contract.errors import InputError
from modelport.contract.labels.class_names import check_class_names, why_unfit


@pytest.mark.parametrize(
    "name", ["cat", "\N{BIRD} bird", "Größe", "train", "CONSOLE", "com", "com10", "nul-1", "a.b", "手"]
)
def test_names_that_every_system_keeps(name: str) -> None:
    assert why_unfit(name) is None


@pytest.mark.parametrize("name", ["CON", "con", "aux.txt", "NUL", "Com1", "LPT9.jpg", "COM²", "prn.a.b"])
def test_devices_of_windows(name: str) -> None:
    assert "is a device on Windows" == why_unfit(name)


@pytest.mark.parametrize("name", ["name ", "name.", " name", "\u3000name"])
def test_blanks_and_dots_at_the_ends(name: str) -> None:
    assert "blank" in str(why_unfit(name))


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "\x1b[31mred", "a\u2028b", "a\x85b"])
def test_control_characters(name: str) -> None:
    assert "control character" in str(why_unfit(name))


@pytest.mark.parametrize("letter", '<>:"\\|?*')
def test_letters_that_windows_forbids(letter: str) -> None:
    assert f"holds {letter}, which Windows forbids" == why_unfit(f"a{letter}b")


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

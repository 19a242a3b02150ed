"""What a format is told is checked before a model is loaded."""

import pytest
from modelport.contract.errors import UsageError
from modelport.convert.options.export_options import TfliteOptions


@pytest.mark.parametrize("name", ["description", "author", "license"])
def test_bytes_of_another_encoding_are_refused_as_text(name: str) -> None:
    """Python hands on what a command line holds beyond UTF-8 as lone surrogates (PEP 383)."""
    text = "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}"
    assert text == getattr(TfliteOptions(**{name: text}), name)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not UTF-8") as caught:
        TfliteOptions(**{name: text.encode("latin-1").decode("utf-8", "surrogateescape")})  # type: ignore[arg-type]
    assert f"--{name}" == caught.value.where

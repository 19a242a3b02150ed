"""The Python twin is the Dart, statement by statement: a change in one without the other fails here."""

from pathlib import Path

import pytest
from modelport.tests.assets.flutter.dart_syntax import read_dart
from modelport.tests.assets.flutter.dart_vocabulary import as_python, twin_functions

FLUTTER = Path(__file__).parents[3] / "assets" / "flutter"
DART = FLUTTER / "dart" / "lib" / "modelport"

#: Twin to the Dart files that it follows.
PAIRS = {"twin_pixels.py": ["pixels.dart", "exif.dart"], "twin_text.py": ["frame_vote.dart", "text_assembler.dart"]}

#: What stands for Dart's own library, and constructors.
PYTHON_ONLY = {
    *("float32_list", "int32_list", "uint8_list", "sublist_view", "code_units", "from_char_codes"),
    *("FrameVote.__init__", "TextAssembler.__init__"),
}


def dart_as_python(names: list[str], folder: Path = DART) -> dict[str, str]:
    functions = [function for name in names for function in read_dart(folder / name)]
    known = frozenset(function.tree.name for function in functions)
    sources = [(function.owner, as_python(function, known)) for function in functions]
    names = [source.partition("(")[0].removeprefix("def ") for _, source in sources]
    return {f"{owner}.{name}" if owner else name: source for name, (owner, source) in zip(names, sources, strict=True)}


def twin(name: str) -> dict[str, str]:
    python = twin_functions(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return {name: source for name, source in python.items() if name not in PYTHON_ONLY}


@pytest.mark.parametrize(("name", "functions"), [("twin_pixels.py", 10), ("twin_text.py", 10)])
def test_every_statement_of_the_dart_is_the_twins_and_the_other_way_round(name: str, functions: int) -> None:
    dart = dart_as_python(PAIRS[name])
    assert len(dart) == functions
    assert twin(name) == dart


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        pytest.param("pixels.dart", "index + 0.5", "index + 0.25", id="a-number"),
        pytest.param("pixels.dart", "(aboveRight - aboveLeft) * a", "aboveRight - aboveLeft * a", id="parentheses"),
        pytest.param("pixels.dart", "mixed[1] = belowLeft + mixed[1];", "", id="a-statement"),
        pytest.param("pixels.dart", "above[row] * width", "above[row] + width", id="an-operator"),
        pytest.param("pixels.dart", "upper < size", "upper <= size", id="a-comparison"),
        pytest.param("pixels.dart", "19595", "19596", id="a-digit"),
        pytest.param("pixels.dart", "row < newHeight", "row < newWidth", id="a-loop"),
        pytest.param("exif.dart", "file[0] != 255", "file[0] == 255", id="a-condition"),
    ],
)
def test_a_change_in_the_dart_alone_is_seen(file: str, before: str, after: str, tmp_path: Path) -> None:
    for name in PAIRS["twin_pixels.py"]:
        text = (DART / name).read_text(encoding="utf-8")
        assert name != file or before in text
        changed = text.replace(before, after, 1) if name == file else text
        (tmp_path / name).write_text(changed, encoding="utf-8")
    assert twin("twin_pixels.py") != dart_as_python(PAIRS["twin_pixels.py"], tmp_path)


def test_dart_that_the_reader_does_not_know_is_refused_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "new.dart").write_text("int half(int a) {\n  switch (a) { default: return a; }\n}\n", encoding="utf-8")
    with pytest.raises(NotImplementedError, match="switch"):
        dart_as_python(["new.dart"], tmp_path)

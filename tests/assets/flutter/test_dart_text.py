"""Dart that is written from a contract: any label is the text that it was, and the Dart grammar reads all of it."""

import base64
import re

import pytest
from modelport.assets.flutter.dart_text import DartConstants, DartHead, contract_dart, dart_string, golden_dart
from modelport.tests.assets.flutter.dart_syntax import broken_nodes, parse_dart
from tree_sitter import Node

LABELS = [
    ("A", "B"),
    ("it's", 'say "hi"'),
    ("$5", "${name}", "$"),
    ("back\\slash", "\\", "\\'", "\\n"),
    ("ä", "日本", "\U0001f44d", "e\u0301"),
    ("a\u202eb", "zero\u200bwidth", "tab\tx", "a\u00a0b"),
    ("'); import 'dart:io'; //", "*/ /*", "'''", '"""'),
]


def constants(labels: tuple[str, ...]) -> DartConstants:
    heads = (DartHead(name="age", output=1, unit="years' $"), DartHead(name="label", output=0, labels=labels))
    return DartConstants(
        run_id="run",
        artifact="model.float16.tflite",
        artifact_sha256="0" * 64,
        verdict="pass",
        height=64,
        width=48,
        channels=3,
        low=-1.0,
        high=1e-05,
        in_graph=False,
        exif_applied=True,
        heads=heads,
        label_head=1,
        allowed_sequences=labels,
    )


def nodes(node: Node) -> list[Node]:
    return [node, *(inner for child in node.children for inner in nodes(child))]


def unescaped(literal: str) -> str:
    """Read a Dart literal in single quotes by the language's own rules: https://dart.dev/language/built-in-types#strings."""
    codes = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}
    return re.sub(
        r"\\(?:u\{([0-9a-f]{1,6})\}|(.))",
        lambda match: chr(int(match[1], 16)) if match[1] else codes.get(match[2], match[2]),
        literal[1:-1],
    )


@pytest.mark.parametrize("labels", LABELS)
def test_any_label_is_one_plain_literal_that_says_what_it_said(labels: tuple[str, ...]) -> None:
    source = contract_dart(constants(labels)).encode()
    root = parse_dart(source)
    assert [] == broken_nodes(root)
    found = nodes(root)
    assert not [node for node in found if "substitution" in node.type]
    texts = [unescaped((node.text or b"").decode()) for node in found if node.type == "string_literal"]
    assert ["age", "years' $", "label", *labels, "", *labels] == texts[-2 * len(labels) - 4 :]
    imports = [node.text for node in root.children if node.type == "import_or_export"]
    assert [b"import 'model_head.dart';"] == imports


def test_a_line_break_would_not_break_the_line_either() -> None:
    assert dart_string("a\nb\u2028") == r"'a\u{a}b\u{2028}'"


def test_numbers_and_booleans_are_darts() -> None:
    source = contract_dart(constants(("A", "B")))
    for line in ("const double inputLow = -1.0;", "const double inputHigh = 1e-05;", "const bool exifApplied = true;"):
        assert line in source


def test_golden_vectors_carry_the_very_bytes_and_numbers() -> None:
    entry = {
        "file": "0.png",
        "expected": {"age": [31.5], "label": [0.1, 0.9]},
        "tolerance": {"age": 0.5, "label": 0.001},
        "top": {"age": None, "label": "it's"},
    }
    source = golden_dart({"images": [entry, entry | {"top": {"label": None}}]}, {"0.png": bytes(range(256))}, "label")
    assert [] == broken_nodes(parse_dart(source.encode()))
    (image, _) = re.findall(r"image: '([^']*)',", source)
    assert bytes(range(256)) == base64.b64decode(image)
    assert "expected: {'age': [31.5], 'label': [0.1, 0.9]}," in source
    assert [r"'it\'s'", "null"] == re.findall(r"top: (.*),\n", source)

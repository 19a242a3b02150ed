"""Write Dart source: the contract as constants, and the golden vectors that the test on the device asks about."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_HEADER = """/// {what}
/// Written by modelport from {source}: deliver again instead of editing.
// dart format off
// ignore_for_file: lines_longer_than_80_chars
library;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DartHead:
    """One output of the model.

    Attributes:
        name: of the head.
        output: its place among the outputs of the file.
        labels: in output order; none for a regression.
        unit: of a regression; "" for a classification.
    """

    name: str
    output: int
    labels: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DartConstants:
    """What lib/modelport/contract.dart and the Python twin are both told.

    Attributes:
        run_id, artifact, artifact_sha256, verdict: where the model comes from.
        height, width, channels: of the input.
        low, high: values that black and white become.
        in_graph: whether the model takes uint8 of any size and does the rest itself.
        exif_applied: whether images are turned upright by EXIF.
        heads: in the contract's order.
        label_head: index of the first classification among them.
        allowed_sequences: words that can be assembled; none: all can.
    """

    run_id: str
    artifact: str
    artifact_sha256: str
    verdict: str
    height: int
    width: int
    channels: int
    low: float
    high: float
    in_graph: bool
    exif_applied: bool
    heads: tuple[DartHead, ...]
    label_head: int
    allowed_sequences: tuple[str, ...] = ()


def dart_string(text: str) -> str:
    r"""Return a Dart literal of any text.

    Example:
        >>> print(dart_string("it's $5\n"))
        'it\'s \$5\u{a}'
    """
    escaped = (
        f"\\{letter}" if letter in "\\'$" else letter if letter.isprintable() else f"\\u{{{ord(letter):x}}}"
        for letter in text
    )
    return f"'{''.join(escaped)}'"


def contract_dart(constants: DartConstants) -> str:
    """Return lib/modelport/contract.dart."""
    header = _HEADER.format(what="What the model takes and answers.", source="contract.json")
    lines = [
        _constant("String", "modelAsset", "'assets/model/model.tflite'", "The model, and where it comes from."),
        _constant("String", "modelArtifact", dart_string(constants.artifact)),
        _constant("String", "modelSha256", dart_string(constants.artifact_sha256)),
        _constant("String", "modelRun", dart_string(constants.run_id)),
        _constant("String", "modelVerdict", dart_string(constants.verdict)),
        "",
        _constant("int", "inputHeight", str(constants.height), "Pixels that the model sees."),
        _constant("int", "inputWidth", str(constants.width)),
        _constant("int", "inputChannels", str(constants.channels), "3: red, green, blue; 1: grey."),
        _constant("double", "inputLow", repr(constants.low), "The values that black and white become."),
        _constant("double", "inputHigh", repr(constants.high)),
        _constant(
            "bool",
            "inputInGraph",
            _bool(constants.in_graph),
            "Whether the model takes bytes of an image of any size, and resizes and scales itself.",
        ),
        _constant("bool", "exifApplied", _bool(constants.exif_applied), "Whether EXIF turns an image upright."),
        "",
        "/// What the model answers.",
        "const List<ModelHead> heads = [",
        *(_head(head) for head in constants.heads),
        "];",
        _constant("int", "labelHead", str(constants.label_head), "Index of the head whose labels are shown."),
        "",
        _constant(
            "List<String>",
            "allowedSequences",
            _strings(constants.allowed_sequences),
            "Words that TextAssembler is meant to allow; none: all.",
        ),
    ]
    return header + "\nimport 'model_head.dart';\n\n" + "\n".join(lines) + "\n"


def golden_dart(golden: Mapping[str, Any], files: Mapping[str, bytes], label_head: str) -> str:
    """Return integration_test/modelport_golden_vectors.dart.

    The images are in the source, not among the assets, so that only the test carries them.

    Args:
        golden: the content of golden.json.
        files: the files beside it.
        label_head: name of the head whose labels are shown.
    """
    header = _HEADER.format(what="Images, and what the model answered to them.", source="golden.json")
    vectors = [_vector(image, files[image["file"]], label_head) for image in golden["images"]]
    return header + _GOLDEN_CLASS + "\nconst List<GoldenVector> goldenVectors = [\n" + "".join(vectors) + "];\n"


_GOLDEN_CLASS = """
class GoldenVector {
  const GoldenVector({
    required this.file,
    required this.image,
    required this.expected,
    required this.tolerance,
    required this.top,
  });

  final String file;

  /// The file in base64.
  final String image;

  /// Values by the head's name, and how far an answer may be off.
  final Map<String, List<double>> expected;
  final Map<String, double> tolerance;

  /// The most probable label, where no answer within the tolerance has another.
  final String? top;
}
"""


def _vector(image: Mapping[str, Any], data: bytes, label_head: str) -> str:
    expected = ", ".join(
        f"{dart_string(name)}: [{', '.join(_double(value) for value in values)}]"
        for name, values in image["expected"].items()
    )
    tolerance = ", ".join(f"{dart_string(name)}: {_double(value)}" for name, value in image["tolerance"].items())
    top = image["top"][label_head]
    return (
        f"  GoldenVector(\n    file: {dart_string(image['file'])},\n"
        f"    image: '{base64.b64encode(data).decode()}',\n"
        f"    expected: {{{expected}}},\n    tolerance: {{{tolerance}}},\n"
        f"    top: {'null' if top is None else dart_string(top)},\n  ),\n"
    )


def _head(head: DartHead) -> str:
    facts = f"name: {dart_string(head.name)}, output: {head.output}"
    return f"  ModelHead({facts}, labels: {_strings(head.labels)}, unit: {dart_string(head.unit)}),"


def _constant(kind: str, name: str, value: str, says: str | None = None) -> str:
    return (f"/// {says}\n" if says else "") + f"const {kind} {name} = {value};"


def _strings(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(dart_string, texts))}]"


def _double(value: float) -> str:
    return repr(float(value))


def _bool(value: bool) -> str:
    return "true" if value else "false"

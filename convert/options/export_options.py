"""What each format can be told. No heavy import, so that `--help` can list it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Self

from ...contract.errors import InputError, UsageError
from ...contract.files.hashing import sha256_of_file
from ...contract.image.pixels import InputForm
from ...contract.labels.labels_file import read_labels
from ...contract.options.option import Option, check_options, given_options
from .graph_families import FAMILIES

#: Of a frozen graph for an old client, and of a backend.
ALIASES = Option(
    "labels that mean the same, old = new",
    flag="--alias",
    metavar="OLD=NEW",
    example={"del": "delete"},
    more="Once for each, such as del=delete.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatOptions:
    """What one format can be told; its defaults are what is written if nobody says anything.

    What each option is stands beside it.

    Raises:
        UsageError: an option is out of range.
    """

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def recipe(self) -> str:
        """The recipe of what is written: a key of contract.recipes.RECIPES."""
        return "float32"

    def recorded(self) -> dict[str, Any]:
        """Return what the lock says of them: JSON values of those that are not the default."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value != getattr(type(self)(), name)}

    def form_of(self, form: InputForm) -> InputForm:
        """Return the form in which this format's artifact takes images, where `form` is what was asked for."""
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class TfliteOptions(FormatOptions):
    """Of a .tflite.

    Attributes:
        author, license: None: nobody is named.
        min_tflite: None: as the contract says.
    """

    allow_flex: Annotated[bool, Option("let the .tflite use operators that need the Flex delegate")] = False
    description: Annotated[
        str | None,
        Option(
            "in the .tflite's metadata",
            metavar="TEXT",
            unset="what it takes and answers",
            example="Tells signs apart",
        ),
    ] = None
    author: Annotated[str | None, Option("in the .tflite's metadata", metavar="NAME", example="Us")] = None
    license: Annotated[str | None, Option("in the .tflite's metadata", metavar="TEXT", example="Apache-2.0")] = None
    min_tflite: Annotated[
        str | None,
        Option(
            "refuse to write a .tflite that needs a newer TensorFlow Lite",
            kind="version",
            metavar="VERSION",
            unset="contract.json's",
        ),
    ] = None

    def __post_init__(self) -> None:
        check_options(self)
        for name in ("description", "author", "license"):
            if any("\ud800" <= letter <= "\udfff" for letter in getattr(self, name) or ""):  # bytes of another encoding
                received = ascii(getattr(self, name))
                raise UsageError("text is not UTF-8", where=f"--{name}", received=received, fix="write it in UTF-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxOptions(FormatOptions):
    """Of an .onnx file."""

    #: From opset 18 on ReduceMean takes its axes as an input, and tf2onnx 1.17's optimizer then leaves the Transpose
    #: before the last pooling: MobileNetV3Large has 2 Transposes at opset 18 and 1 at 17.
    opset: Annotated[int, Option("of ONNX: the version of its operators", low=13, high=18)] = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenGraphOptions(FormatOptions):
    """Of a .pb.

    Attributes:
        like: its data types and shapes, too.
        like_labels: a label a line.
        family: None: as "inception", at the names of the contract.
        input_name, output_name: in the place of the family's names; of the old graph's, which are meant.
    """

    like: Annotated[
        Path | None, Option("an old frozen graph: the new one has its inputs and its output", example="OLD.pb")
    ] = None
    like_labels: Annotated[
        Path | None,
        Option("the old client's labels file: the frozen graph answers in its order", example="OLD.txt"),
    ] = None
    aliases: Annotated[dict[str, str], ALIASES] = field(default_factory=dict)
    family: Annotated[
        str | None,
        Option(
            "without an old graph: what the client feeds",
            choices=tuple(FAMILIES),
            example="inception",
            more="inception: a file's bytes; mobilenet: 224 x 224 pixels in -1..1; pixels: the model's size.",
        ),
    ] = None
    input_name: Annotated[str | None, Option("tensor of the frozen graph that is fed", example="input:0")] = None
    output_name: Annotated[
        str | None,
        Option("tensor of the frozen graph that is read", unset="final_result:0", example="final_result:0"),
    ] = None

    def __post_init__(self) -> None:
        check_options(self)
        if self.like and self.family:
            fix = "drop --family: the old graph says what it takes"
            raise UsageError("--like and --family exclude each other", fix=fix)
        if self.like and not self.like_labels:
            fix = "add --like-labels OLD.txt, the labels file that the old client reads"
            raise UsageError("--like needs --like-labels: a graph does not say the order of its labels", fix=fix)
        if self.aliases and not self.like_labels:
            raise UsageError("--alias needs --like-labels", fix="drop --alias, or add --like-labels OLD.txt")
        if self.input_name is not None and not (self.like or self.family):
            fix = f"add --family {' or --family '.join(FAMILIES)}"
            raise UsageError("--input-name does not say whether files or pixels are fed", fix=fix)

    def form_of(self, form: InputForm) -> InputForm:
        """Return the form in the family's value range, if nobody asked for another."""
        wanted = FAMILIES[self.family].value_range if self.family else None
        if wanted is None or form.value_range is not None or form.preprocessing != "none":
            return form
        return replace(form, value_range=wanted)

    def recorded(self) -> dict[str, Any]:
        """Return what decides about the bytes: of the old files their content, not their places.

        Raises:
            InputError: an old file cannot be read.
        """
        found: dict[str, Any] = {"aliases": dict(sorted(self.aliases.items()))} if self.aliases else {}
        if self.like is not None:
            if not self.like.is_file():
                what = "old graph is no file" if self.like.exists() else "old graph does not exist"
                raise InputError(what, where=self.like, expected="a frozen graph, .pb")
            found["like_sha256"] = sha256_of_file(self.like)
        if self.like_labels is not None:
            found["like_labels"] = list(read_labels(self.like_labels))
        given = {name: getattr(self, name) for name in ("family", "input_name", "output_name")}
        return found | {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class TfjsOptions(FormatOptions):
    """Of a TF.js model."""

    quantize_weights: Annotated[
        str | None,
        Option(
            "how TensorFlow.js weights are stored", choices=("float16", "uint8"), unset="float32", example="float16"
        ),
    ] = None

    @property
    def recipe(self) -> str:
        """Weights alone are quantized; everything is computed in float32."""
        return {"float16": "float16", "uint8": "weight_int8"}.get(self.quantize_weights or "", "float32")


@dataclass(frozen=True, slots=True, kw_only=True)
class H5Options(FormatOptions):
    """Of an .h5 file."""

    def form_of(self, form: InputForm) -> InputForm:
        """Return the form; raises UsageError for images of any size, which Keras 2 has no layer for."""
        if form.preprocessing != "none":
            fix = "drop --preprocessing in-graph, or h5 from --to"
            raise UsageError("an .h5 file takes pixels of one size", received="--preprocessing in-graph", fix=fix)
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How `modelport convert` writes.

    Attributes:
        form: in which the artifacts take their images. A layout counts for ONNX alone.
        tflite, onnx, frozen_graph, tfjs, h5: of one format each.
    """

    form: InputForm = field(default_factory=InputForm)
    tflite: TfliteOptions = field(default_factory=TfliteOptions)
    onnx: OnnxOptions = field(default_factory=OnnxOptions)
    frozen_graph: FrozenGraphOptions = field(default_factory=FrozenGraphOptions)
    tfjs: TfjsOptions = field(default_factory=TfjsOptions)
    h5: H5Options = field(default_factory=H5Options)

    def of(self, format: str) -> FormatOptions:
        """Return the options of one format; of one that can be told nothing, empty ones."""
        options: FormatOptions = getattr(self, format) if format in self.formats() else FormatOptions()
        return options

    @classmethod
    def formats(cls) -> dict[str, Any]:
        """Return format to the class of its options; of those that have one."""
        return {one.name: type(getattr(cls(), one.name)) for one in fields(cls) if one.name != "form"}

    @classmethod
    def told(cls, form: InputForm, given: Mapping[str, Any]) -> Self:
        """Return the options of every format out of values by name; no two formats have an option of the same name."""
        own: dict[str, Any] = {name: one(**given_options(one, given)) for name, one in cls.formats().items()}
        return cls(form=form, **own)

"""Every key of modelport.toml but those of [budgets] and [baseline], which `validate` reads by itself.

Both `modelport init` and the reader go by this table. No heavy import.
"""

from dataclasses import dataclass

from ....convert.options.export_options import OnnxOptions
from ....convert.options.formats import DEFAULT_FORMATS, PATHS, VALUE_RANGES
from ....convert.options.graph_families import FAMILIES
from ....quantize.recipes import PATHS as RECIPE_PATHS
from ....training.prepare.options import DEFAULT_RATIOS, DEFAULT_SEED
from ....training.train_options import BACKBONE_NAMES, DRAWINGS, PRECISIONS, TrainOptions
from ...archive.profiles import PROFILES

_TRAIN = TrainOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a table.

    Attributes:
        kind: what values it has: a key of ship_values.KINDS.
        says: what it does, with its unit, for the comment beside it.
        default: what counts where it is not set; None: nothing does.
        example: shown where there is no default.
        choices: of a text, or of each text of a list.
        needed: whether the table is no use without it.
    """

    kind: str
    says: str
    default: object = None
    example: object = None
    choices: tuple[str, ...] = ()
    needed: bool = False


def _train(name: str, kind: str, says: str, *, example: object = None, choices: tuple[str, ...] = ()) -> Key:
    """Return a key of [train] with the default of `modelport train`."""
    default = getattr(_TRAIN, name)
    default = list(default) if isinstance(default, tuple) else default
    return Key(kind=kind, says=says, default=default, example=example, choices=choices)


_OVERWRITE = Key(kind="switch", default=False, says="replace files there that you edited")
_WORDS = Key(kind="path", example="words.txt", says="the words that can be assembled, one a line; all, if not set")

#: Table to its keys. The paths are relative to the folder of the file.
TABLES: dict[str, dict[str, Key]] = {
    "ship": {
        "work": Key(kind="text", default="work", says="folder that receives dataset/, run/ and ship.json"),
    },
    "data": {
        "images": Key(
            kind="path", default="photos", says="photos/CLASS/*.jpg, or a folder with train, val and test", needed=True
        ),
        "ratios": Key(kind="text", example=DEFAULT_RATIOS, says="shares of train, val and test in percent"),
        "seed": Key(kind="seed", example=DEFAULT_SEED, says="another seed gives another split"),
        "groups": Key(
            kind="path", example="people.csv", says="columns path,group: what belongs together stays in one split"
        ),
        "group_by": Key(kind="text", example="(signer[0-9]+)_", says="the same by a regular expression on the path"),
        "copy": Key(kind="switch", default=False, says="copy the images; false: hard links"),
    },
    "train": {
        "epochs": _train("epochs", "count", "of both phases"),
        "batch_size": _train("batch_size", "count", "images a step"),
        "image_size": _train("image_size", "size", "height and width in pixels"),
        "learning_rate": _train("learning_rate", "number", "of phase 1; phase 2 starts at a tenth"),
        "patience": _train("patience", "count", "epochs without a better validation accuracy that end a phase"),
        "backbone": _train("backbone", "text", ", ".join(BACKBONE_NAMES), choices=BACKBONE_NAMES),
        "weights": _train("weights", "weights", "imagenet (downloaded once), none, or a .weights.h5 or model.keras"),
        "seed": _train("seed", "seed", "of shuffling, augmentation and new weights"),
        "augment": _train("augment", "switch", "rotate, shift, zoom, brighten, contrast"),
        "horizontal_flip": _train("horizontal_flip", "switch", "mirror images, too"),
        "precision": _train("precision", "text", ", ".join(PRECISIONS), choices=PRECISIONS),
        "gpu_memory_limit_mb": _train("gpu_memory_limit_mb", "count", "megabytes of each GPU", example=4096),
        "allow_leak": _train("allow_leak", "switch", "go on although test images are in train, too"),
        "min_tflite": _train("min_tflite", "version", "oldest TensorFlow Lite that must run the .tflite files"),
        "drawing": _train(
            "drawing", "text", "the images are drawings, with ink so", example=DRAWINGS[0], choices=DRAWINGS
        ),
    },
    "convert": {
        "formats": Key(
            kind="texts", default=list(DEFAULT_FORMATS), says=f"some of {', '.join(PATHS)}", choices=tuple(PATHS)
        ),
        "value_range": Key(
            kind="text", example="0..1", says="of the pixels taken; the run's, if not set", choices=tuple(VALUE_RANGES)
        ),
        "preprocessing": Key(
            kind="text",
            default="none",
            says="none; in-graph: take uint8 images of any size",
            choices=("none", "in-graph"),
        ),
        "layout": Key(kind="text", default="nhwc", says="axes of ONNX: nhwc or nchw", choices=("nhwc", "nchw")),
        "opset": Key(kind="count", default=OnnxOptions().opset, says="of ONNX, 13 to 18"),
        "allow_flex": Key(kind="switch", default=False, says="let the .tflite need the Flex delegate"),
        "description": Key(kind="text", example="Tells signs apart", says="in the .tflite's metadata"),
        "author": Key(kind="text", example="Us", says="in the .tflite's metadata"),
        "license": Key(kind="text", example="Apache-2.0", says="in the .tflite's metadata"),
        "like": Key(kind="path", example="OLD.pb", says="the frozen graph gets this one's inputs and output"),
        "like_labels": Key(kind="path", example="OLD.txt", says="and answers in the order of this labels file"),
        "aliases": Key(kind="table", example={"del": "delete"}, says="labels that mean the same, old = new"),
        "family": Key(
            kind="text", example="inception", says="instead of like: what the client feeds", choices=tuple(FAMILIES)
        ),
        "input_name": Key(kind="text", example="input:0", says="tensor of the frozen graph that is fed"),
        "output_name": Key(kind="text", example="final_result:0", says="tensor of it that is read"),
        "quantize_weights": Key(
            kind="text", example="float16", says="of TensorFlow.js: float16 or uint8", choices=("float16", "uint8")
        ),
    },
    "quantize": {
        "recipes": Key(
            kind="texts",
            default=list(RECIPE_PATHS),
            says="smaller .tflite files; [] for none",
            choices=tuple(RECIPE_PATHS),
        ),
        "representative_images": Key(kind="count", default=100, says="train images on which full_int8 measures ranges"),
        "representative_data": Key(kind="path", example="other_photos", says="labelled images to take instead"),
        "seed": Key(kind="seed", default=0, says="of their choice"),
    },
    "validate": {
        "strict": Key(kind="switch", default=False, says="stop at what is undecided, and without min_top1"),
        "latency": Key(kind="switch", default=False, says="measure the time and memory of every artifact"),
        "thumbnails": Key(kind="switch", default=True, says="show flipped images in report.html"),
        "baseline": Key(kind="path", example="accepted/report.json", says="fail what got worse since this report"),
    },
    "deliver.flutter": {
        "target": Key(kind="text", default="flutter", says="a Flutter app, or a folder", needed=True),
        "allowed_sequences": _WORDS,
        "overwrite": _OVERWRITE,
    },
    "deliver.backend": {
        "target": Key(kind="text", default="../service", says="the folder of the service", needed=True),
        "format": Key(
            kind="text",
            example="frozen_graph",
            says="what the service loads now, if not set",
            choices=("frozen_graph", "saved_model", "keras", "h5"),
        ),
        "model_file": Key(kind="text", example="graph.pb", says="in target, what the service loads; found, if not set"),
        "like_labels": Key(
            kind="path", example="../service/labels.txt", says="the labels file that it reads; found, if not set"
        ),
        "aliases": Key(kind="table", example={"del": "delete"}, says="labels that mean the same, old = new"),
        "value_range": Key(
            kind="text", example="0..1", says="of the pixels that its client feeds", choices=tuple(VALUE_RANGES)
        ),
        "max_drop_points": Key(
            kind="points", example=1.0, says="refuse a model that is worse than the old one by more"
        ),
        "old_is_broken": Key(
            kind="switch", default=False, says="deliver where the old model answers no better than chance"
        ),
        "allow_label_change": Key(kind="switch", default=False, says="deliver other classes"),
        "profile": Key(kind="text", example="kaggle", says="fill colab_backend/models/ of target", choices=("kaggle",)),
        "overwrite": Key(kind="switch", default=False, says="make and compare again what is delivered already"),
    },
    "deliver.web": {
        "target": Key(
            kind="text", default="site", says="folder of the page; needs tfjs among [convert] formats", needed=True
        ),
        "title": Key(kind="text", example="Which sign?", says="of the page"),
        "allowed_sequences": _WORDS,
        "overwrite": _OVERWRITE,
    },
    "deliver.archive": {
        "target": Key(kind="text", default="release.zip", says="the bundle; its sha256 lies beside it", needed=True),
        "profile": Key(
            kind="text", example="asl", says=f"names of the files: {', '.join(PROFILES)}", choices=tuple(PROFILES)
        ),
        "name": Key(kind="text", example="Signs", says="of the model, in the card; the run's id, if not set"),
        "include": Key(kind="texts", example=["tflite", "onnx"], says="formats, recipes or paths; all, if not set"),
        "licence": Key(kind="text", example="Apache-2.0", says="of the model: a file, or a text"),
        "data_licence": Key(kind="text", example="CC BY 4.0", says="of the images"),
        "overwrite": Key(kind="switch", default=False, says="replace a file there that ship did not write"),
    },
}

#: Tables that `validate` reads by itself.
JUDGING_TABLES = ("budgets", "baseline")

#: Products, in the order in which they are delivered.
PRODUCTS = ("flutter", "backend", "web", "archive")

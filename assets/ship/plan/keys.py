"""Every key of modelport.toml but those of [budgets] and [baseline], which `validate` reads by itself.

Both `modelport init` and the reader go by this table. A key that a command has as an option, too, is that very option.
No heavy import.
"""

from ....contract.options.option import Option, options_of
from ....convert.options.asked_form import AskedForm
from ....convert.options.export_options import FrozenGraphOptions, OnnxOptions, TfjsOptions, TfliteOptions
from ....convert.options.formats import DEFAULT_FORMATS
from ....convert.options.formats import PATHS as FORMAT_PATHS
from ....quantize.recipes import PATHS as RECIPE_PATHS
from ....quantize.representative_options import RepresentativeOptions
from ....training.prepare.options import PrepareOptions
from ....training.train_options import TrainOptions
from ....validate.judge_options import BASELINE, THUMBNAILS, JudgeOptions
from ...archive.options import ArchiveOptions
from ...assembly.read_words import ALLOWED_SEQUENCES
from ...backend.find.options import OVERWRITE, PROFILE, BackendOptions
from ...flutter.options import FlutterOptions
from ...web.options import WebOptions

Keys = dict[str, Option]


def _keys(owner: type, *names: str) -> Keys:
    """Return options of a command as keys; all of them where none is named."""
    told = options_of(owner)
    return {name: told[name] for name in names or told}


def _target(says: str, default: str) -> Keys:
    return {"target": Option(says, kind="text", default=default, needed=True)}


_FORMATS = Option("some", kind="texts", default=DEFAULT_FORMATS, choices=tuple(FORMAT_PATHS))
_RECIPES = Option("smaller files, [] for none", kind="texts", default=tuple(RECIPE_PATHS), choices=tuple(RECIPE_PATHS))
_IMAGES = Option("photos/CLASS/*.jpg, or a folder with train, val and test", kind="path", default="photos", needed=True)

#: Table to its keys. The paths are relative to the folder of the file.
TABLES: dict[str, Keys] = {
    "ship": {"work": Option("folder that receives dataset/, run/ and ship.json", kind="text", default="work")},
    "data": {"images": _IMAGES, **_keys(PrepareOptions, "ratios", "seed", "groups", "group_by", "copy")},
    "train": _keys(TrainOptions),
    "convert": {
        "formats": _FORMATS,
        **_keys(AskedForm),
        **_keys(OnnxOptions),
        **_keys(TfliteOptions, "allow_flex", "description", "author", "license"),
        **_keys(FrozenGraphOptions),
        **_keys(TfjsOptions),
    },
    "quantize": {
        "recipes": _RECIPES,
        **_keys(RepresentativeOptions, "representative_images", "representative_data", "seed"),
    },
    "validate": {**_keys(JudgeOptions, "strict", "latency"), "thumbnails": THUMBNAILS, "baseline": BASELINE},
    "deliver.flutter": {
        **_target("a Flutter app, or a folder", "flutter"),
        "allowed_sequences": ALLOWED_SEQUENCES,
        **_keys(FlutterOptions, "overwrite"),
    },
    "deliver.backend": {
        **_target("the folder of the service", "../service"),
        **_keys(BackendOptions, "format", "model_file", "like_labels", "aliases"),
        **_keys(AskedForm, "value_range"),
        **_keys(BackendOptions, "max_drop_points", "old_is_broken", "allow_label_change"),
        "profile": PROFILE,
        "overwrite": OVERWRITE,
    },
    "deliver.web": {
        **_target("folder of the page; needs tfjs among [convert] formats", "site"),
        **_keys(WebOptions, "title"),
        "allowed_sequences": ALLOWED_SEQUENCES,
        **_keys(WebOptions, "overwrite"),
    },
    "deliver.archive": {
        **_target("the bundle; its sha256 lies beside it", "release.zip"),
        **_keys(ArchiveOptions, "profile", "name", "include", "license", "data_license", "overwrite"),
    },
}

#: Tables that `validate` reads by itself.
JUDGING_TABLES = ("budgets", "baseline")

#: Products, in the order in which they are delivered.
PRODUCTS = ("flutter", "backend", "web", "archive")

"""What `modelport init` writes: every key with its default and unit, valid as it is."""

import json
from textwrap import wrap

from ....contract.options.option import MOST_SEED, Option
from .keys import TABLES

_HEAD = """\
# modelport.toml: from photos to deliveries with `modelport ship`.
#
# A key that stands here with a value has that of the command's default: change it, or delete the line. A key behind #
# is not set, and shows an example. Paths are relative to the folder of this file.

"""

#: Table to what its comment says.
_SAYS = {
    "ship": "Where it works. What is done already, and unchanged, is not done again.",
    "data": "modelport prepare: the images, and how they are split.",
    "train": "modelport train. A change here trains again, and replaces WORK/run: that is said before.",
    "convert": "modelport convert: float32 artifacts.",
    "quantize": "modelport quantize: smaller .tflite files. model.tflite is the smallest that passes.",
    "validate": "modelport validate. What fails is not delivered.",
    "deliver.flutter": "modelport deliver flutter. Without this table nothing is delivered there.",
    "deliver.backend": "modelport deliver backend: take the first # of these lines away.",
    "deliver.web": "modelport deliver web: take the first # of these lines away.",
    "deliver.archive": "modelport deliver archive: one file with the artifacts, a model card and sums.",
}

#: Longest line; a comment that would make one longer stands above it.
_WIDTH = 120

#: Column of the comments, where a line is not longer.
_COMMENT_AT = 40

#: Tables that are there only as comments: they need something that not everybody has.
_OFF = ("deliver.backend", "deliver.web")

#: Between [validate] and the deliveries. `validate` says which keys there are (assets/budgets has more examples).
_BUDGETS = """\
# What artifacts are judged against; the defaults of a recipe (README.md) count beside these.
[budgets]
# min_top1 = 0.9                    # in [0, 1]; without a floor nothing says that the model is any good
# min_class_recall = 0.7            # in [0, 1], of the worst class
# max_bytes = "16 MB"               # of each artifact
# max_latency_ms = 50               # milliseconds for one image, measured on this machine

# Of one recipe, format, or path: [budgets.full_int8], [budgets.tflite], [budgets."model.onnx"].
# [budgets.full_int8]
# max_bytes = "4 MB"
# max_drop_points = 1.0             # percentage points of top-1

# How much worse than [validate] baseline counts.
[baseline]
# max_growth = "5%"                 # of the bytes
# max_drop_points = 1.0             # percentage points of top-1
# max_mae_growth = "5%"             # of a regression head's mean absolute error

"""


def template() -> str:
    """Return the text of a new modelport.toml."""
    parts = [_HEAD]
    for table, keys in TABLES.items():
        if table == "deliver.flutter":
            parts.append(_BUDGETS)
        lead = "# " if table in _OFF else ""
        lines = [f"# {_SAYS[table]}", f"{lead}[{table}]", *(_line(name, key, lead) for name, key in keys.items())]
        parts.append("\n".join(lines) + "\n\n")
    return "".join(parts).rstrip() + "\n"


def _line(name: str, key: Option, lead: str) -> str:
    value = key.default if key.default is not None else key.example
    mark = "" if key.default is not None else "# "
    line, says = f"{lead}{mark}{name} = {to_toml(value)}", _comment(key)
    beside = f"{line:<{_COMMENT_AT}}  # {says}"
    if len(beside) <= _WIDTH:
        return beside
    return "\n".join([*(f"{lead}# {part}" for part in wrap(says, _WIDTH - len(lead) - 2)), line])


def _comment(key: Option) -> str:
    """Return what a key does, what it may be, and what counts where it is not set. Any seed is as good as another."""
    has_range = key.high not in (None, MOST_SEED)
    allowed = ", ".join(key.choices) if key.choices else f"{key.low} to {key.high}" if has_range else ""
    return key.says + (f" ({allowed})" if allowed else "") + (f"; {key.unset}, if not set" if key.unset else "")


def to_toml(value: object) -> str:
    """Return a value as TOML writes it; texts in quotes, lists and tables in one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {to_toml(item)}' for key, item in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(to_toml, value))}]"
    return json.dumps(value)

"""What a budget may be about: one row a key. Numpy-free: the command line shows these names."""

import difflib
import reprlib
from dataclasses import dataclass
from typing import Literal

from ...contract.errors import UsageError
from ...contract.recipes import IN_INTEGERS
from .kinds import KINDS, Value


@dataclass(frozen=True, slots=True)
class Scope:
    """Artifacts that a key is about.

    Attributes:
        words: for sentences.
        formats: of which it must be one; empty: any.
        recipes: likewise.
        without: a recipe that it must not have.

    """

    words: str = "every artifact"
    formats: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    without: str = ""

    def holds(self, format: str, recipe: str) -> bool:
        """Whether an artifact of this format and recipe is one of them; what is "" could be any."""
        return (
            (not format or not self.formats or format in self.formats)
            and (not recipe or not self.recipes or recipe in self.recipes)
            and (not recipe or recipe != self.without)
        )


@dataclass(frozen=True, slots=True)
class BudgetKey:
    """One key of [budgets].

    Attributes:
        kind: of its value, with its unit: a key of KINDS.
        about: what it limits. "parity": how near an artifact must be to its reference; "quality": how good it is;
            "cost": what is measured where it runs; "file": what stands in the file; "training": what the run says.
        head: the kind of head on which it is judged, and may be set for one head alone, as heads.NAME.KEY; None: it is
            about the whole artifact.
        proves: whether it says by itself that the artifact is the same model (parity), or that it is any good
            (quality): one of each kind is asked for.
        shows: where a mistake in labels, pixels or weights shows, so that it is diagnosed: in the difference from the
            reference, or below a floor. The reference itself may be below a floor, and errors of a regression that grew
            are looked at like one. None: nowhere.
        scope: artifacts that it can be held against.

    """

    kind: str
    about: Literal["parity", "quality", "cost", "file", "training"]
    head: Literal["classification", "regression"] | None = None
    proves: bool = False
    shows: Literal["difference", "floor"] | None = None
    scope: Scope = Scope()


_TFLITE = Scope("TFLite files", formats=("tflite",))
_INTEGERS = Scope(f"TFLite files of the recipes {', '.join(IN_INTEGERS)}", formats=("tflite",), recipes=IN_INTEGERS)
_NO_FLOAT32 = Scope("artifacts of other recipes than float32, which is its 1", without="float32")

#: Another key is an error, so that a misspelt budget never counts as kept. Each has a rule in validate/rules.
BUDGET_KEYS = {
    "max_bytes": BudgetKey("size", "file"),
    "max_compressed_bytes": BudgetKey("size", "file"),
    "max_drop_points": BudgetKey("points", "parity", "classification", proves=True, shows="difference"),
    "max_class_recall_drop_points": BudgetKey("points", "parity", "classification", shows="difference"),
    "min_agreement": BudgetKey("fraction", "parity", "classification", proves=True, shows="difference"),
    "max_probability_difference": BudgetKey("fraction", "parity", "classification", proves=True, shows="difference"),
    "min_top1": BudgetKey("fraction", "quality", "classification", proves=True, shows="floor"),
    "min_top3": BudgetKey("fraction", "quality", "classification", shows="floor"),
    "min_class_recall": BudgetKey("fraction", "quality", "classification", proves=True, shows="floor"),
    "max_mae": BudgetKey("amount", "quality", "regression", proves=True, shows="floor"),
    "max_mae_increase": BudgetKey("amount", "parity", "regression", proves=True, shows="floor"),
    "max_value_difference": BudgetKey("amount", "parity", "regression", proves=True, shows="difference"),
    "max_train_validation_gap": BudgetKey("points", "training"),
    "max_latency_ms": BudgetKey("milliseconds", "cost"),
    "max_latency_ratio": BudgetKey("ratio", "cost", scope=_NO_FLOAT32),
    "max_peak_memory_mb": BudgetKey("megabytes", "cost"),
    "max_delegate_partitions": BudgetKey("count", "file", scope=_TFLITE),
    "max_float_operators": BudgetKey("count", "file", scope=_INTEGERS),
    "forbid_flex": BudgetKey("switch", "file"),
    "forbid_custom_operators": BudgetKey("switch", "file"),
    "min_tflite": BudgetKey("version", "file", scope=_TFLITE),
}


def _keys(**wanted: object) -> tuple[str, ...]:
    return tuple(
        key for key, row in BUDGET_KEYS.items() if all(getattr(row, name) == value for name, value in wanted.items())
    )


CLASSIFICATION_KEYS, REGRESSION_KEYS = _keys(head="classification"), _keys(head="regression")

#: One of these says how near an artifact must be to its reference; without one of them nothing was proved.
PARITY_KEYS = _keys(about="parity", proves=True)

#: One of these says that the model is any good: parity with a bad model is perfect, too.
QUALITY_KEYS = _keys(about="quality", proves=True)

#: What is measured where an artifact runs.
COST_KEYS = _keys(about="cost")

#: Where a mistake in labels, pixels or weights shows: as a difference from the reference; below a floor.
DIFFERENCE_KEYS, FLOOR_KEYS = _keys(shows="difference"), _keys(shows="floor")

#: What the key of one head begins with.
HEADS = "heads."


def read_value(key: str, value: object, where: str) -> Value:
    """Return the value of a budget in its own type: bytes as int, numbers as float, versions as text.

    Args:
        key: one of BUDGET_KEYS.
        value: as TOML gives it.
        where: file and section, or option, for the message.

    Raises:
        UsageError: an unknown key (naming the nearest known one), or a value of another type or range.

    Example:
        >>> read_value("max_bytes", "4 MB", "modelport.toml [budgets]")
        4000000

    """
    check_known(key, tuple(BUDGET_KEYS), f"{where} {key}", "budget")
    kind = KINDS[BUDGET_KEYS[key].kind]
    found = kind.read(value)
    if found is None:
        raise UsageError(
            "budget has no such value", where=f"{where} {key}", expected=kind.expected, received=reprlib.repr(value)
        )
    return found


def read_head_value(key: str, value: object, where: str) -> Value:
    """Return the value of a budget that is set for one head, like `read_value`; what no head has is refused."""
    check_known(key, CLASSIFICATION_KEYS + REGRESSION_KEYS, f"{where} {key}", "budget of a head")
    return read_value(key, value, where)


def read_option(text: str) -> tuple[str, Value]:
    """Read KEY=VALUE, or heads.NAME.KEY=VALUE, as on the command line; raises UsageError like `read_value`."""
    written, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise UsageError("budget is not KEY=VALUE", where=f"--budget {text}", expected="such as max_bytes=4MB")
    if not written.startswith(HEADS):
        return written, read_value(written, _typed(written, value), "--budget")
    head, _, key = written.removeprefix(HEADS).rpartition(".")
    return written, read_head_value(key, _typed(key, value), f"--budget {HEADS}{head}")


def _typed(key: str, text: str) -> object:
    """Return text of the command line as TOML would give it."""
    kind = BUDGET_KEYS[key].kind if key in BUDGET_KEYS else None
    if kind == "version":
        return text
    if kind == "switch":
        return {"true": True, "false": False}.get(text.lower(), text)
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def check_known(name: str, known: tuple[str, ...], where: str, what: str, fix: str | None = None) -> None:
    """Raise UsageError if `name` is not in `known`, naming the nearest known one and all of them."""
    if name in known:
        return
    near = " or ".join(map(repr, difflib.get_close_matches(name, known, n=2, cutoff=0.6)))
    raise UsageError(
        f"unknown {what} {name!r}" + (f", did you mean {near}" if near else ""),
        where=where,
        expected="one of " + ", ".join(known),
        fix=fix,
    )

"""The output half of a contract: one or more heads, each a classification or a regression."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..errors import InputError
from ..files.field_types import check_field_types
from .labels_file import check_unique


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationHead:
    """Probabilities over labels.

    Attributes:
        name: of the head, and of the model's output.
        labels: in output order; at least two, unique.
    """

    name: str
    labels: tuple[str, ...]
    kind: Literal["classification"] = "classification"

    def __post_init__(self) -> None:
        if isinstance(self.labels, str) or not all(isinstance(label, str) for label in self.labels):
            raise InputError(
                "contract: head is not understood", expected="labels: a list of texts", received=repr(self.labels)
            )
        check_field_types(self, "contract, head", name=str)
        _check_name(self.name)
        object.__setattr__(self, "labels", tuple(self.labels))
        check_unique(self.labels, f"head {self.name!r}")
        if len(self.labels) < 2:
            raise InputError("a classification needs at least two labels", where=self.name, received=self.labels)

    @property
    def width(self) -> int:
        """Values per image: one probability for each label."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionHead:
    """One number per image.

    Attributes:
        name: of the head, and of the model's output.
        unit: of the number, such as "years".
    """

    name: str
    unit: str
    kind: Literal["regression"] = "regression"

    def __post_init__(self) -> None:
        check_field_types(self, "contract, head", name=str, unit=str)
        _check_name(self.name)

    @property
    def width(self) -> int:
        """Values per image: one."""
        return 1


Head = ClassificationHead | RegressionHead

#: What exported graphs call their other tensors and parts; TensorFlow tells names apart by more than case only.
_TAKEN = ("image", "encoded", "model")


def _check_name(name: str) -> None:
    """Refuse a name that is not one in every format: the outputs of graphs and signatures have it."""
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_]*", name) or name.lower() in _TAKEN:
        raise InputError(
            "contract: head cannot have this name",
            expected=f"letters, digits and _, which is not first; none of {', '.join(_TAKEN)}",
            received=repr(name),
            fix="give the model's output layer another name",
        )


def head_to_json(head: Head) -> dict[str, Any]:
    """Return a dictionary of JSON values."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(head).items()}


def head_from_json(value: dict[str, Any]) -> Head:
    """Read what `head_to_json` wrote; raises InputError on an unknown kind or unknown keys."""
    kinds: dict[str, type[ClassificationHead | RegressionHead]] = {
        "classification": ClassificationHead,
        "regression": RegressionHead,
    }
    try:
        return kinds[value["kind"]](**value)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError("contract: head is not understood", expected=sorted(kinds), received=value) from error

"""How a backend gets its model. No heavy import."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from ....contract.image.pixels import InputForm
from ....contract.options.option import Option, check_options
from ....convert.options.export_options import ALIASES
from ....validate.budgets.budgets import BudgetBook

#: What `modelport deliver backend` may do in the place of a delivery, and once more.
PROFILE = Option(
    "fill colab_backend/models/ of the backend", name="profile", kind="text", choices=("kaggle",), example="kaggle"
)
OVERWRITE = Option("make and compare again what is delivered already", name="overwrite", kind="switch", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendOptions:
    """How a backend gets its model; what each option is stands beside it.

    Attributes:
        form: in which the client feeds pixels, where it feeds any.
        max_drop_points: of top-1, in percentage points.
        budgets: what is made for this backend is judged against.

    Raises:
        UsageError: an option is out of range.
    """

    format: Annotated[
        str | None,
        Option(
            "of the model file",
            choices=("frozen_graph", "saved_model", "keras", "h5"),
            unset="as now",
            example="frozen_graph",
        ),
    ] = None
    model_file: Annotated[
        str | None,
        Option("in the backend, what the service loads", metavar="PATH", unset="found", example="graph.pb"),
    ] = None
    like_labels: Annotated[
        Path | None,
        Option("the labels file that the service reads", unset="found", example="../service/labels.txt"),
    ] = None
    aliases: Annotated[dict[str, str], ALIASES] = field(default_factory=dict)
    form: InputForm = field(default_factory=InputForm)
    data: Annotated[
        Path | None,
        Option(
            "labelled images on which old and new are compared",
            unset="the test split of the training run",
        ),
    ] = None
    max_drop_points: Annotated[
        float | None,
        Option(
            "refuse a larger drop than this",
            low=0,
            high=100,
            unset="only noted",
            example=1.0,
            more="In percentage points of top-1, against the old model.",
        ),
    ] = None
    old_is_broken: Annotated[bool, Option("deliver although the old model answers no better than chance")] = False
    allow_label_change: Annotated[
        bool, Option("deliver other classes", more="Model and labels are replaced by one link.")
    ] = False
    budgets: BudgetBook = field(default_factory=BudgetBook)

    def __post_init__(self) -> None:
        check_options(self)

"""How a backend gets its model. No heavy import."""

from dataclasses import dataclass, field
from pathlib import Path

from ....contract.image.pixels import InputForm
from ....validate.budgets.budgets import BudgetBook


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendOptions:
    """How a backend gets its model.

    Attributes:
        format: frozen_graph, saved_model, keras or h5; None: that of what the service loads now.
        model_file: what the service loads, relative to the backend, where modelport would find another.
        like_labels: the labels file that the service reads; None: found.
        aliases: old label to the label of the model that means the same.
        form: in which the client feeds pixels, where it feeds any.
        data: labelled images to compare old and new on; None: the run's test images.
        allow_label_change: deliver other labels, or another order, together with the model.
        max_drop_points: of top-1 against the old model, in percentage points; None: it is said, and never refused.
        old_is_broken: deliver where the old model answers no better than chance.
        budgets: what is made for this backend is judged against.
    """

    format: str | None = None
    model_file: str | None = None
    like_labels: Path | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    form: InputForm = field(default_factory=InputForm)
    data: Path | None = None
    allow_label_change: bool = False
    max_drop_points: float | None = None
    old_is_broken: bool = False
    budgets: BudgetBook = field(default_factory=BudgetBook)

"""modelport.toml, read and checked: what `modelport ship` is to do."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ....contract.image.pixels import InputForm
from ....convert.options.export_options import ExportOptions
from ....training.prepare.options import PrepareOptions
from ....training.train_options import TrainOptions
from ....validate.budgets.budgets import BudgetBook
from ....validate.report.baseline import BaselineLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan:
    """One [deliver.PRODUCT].

    Attributes:
        product: one of ship_keys.PRODUCTS.
        target: where it goes.
        options: its other keys, as they were given.
    """

    product: str
    target: Path
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipPlan:
    """What a file asks for; every path is one that can be opened from here.

    Attributes:
        file: the file, as it was named.
        work: folder of dataset/, run/ and ship.json.
        images: the photos.
        prepare, train, export: options of the stages.
        formats, recipes: what is exported.
        form: in which .tflite files of recipes take their images.
        representative_data, representative_images, representative_seed: of [quantize].
        book, limits: budgets, and what is compared with `baseline`.
        baseline: an accepted report; None: nothing is compared.
        strict, latency, thumbnails: of [validate].
        deliveries: in the order in which they are made.
        notes: what whoever wrote the file should know.
    """

    file: Path
    work: Path
    images: Path
    prepare: PrepareOptions
    train: TrainOptions
    export: ExportOptions
    formats: tuple[str, ...]
    recipes: tuple[str, ...]
    form: InputForm
    representative_data: Path | None
    representative_images: int
    representative_seed: int
    book: BudgetBook
    limits: BaselineLimits
    baseline: Path | None
    strict: bool
    latency: bool
    thumbnails: bool
    deliveries: tuple[DeliveryPlan, ...]
    notes: tuple[str, ...] = ()

    @property
    def dataset(self) -> Path:
        """The prepared data set."""
        return self.work / "dataset"

    @property
    def run(self) -> Path:
        """The run folder."""
        return self.work / "run"

"""What `modelport train` can be told. No heavy import, so that `--help` can show the defaults."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from ..contract.errors import UsageError
from ..contract.model_contract.tflite_release import DEFAULT_MIN_TFLITE, release_key

BACKBONE_NAMES = ("MobileNetV3Large", "MobileNetV3Small", "MobileNetV2")
PRECISIONS = ("auto", "float32", "mixed_float16")
#: What `--drawing` takes: the polarity of training images that are drawings.
DRAWINGS = ("light-on-dark", "dark-on-light")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """Options of one training run.

    Attributes:
        epochs: of both phases together; see `phase1_epochs`.
        batch_size: images a step.
        image_size: (height, width) in pixels.
        learning_rate: of phase 1; phase 2 starts at a tenth.
        patience: epochs without a better validation accuracy after which a phase ends; after half as many the
            learning rate is halved.
        backbone: one of BACKBONE_NAMES.
        weights: "imagenet", "none" (from scratch, in one phase), or the path of a backbone's .weights.h5 or of another
            run's model.keras.
        seed: of the shuffling, the augmentation and the new weights; on a CPU the same seed gives the same model.
        augment: whether training images are rotated, shifted, zoomed, brightened and given other contrast.
        horizontal_flip: whether they are mirrored too; off, because a mirrored hand or letter may mean something else.
        precision: "auto" (mixed_float16 on a GPU, else float32), "float32" or "mixed_float16".
        gpu_memory_limit_mb: megabytes that TensorFlow may take of each GPU; None: grows as needed.
        allow_leak: go on although test images are in train too; the evaluation report then says so.
        min_tflite: the oldest TensorFlow Lite that must run the exported .tflite files.
        drawing: one of DRAWINGS where the images are drawings, which a page may then take from a canvas; their framing
            is measured. None: they are photos.
    """

    epochs: int = 50
    batch_size: int = 32
    image_size: tuple[int, int] = (200, 200)
    learning_rate: float = 1e-3
    patience: int = 8
    backbone: str = "MobileNetV3Large"
    weights: str = "imagenet"
    seed: int = 0
    augment: bool = True
    horizontal_flip: bool = False
    precision: str = "auto"
    gpu_memory_limit_mb: int | None = None
    allow_leak: bool = False
    min_tflite: str = DEFAULT_MIN_TFLITE
    drawing: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "image_size", tuple(self.image_size))
        _require(
            self.epochs >= len(self.phases), "--epochs", f"at least {len(self.phases)}, one for each phase", self.epochs
        )
        _require(self.batch_size >= 1, "--batch-size", "at least 1", self.batch_size)
        _require(min(self.image_size) >= 32, "--image-size", "at least 32 32", self.image_size)
        _require(0 < self.learning_rate < math.inf, "--learning-rate", "above 0, and finite", self.learning_rate)
        _require(0 <= self.seed < 2**31, "--seed", "0 to 2147483647", self.seed)
        limit = self.gpu_memory_limit_mb
        _require(limit is None or limit > 0, "--gpu-memory-limit", "above 0", limit)
        _require(self.patience >= 1, "--patience", "at least 1", self.patience)
        _require(self.backbone in BACKBONE_NAMES, "--backbone", ", ".join(BACKBONE_NAMES), self.backbone)
        _require(self.precision in PRECISIONS, "--precision", ", ".join(PRECISIONS), self.precision)
        _require(self.drawing in (None, *DRAWINGS), "--drawing", " or ".join(DRAWINGS), self.drawing)

        release_key(self.min_tflite)

    @property
    def from_scratch(self) -> bool:
        """Whether there are no weights to start from."""
        return self.weights == "none"

    @property
    def phases(self) -> tuple[int, ...]:
        """Epochs of each phase: a fifth, at most ten, for the frozen backbone, and the rest; from scratch, all in one.

        Example:
            >>> TrainOptions(epochs=50).phases, TrainOptions(epochs=8).phases, TrainOptions(weights="none").phases
            ((10, 40), (2, 6), (50,))
        """
        if self.from_scratch:
            return (self.epochs,)
        first = min(10, max(1, round(self.epochs / 5)))
        return first, max(1, self.epochs - first)

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self) | {"image_size": list(self.image_size)}


def _require(met: bool, option: str, expected: str, received: object) -> None:
    if not met:
        raise UsageError("option is out of range", where=option, expected=expected, received=received)

"""What `modelport train` can be told. No heavy import, so that `--help` can show the defaults."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from ..contract.errors import UsageError
from ..contract.model_contract.tflite_release import DEFAULT_MIN_TFLITE
from ..contract.options.option import MOST_SEED, Option, check_options

BACKBONE_NAMES = ("MobileNetV3Large", "MobileNetV3Small", "MobileNetV2")
PRECISIONS = ("auto", "float32", "mixed_float16")
#: What `--drawing` takes: the polarity of training images that are drawings.
DRAWINGS = ("light-on-dark", "dark-on-light")


#: Of --min-tflite and --drawing, which `adopt` has too.
MIN_TFLITE = Option("oldest TensorFlow Lite that must run the .tflite files", kind="version")
DRAWING = Option(
    "the images are drawings of this polarity",
    choices=DRAWINGS,
    example=DRAWINGS[0],
    more="A page may then take drawings from a canvas, framed as the images are, which is measured.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """Options of one training run; what each is stands beside it.

    Attributes:
        image_size: (height, width).
        gpu_memory_limit_mb: None: grows as needed.
        drawing: None: they are photos.

    Raises:
        UsageError: an option is out of range.
    """

    epochs: Annotated[
        int,
        Option(
            "of both phases",
            low=1,
            more="A fifth, at most ten, train the head on the frozen backbone; the rest fine-tune. So 2 are "
            "the least, but from scratch.",
        ),
    ] = 50
    batch_size: Annotated[int, Option("images a step", low=1)] = 32
    image_size: Annotated[tuple[int, int], Option("height and width in pixels", low=32)] = (200, 200)
    learning_rate: Annotated[float, Option("of phase 1; phase 2 starts at a tenth", above=0)] = 1e-3
    patience: Annotated[
        int,
        Option(
            "epochs without a better validation accuracy that end a phase",
            low=1,
            more="Half as many halve the learning rate.",
        ),
    ] = 8
    backbone: Annotated[str, Option("the network", choices=BACKBONE_NAMES)] = "MobileNetV3Large"
    weights: Annotated[
        str,
        Option(
            "to start from: imagenet (downloaded), none, or a .weights.h5 or model.keras",
            kind="weights",
            metavar="imagenet|none|PATH",
            more="none trains all layers from scratch, in one phase. A model.keras may be that of another run.",
        ),
    ] = "imagenet"
    seed: Annotated[
        int,
        Option(
            "of shuffling, augmentation and new weights",
            low=0,
            high=MOST_SEED,
            more="On a CPU the same seed gives the same model.",
        ),
    ] = 0
    augment: Annotated[bool, Option("rotate, shift, zoom, brighten, contrast")] = True
    horizontal_flip: Annotated[
        bool, Option("mirror images, too", more="Off: a mirrored sign may mean something else.")
    ] = False
    precision: Annotated[
        str,
        Option(
            "of the layers",
            choices=PRECISIONS,
            more="auto: mixed_float16 on a GPU. Exports are float32 whatever this is.",
        ),
    ] = "auto"
    gpu_memory_limit_mb: Annotated[
        int | None,
        Option("megabytes of each GPU", low=1, flag="--gpu-memory-limit", example=4096, unset="what it comes to need"),
    ] = None
    allow_leak: Annotated[
        bool,
        Option("go on although test images are in train or val, too", more="The evaluation report then says so."),
    ] = False
    min_tflite: Annotated[str, MIN_TFLITE] = DEFAULT_MIN_TFLITE
    drawing: Annotated[str | None, DRAWING] = None

    def __post_init__(self) -> None:
        check_options(self)
        object.__setattr__(self, "image_size", tuple(self.image_size))
        if self.epochs < len(self.phases):
            expected = f"at least {len(self.phases)}, one for each phase"
            raise UsageError("option is out of range", where="--epochs", expected=expected, received=self.epochs)

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

"""Old clients of frozen graphs by family: what each feeds. No heavy import, so that `--help` can list them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFamily:
    """What the clients of one family feed; all read `final_result:0`.

    Attributes:
        takes: "encoded": a file's bytes at `DecodeJpeg/contents:0`; "pixels": a batch at `input:0`.
        size: (height, width) of the pixels; None: the model's.
        value_range: of the pixels; None: the run's.
    """

    takes: str
    size: tuple[int, int] | None = None
    value_range: tuple[float, float] | None = None


#: inception: tensorflow/models, tutorials/image/imagenet/classify_image.py, and the retrain.py that followed it.
#: mobilenet: tensorflow/models, research/slim/nets/mobilenet_v1.py: 224 x 224, and inception_preprocessing's [-1, 1].
FAMILIES = {
    "inception": GraphFamily(takes="encoded"),
    "mobilenet": GraphFamily(takes="pixels", size=(224, 224), value_range=(-1.0, 1.0)),
    "pixels": GraphFamily(takes="pixels"),
}

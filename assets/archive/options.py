"""What `modelport deliver archive` can be told. No heavy import, so that `--help` can show it."""

from dataclasses import dataclass

from ...contract.errors import UsageError
from .profiles import PROFILES


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOptions:
    """How a bundle is made.

    Attributes:
        profile: one of PROFILES; None: a release bundle, every artifact under its own name.
        name: of the model, in the card; None: the run's id.
        include: formats, recipes or paths. Of a release bundle these go in, and no other artifact; beside a profile's
            files, these too.
        licence: of the model: a file, which goes in as LICENSE, or a text such as "Apache-2.0"; None: not stated.
        data_licence: of the images that it was trained on, as text; None: not stated.
        with_failed: put in, and say so in the card, what failed, was not judged, or must not ship undecided.
        min_tflite, preprocessing: of model.tflite, as choose_tflite takes them.
        overwrite: replace a file that is there and holds something else.
    """

    profile: str | None = None
    name: str | None = None
    include: tuple[str, ...] = ()
    licence: str | None = None
    data_licence: str | None = None
    with_failed: bool = False
    min_tflite: str | None = None
    preprocessing: str = "none"
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.profile is not None and self.profile not in PROFILES:
            raise UsageError("no such profile", where="--profile", expected=", ".join(PROFILES), received=self.profile)
        for option in ("name", "licence", "data_licence"):
            text = getattr(self, option)
            if text is not None and not text.strip():
                raise UsageError("option says nothing", where=f"--{option.replace('_', '-')}", fix="drop it")

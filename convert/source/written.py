"""What a writer says about what it wrote."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is not said by the options already.

    Attributes:
        labels, tensor_names, content_sha256: as in contract.run.artifacts.Artifact.
        note: a sentence for whoever asked for the artifact.
    """

    labels: tuple[str, ...] | None = None
    tensor_names: dict[str, str] | None = None
    content_sha256: str | None = None
    note: str = ""

"""Words that the sections of the model card share."""

from ...validate.report.markdown_text import code

#: Said wherever no file and no option says anything.
NOT_STATED = "not stated"


def label_names(labels: tuple[str, ...]) -> str:
    """Return labels as code, in their order."""
    return ", ".join(map(code, labels))

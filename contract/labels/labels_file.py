"""The labels file: one label a line, in output order. Names: training_set_labels.txt."""

from pathlib import Path

from ..errors import InputError
from ..files.atomic_write import write_text


def read_labels(path: str | Path) -> tuple[str, ...]:
    """Read labels in output order; CRLF line ends, a byte order mark and trailing empty lines are accepted.

    Raises:
        InputError: the file is missing or not UTF-8, is empty, holds an empty line between labels, or a label twice.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError("labels cannot be read", where=path, received=error) from error
    except UnicodeDecodeError as error:
        fix = "give a copy that is saved as UTF-8: one label a line, and nothing else"
        raise InputError("labels cannot be read", where=path, expected="UTF-8", received=error, fix=fix) from error
    labels = tuple(line.strip() for line in text.rstrip().splitlines())
    if not labels:
        raise InputError("labels file is empty", where=path, expected="one label a line")
    if "" in labels:
        raise InputError(
            "labels file has an empty line",
            where=path,
            expected="one label a line",
            received=f"nothing in line {labels.index('') + 1}",
            fix="write the label of this output there; or take the line out, if the model has no output for it",
        )
    check_unique(labels, path)
    return labels


def write_labels(path: str | Path, labels: tuple[str, ...]) -> None:
    r"""Write one label a line, `\n` line ends, atomically."""
    write_text(path, "".join(f"{label}\n" for label in labels))


def check_unique(labels: tuple[str, ...], where: object) -> None:
    """Raise InputError if a label occurs twice, or would not come back from a labels file as it is."""
    for label in labels:
        try:
            label.encode("utf-8")
        except UnicodeEncodeError as error:
            fix = "rename the class folder: its name is not UTF-8"
            raise InputError(
                "a label cannot be written as UTF-8", where=where, received=repr(label), fix=fix
            ) from error
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise InputError("a label occurs twice", where=where, received=", ".join(twice))
    unfit = [label for label in labels if not label or label.strip() != label or label.splitlines() != [label]]
    if unfit:
        raise InputError(
            "a label is empty, holds a line break, or begins or ends with a blank", where=where, received=repr(unfit[0])
        )

"""The errors that modelport raises, and the exit code of each.

ModelportError            2   anything a user can put right
├── UsageError            2   options that cannot be combined, an output that exists
├── InputError            2   data, models or files that cannot be used as they are
├── MissingExtraError     2   a package of an optional extra is not installed
├── JudgedAndFailed       1   the work was done and the answer is no (training at chance, a NaN loss)
└── RuntimeFailure        1   a foreign runtime crashed, hung or refused a file, in its own process
"""


class ModelportError(Exception):
    """Says what is wrong, where, what was expected and received, and how to fix it.

    Args:
        what: one clause in lower case, without a full stop.
        where: the file, option or layer.
        expected: what would have been right.
        received: what was found.
        fix: what to do; a command to paste where there is one.

    Example:
        >>> print(InputError("no images found", where="photos", expected=".jpg or .png", received=".txt (3)"))
        no images found: photos
          expected  .jpg or .png
          received  .txt (3)
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        expected: object = None,
        received: object = None,
        fix: str | None = None,
    ) -> None:
        self.what, self.where, self.expected, self.received, self.fix = what, where, expected, received, fix
        super().__init__(what)

    def __str__(self) -> str:
        head = _printable(self.what if self.where is None else f"{self.what}: {self.where}")
        rows = (("expected", self.expected), ("received", self.received), ("fix", self.fix))
        return "\n".join([head, *(_row(name, value) for name, value in rows if value is not None)])


def one_line(error: ModelportError) -> str:
    """Return the message as one sentence, without `where`: for a report that names the place itself."""
    expected = None if error.expected is None else f"expected {error.expected}"
    parts = (error.what, expected, error.received, error.fix)
    return "; ".join(" ".join(str(part).split()) for part in parts if part is not None)


def _printable(text: str) -> str:
    """Escape what has no glyph: files from elsewhere could bring orders to the terminal, or look like others."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _row(name: str, value: object) -> str:
    first, *rest = map(_printable, str(value).splitlines() or [""])
    return "\n".join([f"  {name:<9} {first}", *(" " * 12 + line for line in rest)])


class UsageError(ModelportError):
    """Options that cannot be combined, or an output that exists already."""


class InputError(ModelportError):
    """Data, models or files that cannot be used as they are."""


class MissingExtraError(ModelportError):
    """A package that an optional extra brings (or the base install, where `extra` is None) is not installed.

    `fix` replaces the command that installs it here, where it is another interpreter's that is missing.
    """

    def __init__(
        self, package: str, *, needed_for: str, extra: str | None = "tensorflow", fix: str | None = None
    ) -> None:
        super().__init__(
            f"{needed_for} needs {package}, which is not installed",
            expected=None if fix else f"the extra [{extra}]" if extra else "a complete install of modelport",
            fix=fix or (f'pip install "modelport[{extra}]"' if extra else "pip install modelport"),
        )


class JudgedAndFailed(ModelportError):
    """The work was done, and the answer is no."""

    exit_code = 1


class RuntimeFailure(ModelportError):
    """A foreign runtime crashed, hung or refused a file, in a process of its own."""

    exit_code = 1

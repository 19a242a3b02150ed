"""How a judgement is made."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from ..contract.cores import cores
from ..contract.errors import UsageError
from ..contract.options.option import Option, check_options
from ..runtimes.process.limits import Limits
from .budgets.budgets import BudgetBook

#: Artifacts that run at once if nobody says: one that needs TensorFlow takes half a GB before it holds a model.
MOST_AT_ONCE = 4

#: What `validate` is told about its report.
BASELINE = Option(
    "the last accepted report: fail what grew, got worse or went since",
    name="baseline",
    kind="path",
    metavar="REPORT.JSON",
    example="accepted/report.json",
    more="Other limits than those below: [baseline] of the budgets' file.",
)
THUMBNAILS = Option(
    "show the pictures of flipped images in report.html",
    name="thumbnails",
    kind="switch",
    default=True,
    more="Images of people may be private.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """How to judge; what each option is stands beside it.

    Attributes:
        only, artifacts: empty: everything in the lock.
        budgets: what to judge against.
        limits: of each worker process that runs artifacts; without threads, each gets its share of the cores.
        runtime: as runtimes.environment.environment.interpreter_of takes it.
        cache: folder that keeps answers for the next judgement of the same; None: none are kept or taken. But for this
            folder and the report's, nothing is written.

    Raises:
        UsageError: an option is out of range, or both `only` and `artifacts` are given.
    """

    data: Annotated[
        Path | None,
        Option(
            "labelled images: a data set (its test split), class folders, or files Label_anything.jpg",
            unset="the test split of the training run",
        ),
    ] = None
    only: Annotated[
        tuple[str, ...],
        Option("formats, recipes or paths to judge, such as tflite,onnx", metavar="NAMES", unset="all"),
    ] = ()
    artifacts: Annotated[
        tuple[Path, ...],
        Option(
            "a file or SavedModel to judge, wherever it lies, instead of those of RUN",
            flag="--artifact",
            more="A gate pack needs it.",
        ),
    ] = ()
    budgets: BudgetBook = field(default_factory=BudgetBook)
    strict: Annotated[
        bool,
        Option(
            "fail what is undecided, and a judgement without min_top1",
            more="A judgement on a test split that lost images fails, too.",
        ),
    ] = False
    limits: Limits = field(default_factory=Limits)
    runtime: Annotated[
        str | Path | None,
        Option(
            "whose runtimes judge",
            metavar="NAME==VERSION|PYTHON",
            unset="this Python's",
            more="A release, such as tflite-runtime==2.14.0 or tensorflow==2.15.1, is installed once from the package "
            "index, into an environment that is kept; or a Python program or virtual environment.",
        ),
    ] = None
    report: Annotated[Path | None, Option("folder of the report", unset="RUN/validation, or PACK.validation")] = None
    workers: Annotated[
        int | None,
        Option(
            "how many artifacts run at once",
            low=1,
            metavar="N",
            unset=f"as many as there are cores, {MOST_AT_ONCE} at most",
        ),
    ] = None
    latency: Annotated[
        bool,
        Option(
            "measure the time and memory of every artifact",
            more="Each is measured alone, after all have answered. Without it, only where a budget asks for it.",
        ),
    ] = False
    cache: Path | None = None

    def __post_init__(self) -> None:
        check_options(self)
        if self.artifacts and self.only:
            raise UsageError("--artifact names what is judged", where="--only", fix="drop one of both")

    def at_once(self, artifacts: int) -> int:
        """Return how many of so many artifacts run at a time."""
        return max(1, min(artifacts, self.workers or min(cores(), MOST_AT_ONCE)))

    def limits_of(self, at_once: int) -> Limits:
        """Return the limits of each worker while so many run: its share of the cores as threads."""
        return replace(self.limits, threads=self.limits.threads or max(1, cores() // at_once))

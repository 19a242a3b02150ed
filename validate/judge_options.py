"""How a judgement is made."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from ..contract.cores import cores
from ..contract.errors import UsageError
from ..runtimes.process.limits import Limits
from .budgets.budgets import BudgetBook

#: Artifacts that run at once if nobody says: one that needs TensorFlow takes half a GB before it holds a model.
MOST_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """How to judge.

    Attributes:
        data: folder of labelled images; None: the test split of the training run.
        only: formats, recipes or paths to judge; empty: everything.
        artifacts: files or folders to judge, wherever they are, instead of those of the lock.
        budgets: what to judge against.
        strict: fail what is undecided, and a judgement without a floor or on a test split that lost images.
        limits: of each worker process that runs artifacts; without threads, each gets its share of the cores.
        runtime: whose runtimes are used, as runtimes.environment.environment.interpreter_of takes it; None: this one's.
        report: folder of the report; None: RUN/validation, or beside a gate pack.
        workers: how many artifacts run at once; None: as many as there are cores, and MOST_AT_ONCE at most.
        latency: whether time and memory of every artifact are measured; without it, where a budget asks for them.
        cache: folder that keeps answers for the next judgement of the same; None: none are kept or taken. But for this
            folder and the report's, nothing is written.

    """

    data: Path | None = None
    only: tuple[str, ...] = ()
    artifacts: tuple[Path, ...] = ()
    budgets: BudgetBook = field(default_factory=BudgetBook)
    strict: bool = False
    limits: Limits = field(default_factory=Limits)
    runtime: str | Path | None = None
    report: Path | None = None
    workers: int | None = None
    latency: bool = False
    cache: Path | None = None

    def __post_init__(self) -> None:
        if self.artifacts and self.only:
            raise UsageError("--artifact names what is judged", where="--only", fix="drop one of both")
        if self.workers is not None and self.workers < 1:
            raise UsageError("nothing is judged without a worker", where="--workers", received=self.workers)

    def at_once(self, artifacts: int) -> int:
        """Return how many of so many artifacts run at a time."""
        return max(1, min(artifacts, self.workers or min(cores(), MOST_AT_ONCE)))

    def limits_of(self, at_once: int) -> Limits:
        """Return the limits of each worker while so many run: its share of the cores as threads."""
        return replace(self.limits, threads=self.limits.threads or max(1, cores() // at_once))

"""A copy of a run to make and judge one more artifact in: the run itself stays as it was, and may be read-only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ...contract.errors import JudgedAndFailed
from ...contract.files import disk
from ...contract.narration import Narrator
from ...contract.run.artifacts import Artifact
from ...contract.run.run_folder import RunFolder
from ...validate.budgets.budgets import BudgetBook
from ...validate.judge import JudgeOptions, judge_run
from ..judged.judged_artifact import WITHIN, JudgedArtifact, judged_artifact


@contextmanager
def working_copy(run: RunFolder) -> Iterator[RunFolder]:
    """Yield a run folder with the model of `run`, its contract, labels and reference, and no artifacts."""
    run.read_contract()
    with TemporaryDirectory(prefix="modelport-") as folder:
        for path in (run.model, run.contract, run.labels, run.reference):
            if path.is_file():
                disk.link_or_copy(path, Path(folder, path.name))
        yield RunFolder(Path(folder))


def judge_copy(
    copy: RunFolder, artifact: Artifact, *, data: Path | None, budgets: BudgetBook, narrator: Narrator
) -> JudgedArtifact:
    """Judge what was made in a working copy.

    Raises:
        JudgedAndFailed: it is not to be delivered.
    """
    report = judge_run(copy.root, JudgeOptions(data=data, budgets=budgets), narrator=narrator)
    outcome = next(one for one in report.outcomes if one.artifact.path == artifact.path)
    judged = judged_artifact(outcome, copy.read_contract().first_classification.name)
    if not judged.is_within:
        raise JudgedAndFailed(
            f"the {artifact.format} made for this backend is not delivered",
            where=artifact.path,
            expected=WITHIN,
            received=judged.reasons,
            fix="see what modelport validate says about the run; the backend stays as it is",
        )
    return judged

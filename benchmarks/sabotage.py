"""Print what the judge says of artifacts that were broken on purpose, of sound ones, and of other people's models.

    python benchmarks/sabotage.py WORK [--run RUN] [--only sabotage,healthy,foreign]

WORK is a folder for what is made, kept between calls. RUN is a run folder with model.onnx, model.full_int8.tflite,
model.in_graph.onnx and model.keras; without it the demo's is made. The second model is a small CNN for photos of signs,
which the detectors were not written with. Needs [tensorflow]; foreign models are those of ../shared/data.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import sabotage_models as models  # type: ignore[import-not-found]  # beside this script
import sabotage_tools as tools  # type: ignore[import-not-found]
from modelport.contract.run.artifacts import Artifact, describe_artifact
from modelport.contract.run.lock import Lock, write_lock
from modelport.contract.run.run_folder import RunFolder
from modelport.validate.budgets.budgets import BudgetBook
from modelport.validate.findings.outcome import Outcome
from modelport.validate.judge import JudgeOptions, judge_run

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Sabotage:
    """One way to break an artifact.

    Attributes:
        name: in the table.
        source: the sound artifact.
        make: writes a broken copy of one file to another.
        said: what the report must say; "" where the images cannot show it.

    """

    name: str
    source: str
    make: Callable[[Path, Path], None]
    said: str


def sabotages(classes: int, is_blocks: bool = False) -> tuple[Sabotage, ...]:
    """Return the eight sabotages, and more, for a model of so many classes.

    Args:
        classes: number of labels.
        is_blocks: whether the images are grey blocks, as the demo's are: they show no channels, and no resize.

    """

    def onnx(change: Any) -> Callable[[Path, Path], None]:
        return lambda source, target: tools.write_changed_onnx(source, target, change)

    def tflite(change: Any) -> Callable[[Path, Path], None]:
        return lambda source, target: tools.write_changed_tflite(source, target, change)

    shuffled = [(3 * label + 1) % classes if classes % 3 else (2 * label + 1) % classes for label in range(classes)]
    shuffled = shuffled if len(set(shuffled)) == classes else [*range(2, classes), 0, 1]
    exchanged = [1, 0, *range(2, classes)]
    resize = tools.with_resize(coordinate_transformation_mode="asymmetric")
    plain, graph, int8 = "model.onnx", "model.in_graph.onnx", "model.full_int8.tflite"
    moved = tools.tflite_zero_point_moved("input", 8)
    bgr = "" if is_blocks else "colour channels are swapped"
    sampled = "" if is_blocks else "resized without half-pixel centres"
    return (
        Sabotage("labels swapped", plain, onnx(tools.with_order(shuffled)), "labels are in another order"),
        Sabotage("two labels exchanged", plain, onnx(tools.with_order(exchanged)), "are exchanged"),
        Sabotage("input scaled twice (/ 255)", plain, onnx(tools.with_input(("Div", 255.0))), "input is scaled twice"),
        Sabotage(
            "input scaled twice (/ 127.5 - 1)",
            plain,
            onnx(tools.with_input(("Div", 127.5), ("Sub", 1.0))),
            "input is scaled twice",
        ),
        Sabotage("BGR", plain, onnx(tools.with_axis_order(3, [2, 1, 0])), bgr),
        Sabotage("resize without half-pixel centres", graph, onnx(resize), sampled),
        Sabotage("a layer's weights zeroed (ONNX)", plain, onnx(tools.with_zeroed_weights(1)), "are all zero"),
        Sabotage("a layer's weights zeroed (int8)", int8, tflite(tools.tflite_weights_zeroed(1)), "are all zero"),
        Sabotage("int8 zero point off by 8", int8, tflite(moved), "zero point of the input is"),
        Sabotage("truncated (ONNX)", plain, tools.truncate, "cut off"),
        Sabotage("truncated (TFLite)", int8, tools.truncate, "TFLite model is damaged"),
    )


@dataclass(frozen=True)
class Judged:
    """One broken artifact, and what was said of it."""

    sabotage: Sabotage
    outcome: Outcome

    @property
    def sentence(self) -> str:
        """The sentence that explains, else the first that is no pass."""
        findings = [finding for finding in self.outcome.findings if finding.verdict != "pass"]
        order = ("diagnosis", "labels", "zero_points", "runtime")
        findings.sort(key=lambda finding: order.index(finding.key) if finding.key in order else len(order))
        return findings[0].sentence if findings else "-"


def judge_sabotages(run: Path, work: Path, kinds: tuple[Sabotage, ...]) -> list[Judged]:
    """Break the artifacts of a run, in a folder of their own, and judge them."""
    folder = fresh_copy(run, work)
    lock = RunFolder(run).read_lock()
    made: list[Artifact] = []
    for number, kind in enumerate(kinds):
        source = next(artifact for artifact in lock.artifacts if artifact.path == kind.source)
        path = folder / f"sabotage_{number:02}{Path(kind.source).suffix}"
        kind.make(run / kind.source, path)
        told = {
            name: getattr(source, name) for name in ("format", "recipe", "parent_sha256", "preprocessing", "layout")
        }
        made.append(describe_artifact(folder, path, **told))
    sound = [artifact for artifact in lock.artifacts if artifact.path in ("model.onnx", "model.float32.tflite")]
    for artifact in sound:
        shutil.copy(run / artifact.path, folder / artifact.path)
    write_lock(
        folder / "artifacts.json", Lock(run_id=lock.run_id, model_sha256=lock.model_sha256, artifacts=(*made, *sound))
    )
    outcomes = judge_run(folder, JudgeOptions(only=tuple(entry.path for entry in made))).outcomes
    of_path = {outcome.artifact.path: outcome for outcome in outcomes}
    return [Judged(kind, of_path[entry.path]) for kind, entry in zip(kinds, made, strict=True)]


def fresh_copy(run: Path, folder: Path) -> Path:
    """Return an empty folder with a run's own files, but no artifact."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("contract.json", "training_set_labels.txt", "reference.npz", "model.keras", "evaluation_report.json"):
        if (run / name).exists():
            shutil.copy(run / name, folder / name)
    return folder


def accusations(outcome: Outcome) -> list[str]:
    """Return what a sound artifact was accused of: any explanation, or anything about its labels, contract, zeros."""
    keys = ("diagnosis", "labels", "contract", "zero_points")
    return [one.sentence for one in outcome.findings if one.key in keys and one.verdict != "pass"]


def judge_healthy(runs: list[Path], only: tuple[str, ...] = ()) -> Iterator[tuple[Path, Outcome, list[str]]]:
    """Judge sound artifacts twice: as they are, and against a budget that none holds, so that every detector is asked.

    Yields the run, the outcome of the first judgement, and the accusations of both.
    """
    forced = BudgetBook(options={"max_probability_difference": 1e-12})
    for run in runs:
        both = [
            judge_run(run, JudgeOptions(budgets=book, only=only, report=run / "judged"))
            for book in (BudgetBook(), forced)
        ]
        for outcome, asked in zip(both[0].outcomes, both[1].outcomes, strict=True):
            yield run, outcome, [*accusations(outcome), *accusations(asked)]


def _print_sabotages(title: str, judged: list[Judged]) -> None:
    print(f"\n{title}\n\n| sabotage | verdict | sentence |\n| --- | --- | --- |")
    for one in judged:
        mark = "" if one.sabotage.said in one.sentence else " (NOT FOUND)"
        print(f"| {one.sabotage.name} | {one.outcome.verdict}{mark} | {one.sentence} |", flush=True)


def main() -> None:
    """Make what is missing, judge, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--only", default="sabotage,healthy,foreign")
    given = parser.parse_args()
    wanted, work = given.only.split(","), given.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    first = given.run or models.demo_run(work / "demo")
    if "sabotage" in wanted:
        kinds = sabotages(10, is_blocks=True)
        _print_sabotages("A good run: handwritten digits, MobileNetV3Large", judge_sabotages(first, work / "s1", kinds))
        second = models.signs_run(SHARED / "sign_digits", work / "signs")
        _print_sabotages("Another: photos of signs, a small CNN", judge_sabotages(second, work / "s2", sabotages(10)))
    if "healthy" in wanted:
        runs = [first, *models.healthy_runs(SHARED, work / "healthy")]
        print("\nSound artifacts, as they are, then every detector asked\n")
        print("| run | artifact | top-1 | verdict | accused of |")
        print("| --- | --- | --- | --- | --- |")
        found = list(judge_healthy(runs))
        for run, outcome, said in found:
            cells = (
                run.parent.name,
                outcome.artifact.path,
                models.top1(outcome),
                outcome.verdict,
                "; ".join(said) or "-",
            )
            print(f"| {' | '.join(cells)} |")
        accused = sum(bool(said) for _, _, said in found)
        print(f"\n{accused} false accusations of {len(found)} sound artifacts of {len(runs)} runs")
    if "foreign" in wanted:
        from foreign_models import foreign_table  # type: ignore[import-not-found]

        print("\nOther people's models\n\n| model | n | right labels | wrong labels | sentence |")
        print("| --- | --- | --- | --- | --- |")
        for row in foreign_table(SHARED, work / "foreign"):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()

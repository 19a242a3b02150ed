"""Every range of an option, written out here once more: Python, the command line and modelport.toml all hold to it."""

import math
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result
from modelport.assets.archive.options import ArchiveOptions
from modelport.assets.backend.find.options import BackendOptions
from modelport.assets.flutter.options import FlutterOptions
from modelport.assets.ship.plan.read_file import read_ship_file
from modelport.assets.web.options import WebOptions
from modelport.cli.main import cli
from modelport.contract.errors import UsageError
from modelport.contract.options.option import options_of
from modelport.convert.options.asked_form import AskedForm
from modelport.convert.options.export_options import FrozenGraphOptions, OnnxOptions, TfjsOptions, TfliteOptions
from modelport.quantize.representative_options import RepresentativeOptions
from modelport.runtimes.process.limits import Limits
from modelport.training.adopt.options import AdoptOptions
from modelport.training.prepare.options import PrepareOptions
from modelport.training.train_options import TrainOptions
from modelport.validate.judge_options import JudgeOptions

SEEDS, COUNTS = 2**32 - 1, 2**31 - 1


class Ranged(NamedTuple):
    """One option: where it stands, and its ends; `step` leads from an end to the first value outside."""

    owner: type
    field: str
    command: str
    table: str | None
    low: float
    high: float
    step: float = 1
    flag: str = ""
    is_size: bool = False

    @property
    def spelt(self) -> str:
        return self.flag or f"--{self.field.replace('_', '-')}"

    def values(self, end: float) -> Any:
        return (end, end) if self.is_size else end


#: The least and the largest float: learning_rate and seconds are above 0, an open end.
TINY, LARGEST = 5e-324, 1.7976931348623157e308

RANGED = [
    Ranged(PrepareOptions, "seed", "prepare nowhere out", "data", 0, SEEDS),
    Ranged(TrainOptions, "epochs", "train nowhere --weights none", "train", 1, COUNTS),
    Ranged(TrainOptions, "batch_size", "train nowhere", "train", 1, COUNTS),
    Ranged(TrainOptions, "image_size", "train nowhere", "train", 32, COUNTS, is_size=True),
    Ranged(TrainOptions, "learning_rate", "train nowhere", "train", TINY, LARGEST, step=math.inf),
    Ranged(TrainOptions, "patience", "train nowhere", "train", 1, COUNTS),
    Ranged(TrainOptions, "seed", "train nowhere", "train", 0, SEEDS),
    Ranged(TrainOptions, "gpu_memory_limit_mb", "train nowhere", "train", 1, COUNTS, flag="--gpu-memory-limit"),
    Ranged(
        AdoptOptions, "image_size", "adopt nowhere out --labels nowhere --data nowhere", None, 1, COUNTS, 1, "", True
    ),
    Ranged(OnnxOptions, "opset", "convert nowhere --to onnx", "convert", 13, 18),
    Ranged(RepresentativeOptions, "representative_images", "quantize nowhere", "quantize", 1, COUNTS),
    Ranged(RepresentativeOptions, "seed", "quantize nowhere", "quantize", 0, SEEDS),
    Ranged(JudgeOptions, "workers", "validate nowhere", None, 1, COUNTS),
    Ranged(Limits, "threads", "validate nowhere", None, 1, COUNTS),
    Ranged(Limits, "seconds", "validate nowhere", None, TINY, 86_400, 1, "--limit-seconds"),
    Ranged(Limits, "memory_mb", "validate nowhere", None, 512, 1 << 24, 1, "--limit-memory-mb"),
    Ranged(BackendOptions, "max_drop_points", "deliver backend nowhere out", "deliver.backend", 0, 100, 0.001),
]

INSIDE = [pytest.param(one, end, id=f"{one.owner.__name__}.{one.field}={end}") for one in RANGED for end in one[4:6]]
OUTSIDE = [
    pytest.param(one, end, id=f"{one.owner.__name__}.{one.field}={end}")
    for one in RANGED
    for end in (0.0 if one.low == TINY else one.low - one.step, one.high + one.step, -1, math.nan)
]


def command(one: Ranged, end: float) -> Result:
    words = [f"{end}"] * (2 if one.is_size else 1)
    return CliRunner().invoke(cli, [*one.command.split(), one.spelt, *words])


def toml(one: Ranged, end: float, folder: Path) -> Path:
    file, value = folder / "modelport.toml", f"[{end}, {end}]" if one.is_size else f"{end}"
    (folder / "photos").mkdir()
    table = "" if one.table == "data" else f"[{one.table}]\n"
    more = 'target = "service"\n' if one.table == "deliver.backend" else ""
    more += 'weights = "none"\n' if one.field == "epochs" else ""
    file.write_text(f'[data]\nimages = "photos"\n{table}{more}{one.field} = {value}\n')
    return file


@pytest.mark.parametrize(("one", "end"), INSIDE)
def test_the_ends_are_taken_by_all_three(one: Ranged, end: float, tmp_path: Path) -> None:
    more = {"weights": "none"} if one.field == "epochs" else {}
    assert one.values(end) == getattr(one.owner(**{one.field: one.values(end)}, **more), one.field)
    done = command(one, end)
    assert (2, True, False) == (done.exit_code, "nowhere" in done.stderr, one.spelt in done.stderr), done.stderr
    if one.table:
        read_ship_file(toml(one, end, tmp_path))


@pytest.mark.parametrize(("one", "end"), OUTSIDE)
def test_what_lies_just_outside_is_refused_by_all_three(one: Ranged, end: float, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        one.owner(**{one.field: one.values(end)})
    assert (2, one.spelt) == (caught.value.exit_code, caught.value.where)
    done = command(one, end)
    assert (2, True) == (done.exit_code, one.spelt in done.stderr), done.stderr
    if one.table:
        done = CliRunner().invoke(cli, ["ship", str(toml(one, end, tmp_path))])
        assert (2, True) == (done.exit_code, f"[{one.table}] {one.field}: " in done.stderr), done.stderr


def test_every_range_of_an_option_stands_above() -> None:
    """A range that is added to a field, or changed there, must be written here, too."""
    owners = {one.owner for one in RANGED} | {ArchiveOptions, AskedForm, FlutterOptions, FrozenGraphOptions, WebOptions}
    owners |= {TfjsOptions, TfliteOptions}
    found = {
        (owner, told.name, told.low, told.above, told.high)
        for owner in owners
        for told in options_of(owner).values()
        if told.kind in ("whole", "number", "size")
    }
    listed = {
        (one.owner, one.field, *((None, 0) if one.low == TINY else (one.low, None)), _stated(one)) for one in RANGED
    }
    assert listed == found


def _stated(one: Ranged) -> float | None:
    return None if one.high in (COUNTS, LARGEST) else one.high


def test_every_option_of_a_stage_is_on_its_command_line() -> None:
    commands = {
        "train": (TrainOptions,),
        "adopt": (AdoptOptions,),
        "prepare": (PrepareOptions,),
        "quantize": (RepresentativeOptions,),
        "convert": (AskedForm, OnnxOptions, TfliteOptions, FrozenGraphOptions, TfjsOptions),
        "validate": (JudgeOptions, Limits),
        "deliver archive": (ArchiveOptions,),
        "deliver backend": (BackendOptions,),
        "deliver flutter": (FlutterOptions,),
        "deliver web": (WebOptions,),
    }
    for name, owners in commands.items():
        told = CliRunner().invoke(cli, [*name.split(), "--help"]).stdout
        missing = [one.spelt for owner in owners for one in options_of(owner).values() if f"{one.spelt}" not in told]
        assert [] == missing, name


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        TrainOptions(batch_size=0, seed=-1, precision="float8")
    assert ["--batch-size", "--seed", "--precision"] == [
        line.split(":")[0] for line in str(caught.value.received).splitlines()
    ]


def test_true_is_no_number_and_one_is_no_switch() -> None:
    for wrong in ({"epochs": True}, {"epochs": 8.0}, {"augment": 1}, {"learning_rate": "1e-3"}, {"image_size": (64,)}):
        with pytest.raises(UsageError) as caught:
            TrainOptions(**wrong)
        assert f"--{next(iter(wrong)).replace('_', '-')}" == caught.value.where


def test_an_opset_that_nobody_can_write_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        OnnxOptions(opset=3)
    assert ("--opset", "3") == (caught.value.where, caught.value.received)

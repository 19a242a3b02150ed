"""`modelport ship`: the whole way from photos to deliveries; what is done, and unchanged, is not done again."""

import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ...contract.errors import ModelportError, UsageError
from ...contract.files import disk
from ...contract.files.journal import lies_there, promised
from ...contract.files.process_lock import locked
from ...contract.narration import Narrator, Silent
from .engine.record import ShipRecord, StepEntry, read_record
from .engine.step import Outcome, Shipping, Step, Turn, begin_overwriting, hashes, name_in
from .engine.why import differences, plain, why
from .plan.plan import ShipPlan
from .steps.dataset import refuse_other_dataset
from .steps.deliver import delivery_steps
from .steps.export import (
    choose_inputs,
    choose_tflite_file,
    convert_inputs,
    convert_model,
    quantize_inputs,
    quantize_model,
    validate_inputs,
    validate_run,
)
from .steps.prepare import begin_training, prepare_data, prepare_inputs, refuse_training, train_inputs, train_model

#: In the work folder, held while a ship is at work there.
LOCK = "ship.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one step.

    Attributes:
        step: its name.
        state: "done", "kept", "failed", "refused" or "not reached"; of a dry run "would do", "may follow" or "kept".
        seconds: that it took, looking at its inputs included.
        came: what came out, or why it was refused, in a line.
    """

    step: str
    state: str
    seconds: float = 0.0
    came: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """What `modelport ship` did.

    Attributes:
        rows: one for each step.
        errors: of the steps that were refused.
        failed: whether a step said no without an error: the verdicts did.
        record: of the work folder, as it is now.
    """

    rows: tuple[Row, ...]
    errors: tuple[ModelportError, ...] = ()
    failed: bool = False
    record: ShipRecord

    @property
    def exit_code(self) -> int:
        """0, 1 if something was judged and failed, 2 if something was refused."""
        return max([int(self.failed), *(error.exit_code for error in self.errors)])


def steps_of(shipping: Shipping) -> list[Step]:
    """Return the steps, each after those that it needs."""
    plan = shipping.plan
    has_tflite = "tflite" in plan.formats or bool(plan.recipes)
    steps: list[Step | None] = [
        Step(name="prepare", inputs=prepare_inputs, act=prepare_data, refuse=refuse_other_dataset),
        Step(name="train", inputs=train_inputs, act=train_model, refuse=refuse_training, begin=begin_training),
        Step(name="convert", inputs=convert_inputs, act=convert_model, begin=begin_overwriting)
        if plan.formats
        else None,
        Step(name="quantize", inputs=quantize_inputs, act=quantize_model, begin=begin_overwriting)
        if plan.recipes
        else None,
        Step(name="validate", inputs=validate_inputs, act=validate_run),
        # after the verdicts, and before what is delivered: an app gets model.tflite
        Step(name="choose", inputs=choose_inputs, act=choose_tflite_file) if has_tflite else None,
    ]
    return [*filter(None, steps), *delivery_steps(shipping)]


def ship(
    plan: ShipPlan,
    *,
    start: str | None = None,
    dry_run: bool = False,
    narrator: Narrator | None = None,
    cache: Path | None = None,
) -> Shipped:
    """Do what the file asks for and is not done yet.

    Args:
        plan: of modelport.toml.
        start: a step that is done again with all that follow, also where nothing changed; None: no step is.
        dry_run: only say what would be done; nothing is written.
        narrator: told about progress.
        cache: folder of the answers of earlier judgements; None: none are kept.

    Returns:
        A row for each step. A step that is refused, or failed, ends the way, but for deliveries: the others are made.

    Raises:
        UsageError: there is no step `start`.
        InputError: ship.json is broken.
    """
    shipping = Shipping(plan=plan, narrator=narrator or Silent(), cache=cache)
    steps = steps_of(shipping)
    names = [step.name for step in steps]
    if start is not None and start not in names:
        raise UsageError("no such step in this file", where="--from", expected=", ".join(names), received=start)
    forced = set(names[names.index(start) :]) if start else set[str]()
    if dry_run:
        return _Walk(shipping, steps, forced, True, read_record(plan.work)).go()
    disk.make_folder(plan.work)
    with locked(plan.work / LOCK, lambda: shipping.narrator.say(f"waits for another ship in {plan.work}")):
        return _Walk(shipping, steps, forced, False, read_record(plan.work)).go()


@dataclass(slots=True)
class _Walk:
    """One way through the steps.

    Attributes:
        shipping, steps, forced: of `ship`.
        dry: whether nothing is done, and nothing written.
        record: of the work folder.
        rows, errors: of the steps so far.
        first: of a dry run, the first step that would be done; what follows from it is not known yet.
    """

    shipping: Shipping
    steps: list[Step]
    forced: set[str]
    dry: bool
    record: ShipRecord
    rows: list[Row] = field(default_factory=list)
    errors: list[ModelportError] = field(default_factory=list)
    first: str | None = None

    def go(self) -> Shipped:
        stopped = failed = False
        for number, step in enumerate(self.steps, 1):
            if stopped:
                self.rows.append(Row(step=step.name, state="not reached"))
                continue
            before = time.monotonic()
            try:
                label = f"{number}/{len(self.steps)} {step.name:<15}"
                state, came = self._foresee(step) if self.dry else self._do(step, label)
            except ModelportError as error:
                self.errors.append(error)
                state, came, stopped = "refused", _in_a_line(error), not step.is_last
            failed = failed or state == "failed"
            stopped = stopped or state == "failed"
            self.rows.append(Row(step=step.name, state=state, seconds=time.monotonic() - before, came=came))
        return Shipped(rows=tuple(self.rows), errors=tuple(self.errors), failed=failed, record=self.record)

    def _foresee(self, step: Step) -> tuple[str, str]:
        """Return what would become of a step, as far as that is known before those are done that it needs."""
        before = self.record.steps.get(step.name)
        if self.first is None:
            turn = self._turn(step, plain(step.inputs(self.shipping)))
            if isinstance(turn, StepEntry):
                return _state_of(turn), turn.came
        elif step.name not in self.forced and before is not None and before.finished is not None:
            return "may follow", f"if {self.first} changes what it is made from"
        else:
            turn = Turn(before=before, forced=step.name in self.forced)
        step.refuse(self.shipping, turn)
        if self.first is None and not step.is_last:
            self.first = step.name
        return "would do", why(turn, self._lost)

    def _do(self, step: Step, label: str) -> tuple[str, str]:
        """Do one step if it must be done; return its state, and what came out."""
        shipping = self.shipping
        inputs = plain(step.inputs(shipping))
        turn = self._turn(step, inputs)
        if isinstance(turn, StepEntry):
            shipping.narrator.say(f"{label} kept: {turn.came}")
            self._tell(turn)
            if self.record.steps[step.name] != turn:
                self._put(step.name, turn)
            return _state_of(turn), turn.came
        shipping.narrator.say(f"{label} {why(turn, self._lost)}")
        step.refuse(shipping, turn)
        begun = StepEntry(
            inputs=inputs,
            done=False,
            outputs=turn.before.outputs if turn.before else {},
            facts=step.begin(shipping, turn),
            last=turn.before.finished if turn.before else None,
        )
        with promised(partial(self._put, step.name), begun, lambda: _finished(shipping, begun, outcome)):
            outcome = step.act(shipping, turn)
        shipping.narrator.say(f"{'':<{len(label)}} {outcome.came}")
        self._tell(self.record.steps[step.name])
        return "failed" if outcome.failed else "kept" if outcome.is_kept else "done", outcome.came

    def _turn(self, step: Step, inputs: dict[str, Any]) -> Turn | StepEntry:
        """Return why a step is done, or the entry of the time when it was, if that is what is asked for."""
        before, forced = self.record.steps.get(step.name), step.name in self.forced
        done = before.finished if before else None
        if done is not None and not forced and plain(done.inputs) == inputs and self._lost(done) == []:
            return done
        changed = () if before is None else differences(plain(before.inputs), inputs)
        return Turn(before=before, forced=forced, changed=changed)

    def _lost(self, entry: StepEntry) -> list[str]:
        """Return the outputs that are not what they were."""
        work = self.shipping.plan.work
        return [name for name, digest in entry.outputs.items() if not lies_there(work / name, digest)]

    def _put(self, name: str, entry: StepEntry) -> None:
        self.record = self.record.put(name, entry)

    def _tell(self, entry: StepEntry) -> None:
        sentences = entry.facts.get("sentences")
        for sentence in sentences if isinstance(sentences, list) else []:
            self.shipping.narrator.say(f"          {sentence}")


def _finished(shipping: Shipping, begun: StepEntry, outcome: Outcome) -> StepEntry:
    names = [name_in(shipping.plan.work, path) for path in outcome.outputs]
    return StepEntry(
        inputs=begun.inputs,
        done=True,
        outputs=hashes(shipping.plan.work, names),
        came=outcome.came,
        facts={**outcome.facts, "failed": outcome.failed},
    )


def _state_of(entry: StepEntry) -> str:
    """Return the state of a step that is not done again: what failed stays failed."""
    return "failed" if entry.facts.get("failed") else "kept"


def _in_a_line(error: ModelportError) -> str:
    return error.what if error.where is None else f"{error.what}: {error.where}"

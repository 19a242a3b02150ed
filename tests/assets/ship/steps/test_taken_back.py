"""A backend's owner takes a model back, or changes the labels: ship does not undo that unasked."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.backend import deliver_backend as module
from modelport.assets.backend.find.found_backend import FoundBackend
from modelport.assets.backend.store.swap import roll_back, swap
from modelport.assets.ship.engine.record import StepEntry
from modelport.assets.ship.engine.step import Shipping, Step, Turn, hashes, name_in
from modelport.assets.ship.plan.read_file import read_ship_file
from modelport.assets.ship.steps.deliver import delivery_steps
from modelport.contract.errors import UsageError
from modelport.contract.files.atomic_write import write_json
from modelport.contract.narration import Silent

MODEL, LABELS = "trained_model_graph.pb", "training_set_labels.txt"


class Service:
    """A service with a model of its own, and a ship that delivered another one to it; nothing is converted."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.backend = root / "svc"
        self.backend.mkdir()
        (root / "photos").mkdir()
        (self.backend / MODEL).write_bytes(b"old")
        (self.backend / LABELS).write_text("a\nb\n")
        file = root / "modelport.toml"
        file.write_text('[data]\nimages = "photos"\n[deliver.backend]\ntarget = "svc"\n')
        self.shipping = Shipping(plan=read_ship_file(file), narrator=Silent())
        self.train("one")
        monkeypatch.setattr(module, "deliver_backend", self._deliver)
        (self.step,) = delivery_steps(self.shipping)

    def train(self, run_id: str) -> None:
        write_json(self.shipping.run.contract, {"run_id": run_id})

    def _deliver(self, run: Path, backend: Path, options: Any, **_: Any) -> module.BackendDelivery:
        new = run / "new.pb"
        new.write_bytes(b"new")
        swapped = swap(backend, MODEL, {MODEL: new}, labels=LABELS)
        found = FoundBackend(root=backend, model=MODEL, format="frozen_graph", labels=LABELS)
        return module.BackendDelivery(backend=backend, found=found, swapped=swapped, compared=None, judged="pass")

    @property
    def inputs(self) -> dict[str, Any]:
        from modelport.contract.files.hashing import sha256_of_file

        work = self.shipping.plan.work
        return {"target": name_in(work, self.backend), "contract_sha256": sha256_of_file(self.shipping.run.contract)}

    def ship(self) -> StepEntry:
        outcome, work = self.step.act(self.shipping, Turn()), self.shipping.plan.work
        outputs = hashes(work, [name_in(work, path) for path in outcome.outputs])
        return StepEntry(inputs=self.inputs, done=True, outputs=outputs, facts=outcome.facts)

    def refuse(self, before: StepEntry, *, forced: bool = False) -> None:
        self.step.refuse(self.shipping, Turn(before=before, forced=forced))


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    return Service(tmp_path, monkeypatch)


def test_the_labels_that_the_service_reads_are_of_what_was_delivered(service: Service) -> None:
    assert {f"../svc/{MODEL}", f"../svc/{LABELS}"} == set(service.ship().outputs)


def test_a_model_that_was_taken_back_is_not_delivered_again_unasked(service: Service) -> None:
    before = service.ship()
    service.refuse(before)
    roll_back(service.backend)
    with pytest.raises(UsageError, match="taken back or replaced since") as caught:
        service.refuse(before)
    assert str(caught.value.fix).endswith("--from deliver.backend delivers it again")
    older = replace(before, outputs={f"../svc/{MODEL}": before.outputs[f"../svc/{MODEL}"]}, facts={})
    with pytest.raises(UsageError, match="taken back or replaced since"):
        service.refuse(older)
    service.refuse(before, forced=True)


def test_a_model_that_was_trained_since_is_another_one(service: Service) -> None:
    before = service.ship()
    roll_back(service.backend)
    service.train("two")
    service.refuse(before)


def test_other_labels_than_at_the_delivery(service: Service) -> None:
    before = service.ship()
    (service.backend / LABELS).write_text("b\na\n")
    with pytest.raises(UsageError, match="labels were changed since the model was delivered") as caught:
        service.refuse(before)
    assert service.backend.name in str(caught.value.where)


Change = Callable[[Service], object]


@pytest.mark.parametrize(
    "change", [lambda one: (one.backend / MODEL).unlink(), lambda one: None], ids=["gone", "as it was"]
)
def test_what_is_gone_or_as_it_was_may_be_delivered(service: Service, change: Change) -> None:
    before = service.ship()
    change(service)
    service.refuse(before)


def test_only_a_backend_is_asked_so(service: Service) -> None:
    assert isinstance(service.step, Step)
    service.refuse(replace(service.ship(), done=False, last=None))

"""How a training of `modelport ship` begins: what is trained, gone on with, kept, replaced or refused."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.ship.engine.record import StepEntry
from modelport.assets.ship.engine.step import Shipping, Turn
from modelport.assets.ship.plan.read_file import read_ship_file
from modelport.assets.ship.steps.prepare import begin_training, refuse_training, train_inputs, train_model, train_start
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.narration import Silent
from modelport.contract.run.run_folder import RunFolder

LABELS = ("blue", "red")


@pytest.fixture
def shipping(tmp_path: Path) -> Shipping:
    """A file, and a data set that was prepared."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "modelport.toml").write_text('[data]\nimages = "photos"\n[train]\nepochs = 8\n')
    plan = read_ship_file(tmp_path / "modelport.toml")
    plan.dataset.mkdir(parents=True)
    listed = [{"path": "train/red/1.png", "sha256": "a"}, {"path": "test/blue/2.png", "sha256": "b"}]
    (plan.dataset / "dataset.json").write_text(json.dumps({"images": listed}))
    return Shipping(plan=plan, narrator=Silent())


def write_history(shipping: Shipping, run_id: str, *, epochs: int = 3, **other: Any) -> None:
    shipping.plan.run.mkdir(exist_ok=True)
    # by the definition of training_history.json: a line each for split, label and sha256, sorted
    data = hashlib.sha256(b"test\nblue\nb\ntrain\nred\na\n").hexdigest()
    facts = {"run_id": run_id, "data_sha256": data, "options": shipping.plan.train.to_json(), "phase": [1] * epochs}
    shipping.run.history.write_text(json.dumps(facts | other))


def write_finished(shipping: Shipping, run_id: str, **other: Any) -> None:
    write_history(shipping, run_id, epochs=8, **other)
    run = shipping.run
    run.model.write_bytes(run_id.encode())
    write_labels(run.labels, LABELS)
    model = hashlib.sha256(run_id.encode()).hexdigest()
    head = ClassificationHead(name="label", labels=LABELS)
    own = Provenance(run_id=run_id, model_sha256=model)
    write_contract(run.contract, ModelContract(pixels=PixelContract(), heads=(head,), parameters=1, provenance=own))
    figures = {"run_id": run_id, "test_accuracy": 0.9, "test_accuracy_interval_95": [0.8, 0.95], "test_images": 40}
    run.evaluation.write_text(json.dumps(figures))
    run.reference.write_bytes(b"answers")


def entry(shipping: Shipping, *, done: bool, replaces: str | None = None, **inputs: Any) -> StepEntry:
    facts = {} if done else {"replaces": replaces}
    outputs = {}
    if done:
        run = RunFolder(Path("run"))
        files = (run.model, run.contract, run.labels, run.evaluation, run.reference, run.history)
        found = {file.as_posix(): shipping.plan.work / file for file in files}
        outputs = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in found.items()}
    return StepEntry(inputs=train_inputs(shipping) | inputs, done=done, outputs=outputs, facts=facts)


def start(shipping: Shipping, before: StepEntry | None = None, *, forced: bool = False) -> str:
    now = train_inputs(shipping)
    changed = () if before is None else tuple(name for name in now if before.inputs.get(name) != now[name])
    return train_start(shipping, Turn(before=before, forced=forced, changed=changed))


class TestHowItBegins:
    def test_where_nothing_is(self, shipping: Shipping) -> None:
        assert "new" == start(shipping)
        assert "new" == start(shipping, forced=True)

    def test_stopped_before_its_first_epoch_was_recorded(self, shipping: Shipping) -> None:
        assert "new" == start(shipping, entry(shipping, done=False))

    def test_stopped_in_the_middle_it_goes_on(self, shipping: Shipping) -> None:
        write_history(shipping, "a")
        assert "resume" == start(shipping, entry(shipping, done=False))

    def test_stopped_twice_it_still_goes_on(self, shipping: Shipping) -> None:
        """What the second try recorded must not take the training that it goes on with for the one to be replaced."""
        write_history(shipping, "a")
        turn = Turn(before=entry(shipping, done=False, replaces="old"))
        assert {"replaces": "old"} == begin_training(shipping, turn)

    def test_stopped_with_other_options_it_begins_anew(self, shipping: Shipping) -> None:
        write_history(shipping, "a")
        assert "overwrite" == start(shipping, entry(shipping, done=False, epochs=5))

    def test_finished_just_before_the_stop_it_is_kept(self, shipping: Shipping) -> None:
        write_finished(shipping, "a")
        assert "kept" == start(shipping, entry(shipping, done=False))
        outcome = train_model(shipping, Turn(before=entry(shipping, done=False)))
        assert outcome.is_kept
        assert "test top-1 90.0 % [80.0, 95.0], n = 40, 8 epochs" == outcome.came

    def test_with_other_options_the_run_is_replaced(self, shipping: Shipping) -> None:
        write_finished(shipping, "a")
        before = entry(shipping, done=True, epochs=5)
        assert "overwrite" == start(shipping, before)
        turn = Turn(before=before, changed=("epochs (5 -> 8)",))
        assert {"replaces": "a"} == begin_training(shipping, turn)

    def test_stopped_before_it_replaced_the_run_it_replaces_it(self, shipping: Shipping) -> None:
        """The old run has the same files as a finished new one; only its id tells."""
        write_finished(shipping, "a")
        assert "overwrite" == start(shipping, entry(shipping, done=False, replaces="a"))

    def test_stopped_while_it_replaced_the_run_it_goes_on(self, shipping: Shipping) -> None:
        write_finished(shipping, "a")
        write_history(shipping, "b", epochs=0)  # the new history comes first, contract.json is the old one's still
        assert "resume" == start(shipping, entry(shipping, done=False, replaces="a"))

    def test_from_train_replaces(self, shipping: Shipping) -> None:
        write_finished(shipping, "a")
        assert "overwrite" == start(shipping, entry(shipping, done=True), forced=True)


class TestRunsOfOthers:
    def test_a_run_without_a_record_is_kept_where_its_history_says_the_same(self, shipping: Shipping) -> None:
        write_finished(shipping, "a")
        assert "kept" == start(shipping)
        write_history(shipping, "a", options={**shipping.plan.train.to_json(), "epochs": 9})
        with pytest.raises(InputError, match="did not train"):
            start(shipping)

    def test_a_run_of_a_modelport_that_had_fewer_options(self, shipping: Shipping) -> None:
        older = shipping.plan.train.to_json()
        del older["drawing"]
        write_finished(shipping, "a", options=older)
        assert "kept" == start(shipping)
        write_finished(shipping, "a", options=older | {"epochs": 9})
        with pytest.raises(InputError, match="did not train"):
            start(shipping)

    def test_before_there_is_a_data_set_the_options_tell(self, shipping: Shipping) -> None:
        """As a dry run asks it."""
        (shipping.plan.dataset / "dataset.json").unlink()
        write_finished(shipping, "a")
        refuse_training(shipping, Turn())
        write_finished(shipping, "a", options={"epochs": 9})
        with pytest.raises(InputError, match="did not train"):
            refuse_training(shipping, Turn())

    def test_other_data(self, shipping: Shipping) -> None:
        write_finished(shipping, "a", data_sha256="0" * 64)
        with pytest.raises(InputError) as caught:
            start(shipping)
        assert str(caught.value.fix).endswith("--from train")

    def test_weights_from_a_file_whose_content_nobody_recorded(self, shipping: Shipping, tmp_path: Path) -> None:
        (tmp_path / "a.weights.h5").write_bytes(b"weights")
        train = replace(shipping.plan.train, weights=str(tmp_path / "a.weights.h5"))
        other = replace(shipping, plan=replace(shipping.plan, train=train))
        write_finished(other, "a")
        with pytest.raises(InputError, match="did not train"):
            start(other)

    def test_an_adopted_run(self, shipping: Shipping) -> None:
        write_finished(shipping, "a")
        shipping.run.history.unlink()
        with pytest.raises(InputError, match="did not train"):
            start(shipping)

    @pytest.mark.parametrize("name", ["reference.npz", "evaluation_report.json", "training_set_labels.txt"])
    def test_a_run_that_lost_or_changed_a_file_is_not_replaced(self, shipping: Shipping, name: str) -> None:
        write_finished(shipping, "a")
        before = entry(shipping, done=True)
        (shipping.plan.run / name).write_text("edited")
        with pytest.raises(InputError) as caught:
            start(shipping, before)
        assert f"run/{name}: changed" == caught.value.received
        (shipping.plan.run / name).unlink()
        with pytest.raises(InputError) as caught:
            start(shipping, before)
        assert f"run/{name}: missing" == caught.value.received


class TestInputs:
    def test_weights_count_by_their_content(self, shipping: Shipping, tmp_path: Path) -> None:
        def inputs(folder: str, content: bytes) -> dict[str, Any]:
            file = tmp_path / folder / "a.weights.h5"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
            train = replace(shipping.plan.train, weights=str(file))
            return train_inputs(replace(shipping, plan=replace(shipping.plan, train=train)))

        assert inputs("one", b"w") == inputs("other", b"w") != inputs("one", b"v")

    def test_what_only_says_how_much_may_be_taken_counts_not(self, shipping: Shipping) -> None:
        train = replace(shipping.plan.train, gpu_memory_limit_mb=4096, allow_leak=True)
        assert train_inputs(shipping) == train_inputs(replace(shipping, plan=replace(shipping.plan, train=train)))

    def test_no_version_of_a_tool_trains_again(self, shipping: Shipping) -> None:
        assert "tools" not in train_inputs(shipping)

"""The walk of `modelport ship`: what is done, kept, refused; and what is there after every step on disk."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.ship import ship as ship_module
from modelport.assets.ship.engine.record import RECORD, read_record
from modelport.assets.ship.engine.step import Outcome, Shipping, Step, Turn
from modelport.assets.ship.plan.plan import ShipPlan
from modelport.assets.ship.plan.read_file import read_ship_file
from modelport.assets.ship.ship import Shipped, ship
from modelport.contract.errors import InputError, JudgedAndFailed, UsageError
from modelport.contract.files.atomic_write import write_text

#: Each is made from the one before it; both deliveries from `three`.
NEEDS = {"one": "source", "two": "one", "three": "two", "deliver.x": "three", "deliver.y": "three"}

Walk = Callable[[Path, Callable[[], object], Callable[[Path], object]], Any]


@dataclass
class Made:
    """Steps that copy a file, and what they did.

    Attributes:
        folder: holds source.txt and work/.
        done: how often each step was begun, and how often it came to its end.
        options: of a step, its own input.
        refuse: steps that raise this.
        failing: steps whose work is done and whose answer is no.
        guarded: steps that must not be done, and say so before.
    """

    folder: Path
    begun: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    options: dict[str, int] = field(default_factory=dict)
    refuse: dict[str, Exception] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    guarded: dict[str, Exception] = field(default_factory=dict)

    @property
    def plan(self) -> ShipPlan:
        return replace(read_ship_file(self.folder / "modelport.toml"), work=self.folder / "work")

    def path(self, name: str) -> Path:
        return self.folder / "source.txt" if name == "source" else self.folder / "work" / f"{name}.txt"

    def steps(self, shipping: Shipping) -> list[Step]:
        return [self.step(name) for name in NEEDS]

    def step(self, name: str) -> Step:
        def inputs(shipping: Shipping) -> dict[str, Any]:
            return {"text": self.path(NEEDS[name]).read_text(), "option": self.options.get(name, 0)}

        def act(shipping: Shipping, turn: Turn) -> Outcome:
            self.begun[name] += 1
            if name in self.refuse:
                raise self.refuse[name]
            text = f"{self.path(NEEDS[name]).read_text()} {name}{self.options.get(name, '')}"
            write_text(self.path(name), text)
            self.done[name] += 1
            return Outcome(came=f"made {name}", outputs=(self.path(name),), failed=name in self.failing)

        def refuse(shipping: Shipping, turn: Turn) -> None:
            if name in self.guarded and not turn.forced:
                raise self.guarded[name]

        return Step(name=name, inputs=inputs, act=act, refuse=refuse, is_last=name.startswith("deliver."))

    def go(self, **options: Any) -> Shipped:
        self.begun.clear()
        self.done.clear()
        return ship(self.plan, **options)

    def states(self, **options: Any) -> dict[str, str]:
        return {row.step: row.state for row in self.go(**options).rows}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    folder = tmp_path / "project"
    (folder / "photos").mkdir(parents=True)
    (folder / "modelport.toml").write_text('[data]\nimages = "photos"\n')
    (folder / "source.txt").write_text("source")
    found = Made(folder)
    monkeypatch.setattr(ship_module, "steps_of", found.steps)
    return found


ALL = dict.fromkeys(NEEDS, 1)


class TestWhatIsDone:
    def test_each_step_once_and_then_none(self, made: Made) -> None:
        assert dict.fromkeys(NEEDS, "done") == made.states()
        assert dict.fromkeys(NEEDS, "kept") == made.states()
        assert {} == made.begun

    def test_a_changed_source_redoes_what_depends_on_it(self, made: Made) -> None:
        made.go()
        made.path("source").write_text("other")
        assert dict.fromkeys(NEEDS, "done") == made.states()
        assert "other one two three deliver.x" == made.path("deliver.x").read_text()

    def test_a_changed_option_redoes_from_its_step_on(self, made: Made) -> None:
        made.go()
        made.options["three"] = 1
        assert ["kept", "kept", "done", "done", "done"] == list(made.states().values())

    def test_a_step_that_comes_to_the_same_ends_the_redoing(self, made: Made) -> None:
        made.go()
        made.path("two").write_text("damaged")
        assert ["kept", "done", "kept", "kept", "kept"] == list(made.states().values())

    @pytest.mark.parametrize("name", NEEDS)
    def test_an_output_that_is_gone_is_made_again(self, made: Made, name: str) -> None:
        made.go()
        made.path(name).unlink()
        made.go()
        assert {name: 1} == made.done

    def test_from_does_a_step_and_all_that_follow_again(self, made: Made) -> None:
        made.go()
        assert ["kept", "kept", "done", "done", "done"] == list(made.states(start="three").values())

    def test_an_unknown_step_is_answered_with_the_known_ones(self, made: Made) -> None:
        with pytest.raises(UsageError) as caught:
            made.go(start="four")
        assert "one, two, three, deliver.x, deliver.y" == caught.value.expected
        assert not (made.folder / "work").exists()

    def test_options_that_come_back_find_what_was_made_with_them(self, made: Made) -> None:
        """Where the try with other options was refused before it changed anything."""
        made.go()
        made.options["one"] = 1
        made.refuse["one"] = InputError("no")
        made.go()
        made.refuse.clear()
        made.options.clear()
        assert dict.fromkeys(NEEDS, "kept") == made.states()

    def test_what_is_refused_in_time_leaves_the_record_as_it_was(self, made: Made) -> None:
        """So that it is refused as long as it lies there, and the other deliveries are made."""
        made.go()
        made.path("deliver.x").write_text("taken back")
        made.guarded["deliver.x"] = UsageError("taken back")
        for _ in range(2):
            assert ["kept", "kept", "kept", "refused", "kept"] == list(made.states().values())
        assert "taken back" == made.path("deliver.x").read_text()
        assert "done" == made.states(start="deliver.x")["deliver.x"]

    def test_an_input_that_says_nothing_is_none_that_an_older_record_lacks(self, made: Made) -> None:
        made.go()
        plain = made.step

        def newer(name: str) -> Step:
            step = plain(name)
            return replace(step, inputs=lambda shipping: step.inputs(shipping) | {"drawing": None, "of": {"a": None}})

        record = read_record(made.folder / "work")
        for name, entry in record.steps.items():
            record = record.put(name, replace(entry, inputs=entry.inputs | {"of": {}}))
        made.step = newer  # type: ignore[method-assign]
        assert dict.fromkeys(NEEDS, "kept") == made.states()

    def test_a_project_may_be_moved(self, made: Made) -> None:
        made.go()
        made.folder = made.folder.rename(made.folder.with_name("moved"))
        assert dict.fromkeys(NEEDS, "kept") == made.states()


class TestDryRun:
    def test_nothing_is_written(self, made: Made) -> None:
        assert dict.fromkeys(NEEDS, "would do") == made.states(dry_run=True)
        assert not (made.folder / "work").exists()
        made.go()
        before = {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")}
        made.options["three"] = 1
        assert ["kept", "kept", "would do", "may follow", "may follow"] == list(made.states(dry_run=True).values())
        assert before == {path: path.stat().st_mtime_ns for path in made.folder.rglob("*")}
        assert {} == made.begun

    def test_it_says_why(self, made: Made) -> None:
        made.go()
        made.options["two"] = 3
        assert "because of option (0 -> 3)" == made.go(dry_run=True).rows[1].came

    def test_what_was_never_done_will_follow(self, made: Made) -> None:
        made.failing.add("two")
        made.go()
        made.options["one"] = 1
        assert ["would do", "may follow", *["would do"] * 3] == list(made.states(dry_run=True).values())

    @pytest.mark.parametrize("name", NEEDS)
    def test_it_refuses_what_is_refused(self, made: Made, name: str) -> None:
        made.guarded[name] = InputError("somebody else's", where="there")
        foreseen = made.go(dry_run=True)
        row = next(row for row in foreseen.rows if row.step == name)
        assert ("refused", "somebody else's: there", 2) == (row.state, row.came, foreseen.exit_code)
        done = made.go()
        assert [row.state.replace("would do", "done") for row in foreseen.rows] == [row.state for row in done.rows]
        assert name not in made.begun
        assert name not in read_record(made.folder / "work").steps

    def test_inputs_that_cannot_be_read_are_a_row(self, made: Made) -> None:
        made.go()
        made.path("two").unlink()
        plain = made.step

        def inputs(shipping: Shipping) -> dict[str, Any]:
            raise InputError("gone")

        made.step = lambda name: replace(plain(name), inputs=inputs) if name == "two" else plain(name)  # type: ignore[method-assign]
        assert ["kept", "refused", *["not reached"] * 3] == list(made.states(dry_run=True).values())


class TestRefusals:
    def test_a_step_that_is_refused_ends_the_way(self, made: Made) -> None:
        made.refuse["two"] = InputError("bad photos", where="photos")
        done = made.go()
        assert ["done", "refused", *["not reached"] * 3] == [row.state for row in done.rows]
        assert ("bad photos: photos", 2) == (done.rows[1].came, done.exit_code)
        made.refuse.clear()
        assert ["kept", *["done"] * 4] == list(made.states().values())

    def test_a_delivery_that_is_refused_stops_no_other(self, made: Made) -> None:
        made.refuse["deliver.x"] = UsageError("edited")
        done = made.go()
        assert ["refused", "done"] == [row.state for row in done.rows[3:]]
        assert 2 == done.exit_code
        assert not read_record(made.folder / "work").steps["deliver.x"].done, "the next step does not forget the try"

    def test_what_fails_is_not_delivered_also_the_second_time(self, made: Made) -> None:
        made.failing.add("three")
        for state in ("done", "kept"):
            done = made.go()
            assert [state, state, "failed", "not reached", "not reached"] == [row.state for row in done.rows]
            assert 1 == done.exit_code
        assert ["kept", "kept", "failed", "not reached", "not reached"] == list(made.states(dry_run=True).values())
        made.options["two"] = 1
        made.failing.clear()
        assert ["kept", "done", "done", "done", "done"] == list(made.states().values())

    def test_judged_and_failed_is_1(self, made: Made) -> None:
        made.refuse["two"] = JudgedAndFailed("at chance")
        assert 1 == made.go().exit_code

    @pytest.mark.parametrize(
        "content",
        ["", "[]", "{}", '{"modelport_ship": 2, "steps": {}}', '{"modelport_ship": 1, "steps": {"one": {"done": 1}}}'],
    )
    def test_a_record_that_is_none_is_refused(self, made: Made, content: str) -> None:
        made.go()
        (made.folder / "work" / RECORD).write_text(content)
        with pytest.raises(InputError) as caught:
            made.go()
        assert str(made.folder / "work" / RECORD) == str(caught.value.where)
        assert {} == made.begun


class TestStops:
    def test_after_every_step_on_disk_the_next_ship_goes_on(self, made: Made, stops: Walk) -> None:
        """No state that a stopped process leaves makes the next one do again what was finished and recorded."""
        found = stops(made.folder, made.go, lambda root: read_record(root / "work"))
        assert len(found.states) >= 3 * len(NEEDS)
        for state in found.states:
            again = Made(state)
            finished = {name for name, entry in read_record(state / "work").steps.items() if entry.done}
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(ship_module, "steps_of", again.steps)
                done = again.go()
                assert {name: 1 for name in NEEDS if name not in finished} == again.done
                assert 0 == done.exit_code
                assert "source one two three deliver.y" == again.path("deliver.y").read_text()
                again.go()
                assert {} == again.begun
        print(f"ship: {len(found.steps)} points, {len(found.states)} distinct states, 0 not whole")

    def test_stopped_while_options_change_the_next_ship_goes_on(self, made: Made, stops: Walk) -> None:
        made.go()
        made.options["two"] = 5
        found = stops(made.folder, made.go, lambda root: read_record(root / "work"))
        for state in found.states:
            again = Made(state, options={"two": 5})
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(ship_module, "steps_of", again.steps)
                assert "kept" == again.states()["one"]
                assert "source one two5 three deliver.y" == again.path("deliver.y").read_text()

    def test_two_at_once_wait_for_each_other(self, made: Made) -> None:
        """The second starts while the first is at step two, and finds everything done."""
        from threading import Thread

        second: list[dict[str, str]] = []
        threads: list[Thread] = []
        plain = made.step("two").act

        def act(shipping: Shipping, turn: Turn) -> Outcome:
            threads.append(Thread(target=lambda: second.append({row.step: row.state for row in ship(made.plan).rows})))
            threads[0].start()
            return plain(shipping, turn)

        def steps(shipping: Shipping) -> list[Step]:
            return [replace(one, act=act) if one.name == "two" and not threads else one for one in made.steps(shipping)]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ship_module, "steps_of", steps)
            made.go()
            threads[0].join()
        assert [dict.fromkeys(NEEDS, "kept")] == second
        assert ALL == made.done


def test_the_record_is_json_with_paths_in_the_work_folder(made: Made) -> None:
    made.go()
    value = json.loads((made.folder / "work" / RECORD).read_text())
    assert {"one.txt"} == set(value["steps"]["one"]["outputs"])
    assert str(made.folder) not in json.dumps(value)

"""The order of labels is decided once: a labels file that is edited meanwhile is never paired with another model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.backend import deliver_backend as module
from modelport.assets.backend.compare.compare_models import Compared
from modelport.assets.backend.find.options import BackendOptions
from modelport.assets.backend.fitting_artifact import Prepared, check_range
from modelport.assets.backend.store.put_state import LINKED
from modelport.assets.backend.store.swap import roll_back
from modelport.cli.text.backend_lines import delivery_lines
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import InputForm, PixelContract
from modelport.contract.run.run_folder import RunFolder
from modelport.convert.to_frozen_graph.old_graph import OldGraph
from modelport.runtimes.facts.inspection import InspectedTensor

GRAPH, LABELS = "trained_model_graph.pb", "training_set_labels.txt"
Deliver = Callable[..., module.BackendDelivery]


@pytest.fixture
def service(tmp_path: Path) -> Path:
    root = tmp_path / "service"
    root.mkdir()
    (root / GRAPH).write_bytes(b"old graph")
    (root / LABELS).write_text("b\na\n")
    return root


@pytest.fixture
def deliver(paper_run: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch) -> Deliver:
    """A delivery whose new graph is a few bytes; `meanwhile` happens while it is made."""
    run = paper_run()

    def deliver(root: Path, options: BackendOptions, meanwhile: Callable[[], Any] = lambda: None) -> Any:
        @contextmanager
        def prepared(*_: object) -> Iterator[Prepared]:
            meanwhile()
            yield Prepared(file=run.model, contract=run.read_contract(), judged="pass")

        compared = Compared(n=10, most_frequent=5, old_right=10, new_right=10, same=10)
        monkeypatch.setattr(module, "prepared_for", prepared)
        monkeypatch.setattr(module, "_compare", lambda *_: compared)
        return module.deliver_backend(run.root, root, options)

    return deliver


@pytest.mark.parametrize("is_inside", [True, False])
def test_labels_that_are_edited_during_the_delivery_refuse_it(
    service: Path, deliver: Deliver, tmp_path: Path, is_inside: bool
) -> None:
    labels = service / LABELS if is_inside else tmp_path / "elsewhere.txt"
    labels.write_text("b\na\n")
    options = BackendOptions(like_labels=None if is_inside else labels)
    with pytest.raises(InputError, match="labels file was changed while the model was made") as refusal:
        deliver(service, options, lambda: labels.write_text("a\nb\n"))
    assert "run the same command again" == refusal.value.fix
    assert b"old graph" == (service / GRAPH).read_bytes()
    assert deliver(service, options).swapped is not None, "the repeat confirms nothing that was not delivered"
    assert deliver(service, options).swapped is None


def test_a_new_backend_gets_its_labels_with_the_graph_and_loses_both(deliver: Deliver, tmp_path: Path) -> None:
    root = tmp_path / "new"
    root.mkdir()
    done = deliver(root, BackendOptions())
    assert any(f"with {LABELS}" in line for line in delivery_lines(done))
    assert not any("stays as it is" in line for line in delivery_lines(done))
    assert not (root / LABELS).is_symlink()
    assert deliver(root, BackendOptions()).swapped is None
    roll_back(root)
    assert [".modelport"] == [path.name for path in root.iterdir()]


def test_the_loser_of_a_race_for_a_new_backend_is_told_that_nothing_lay_there(deliver: Deliver, tmp_path: Path) -> None:
    root = tmp_path / "new"
    root.mkdir()

    def other() -> None:
        (root / GRAPH).write_bytes(b"of another process")

    with pytest.raises(InputError, match="model was replaced while it was compared") as refusal:
        deliver(root, BackendOptions(), other)
    assert "nothing" == refusal.value.expected
    assert not (root / LABELS).exists()


def test_a_change_of_labels_says_where_the_model_lies_now(service: Path, deliver: Deliver) -> None:
    (service / LABELS).write_text("cat\ndog\n")
    notes = deliver(service, BackendOptions(allow_label_change=True)).notes
    assert (LINKED, module.STOP_FIRST, module.RESTART) == notes
    assert b"a\nb\n" == (service / LABELS).read_bytes()


def test_a_graph_of_both_doors_is_refused_with_the_range_that_serves() -> None:
    pixels = InspectedTensor(name="input:0", dtype="float32", shape=(None, 200, 200, 3))
    both = OldGraph(encoded="DecodeJpeg/contents:0", pixels=pixels, output="final_result:0", classes=10)
    with pytest.raises(InputError, match="takes files and pixels") as refusal:
        check_range(both, Path(GRAPH), InputForm(), PixelContract())
    assert "--value-range 0..1, if modelport made the old graph" in str(refusal.value.fix)
    assert "--input-name" not in str(refusal.value), "an option that this command does not have"
    check_range(both, Path(GRAPH), InputForm(value_range=(0.0, 1.0)), PixelContract())
    check_range(None, Path(GRAPH), InputForm(), PixelContract())

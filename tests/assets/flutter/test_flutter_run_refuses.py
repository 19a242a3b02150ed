"""`modelport deliver flutter` from a run in which the choice cannot be recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.flutter import deliver_flutter as module
from modelport.assets.flutter.deliver_flutter import deliver_flutter
from modelport.assets.flutter.options import FlutterOptions
from modelport.contract.errors import InputError
from modelport.contract.files import disk
from modelport.contract.run.artifacts import SHIPPED
from modelport.contract.run.run_folder import RunFolder


def a_folder_in_the_way(run: RunFolder, _: pytest.MonkeyPatch) -> None:
    (run.root / SHIPPED).mkdir()


def read_only(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse as a read-only file system does: root, as which tests may run, may write whatever the mode says."""
    copy = disk.copy_file

    def refuse(source: Path, target: Path) -> None:
        if run.root in target.parents:
            raise InputError("disk refuses", where=target)
        copy(source, target)

    monkeypatch.setattr(disk, "copy_file", refuse)


@pytest.mark.parametrize("spoil", [a_folder_in_the_way, read_only])
def test_a_run_that_refuses_leaves_the_app_as_it_was(
    paper_run: Callable[..., RunFolder],
    paper: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    spoil: Callable[[RunFolder, pytest.MonkeyPatch], None],
) -> None:
    run, app = paper_run(paper("m.tflite", "float16", 9)), tmp_path / "app"
    app.mkdir()
    (app / "pubspec.yaml").write_text("name: x\n")
    monkeypatch.setattr(module, "golden_files", lambda *_, **__: {})
    monkeypatch.setattr(module, "app_files", lambda *_, **__: {"assets/model/model.tflite": b"m"})
    spoil(run, monkeypatch)
    with pytest.raises(InputError):
        deliver_flutter(run.root, app, FlutterOptions())
    assert ["pubspec.yaml"] == [path.name for path in app.iterdir()]
    assert "name: x\n" == (app / "pubspec.yaml").read_text()

"""What a worker does when it is told, and what it never does, whoever writes on its pipe."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import modelport
import pytest
from modelport.runtimes.process.tasks import call_task, do_task

ROOT = Path(modelport.__path__[0])
#: Folders above runtimes/, see DESIGN.md and [importlinter:contract:layers].
ABOVE = "convert|training|validate|quantize|assets|cli"
FOLDERS = ("contract", "runtimes", *ABOVE.split("|"))


def texts_below(*folders: str) -> Iterator[tuple[Path, str]]:
    """Yield all strings in the code, but for those that are documentation."""
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                yield path.relative_to(ROOT), node.value


def test_runtimes_names_no_module_above_it() -> None:
    """import-linter reads imports, not names that are imported later."""
    name = re.compile(rf"(modelport|\.+)\.?({ABOVE})\b[\w.:]*|({ABOVE})(\.\w+)*:\w+")
    assert [] == [(path, text) for path, text in texts_below("contract", "runtimes") if name.fullmatch(text)]


def test_every_task_that_is_asked_for_is_marked_as_one() -> None:
    asked = {text for _, text in texts_below(*FOLDERS) if re.fullmatch(r"modelport(\.\w+)+:\w+", text)}
    assert len(asked) >= 10
    for text in asked:
        module, function = text.split(":")
        source = (ROOT / f"{module.replace('.', '/').partition('/')[2]}.py").read_text(encoding="utf-8")
        assert f"\n@task\ndef {function}(arguments: dict[str, Any])" in source, text


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("os:system", id="outside"),
        pytest.param("modelport.contract.files.disk:write_file", id="ours-and-no-task"),
        pytest.param("modelport.runtimes.process.tasks:importlib", id="what-a-module-imports"),
        pytest.param("modelport.runtimes.process.memory_use:os.getpid", id="an-attribute"),
        pytest.param("modelport_evil.tasks:memory_use", id="a-name-that-begins-alike"),
        pytest.param("modelport.runtimes.workers.driver_registry:memory_use", id="a-task-by-another-modules-name"),
        pytest.param("memory_use", id="no-module"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_task_is_not_called(name: str) -> None:
    with pytest.raises(LookupError):
        do_task(name, {})


def test_a_name_outside_modelport_is_not_even_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "imported.py").write_text("raise SystemExit('was imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(LookupError):
        call_task("imported:task", {})


def test_a_task_is_called_with_its_arguments() -> None:
    assert {"python"} <= call_task(
        "modelport.runtimes.workers.driver_registry:package_versions", {"packages": []}
    ).keys()

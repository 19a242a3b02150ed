"""`modelport deliver flutter`: model, labels, Dart sources and tests into a Flutter app."""

from dataclasses import dataclass
from pathlib import Path

from ...contract.errors import InputError, UsageError
from ...contract.files.atomic_write import write_bytes
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator, Silent
from ...contract.run.run_folder import RunFolder
from ..delivery.deliver_files import RECORD, Delivered, deliver_files
from ..golden.golden import golden_files
from ..judged.choose_model import Choice, choose_tflite, record_choice
from .app_files import AppModel, app_files
from .options import FlutterOptions
from .pubspec.merge import MergedPubspec, merge_pubspec
from .pubspec.tflite_flutter_versions import oldest_plugin, oldest_runtime

PRODUCT = "flutter"
PUBSPEC = "pubspec.yaml"

#: Assets of an app are as large as they are; a pubspec is written by hand.
_MOST_PUBSPEC_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredFlutter:
    """What was delivered.

    Attributes:
        artifact: path in the run folder.
        judged: its verdict in a line.
        why: by which rule it was chosen.
        files: what became of each file.
        pubspec: what was added to pubspec.yaml; None: there is none, and `FRAGMENT` says what to add.
        notes: what whoever delivers should know.
    """

    artifact: str
    judged: str
    why: str
    files: Delivered
    pubspec: tuple[str, ...] | None
    notes: tuple[str, ...]


def deliver_flutter(
    run: Path, app: Path, options: FlutterOptions, *, narrator: Narrator | None = None
) -> DeliveredFlutter:
    """Put the model that ships into a Flutter app, and add what it needs to the app's pubspec.yaml.

    All that can be refused is refused before the app is touched, so the run's record of the choice comes first: a run
    that cannot be written leaves the app as it is. pubspec.yaml comes last: until then the app builds as it did.

    Args:
        run: a run folder with a report of `modelport validate`.
        app: a Flutter app; or an empty or new folder, or an earlier delivery.
        options: see FlutterOptions.
        narrator: told what is asked.

    Raises:
        InputError: no run, no report, no such artifact, a run that cannot be written, a pubspec.yaml that is not
            understood, or one that lets in too old a plugin.
        JudgedAndFailed: no artifact may ship, or none that the plugin's runtimes run.
        UsageError: files in the way, or a folder of something else.
    """
    folder = RunFolder(run)
    contract = folder.read_contract()
    labels = contract.first_classification.labels  # refused here where there is no classification
    choice = choose_tflite(folder, min_tflite=oldest_runtime().tflite, preprocessing=options.preprocessing)
    plugin = oldest_plugin(choice.judged.min_tflite, folder.root / choice.artifact.path)
    old, merged = _merge(app, plugin)
    own = choice.artifact.contract_in(contract)
    model = AppModel(
        choice=choice,
        contract=own,
        data=(folder.root / choice.artifact.path).read_bytes(),
        golden=golden_files(folder, choice.artifact, data=options.data, narrator=narrator or Silent()),
        allowed_sequences=options.assembly.allowed_sequences,
    )
    files = app_files(model, with_fragment=merged is None)
    about = {"run_id": contract.provenance.run_id, "artifact": choice.artifact.path, "verdict": choice.judged.summary}
    record_choice(folder, choice)
    delivered = deliver_files(app, files, product=PRODUCT, overwrite=options.overwrite, about=about)
    if merged is not None and merged.text != old:
        write_bytes(app / PUBSPEC, merged.text.encode())
    return DeliveredFlutter(
        artifact=choice.artifact.path,
        judged=choice.judged.summary,
        why=choice.why,
        files=delivered,
        pubspec=None if merged is None else merged.added,
        notes=(*(merged.notes if merged else ()), *_notes(choice, own, labels, delivered)),
    )


def _merge(app: Path, plugin: str) -> tuple[str, MergedPubspec | None]:
    """Return the text of the app's pubspec.yaml, and what it becomes; None where the folder is no app yet."""
    path = app / PUBSPEC
    if not path.exists() and not path.is_symlink():
        if app.is_dir() and not (app / RECORD).exists() and any(app.iterdir()):
            raise UsageError(
                "folder is no Flutter app",
                where=app,
                expected=f"a folder with {PUBSPEC}, or an empty one",
                received=", ".join(sorted(entry.name for entry in app.iterdir())[:5]),
                fix="name the folder that holds the app's pubspec.yaml",
            )
        return "", None
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_PUBSPEC_BYTES:
        expected = f"a file of at most {_MOST_PUBSPEC_BYTES:,} bytes, and no link"
        raise InputError("pubspec cannot be added to", where=path, expected=expected)
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise InputError("pubspec cannot be read", where=path, expected="UTF-8", received=error) from error
    return text, merge_pubspec(text, oldest_plugin=plugin, where=path)


def _notes(choice: Choice, own: ModelContract, labels: tuple[str, ...], delivered: Delivered) -> list[str]:
    notes = []
    if not choice.judged.passed:
        notes.append(f"{choice.artifact.path} is undecided, not passed: {choice.judged.summary}")
    if own.drawing is not None:
        notes.append("the model is one of drawings: an app that draws crops, centres and inverts as contract.json says")
    if own.first_classification.labels != labels:
        notes.append("labels.txt is in the file's own order, which is not the run's")
    notes += [f"{name} was edited and is no longer part of the delivery: it stays" for name in delivered.edited]
    return notes

"""The steps of `modelport ship` from photos to a run: prepare, and train."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from ....contract.dataset.prepared_dataset import MANIFEST
from ....contract.errors import InputError, ModelportError
from ....contract.files.hashing import files_below, sha256_of, sha256_of_file
from ....contract.files.json_file import read_json
from ....contract.model_contract.model_contract import read_contract
from ....contract.narration import Narrator
from ....contract.options.option import Option
from ....contract.run.run_folder import RunFolder
from ....training.run.image_hashes import ImageHashes
from ....training.train_options import TrainOptions
from ..engine.step import Outcome, Shipping, Turn, hashes
from ..plan.keys import TABLES

#: Options that say how much the training may take, or whether it may begin, and nothing about what comes out.
_NO_INPUTS = ("gpu_memory_limit_mb", "allow_leak")

TrainStart = Literal["new", "resume", "overwrite", "kept"]


def prepare_inputs(shipping: Shipping) -> dict[str, Any]:
    """Return what decides about the data set: every image, and how they are split."""
    plan, options = shipping.plan, shipping.plan.prepare
    digest, count = _digest_of(plan.images, shipping.narrator)
    asked = [told for name, told in TABLES["data"].items() if name != "images"]
    return {"images": count, "images_sha256": digest} | dict(
        _input(told, getattr(options, told.name)) for told in asked
    )


def _input(told: Option, value: Any) -> tuple[str, object]:
    """Return an option's name and value as ship.json has them: of a file its content, not its place."""
    if told.kind == "path":
        return f"{told.name}_sha256", None if value is None else sha256_of(value)
    return told.name, "/".join(map(str, value)) if told.kind == "spelt" and value is not None else value


def prepare_data(shipping: Shipping, turn: Turn) -> Outcome:
    """Split the images; a data set that is there is replaced whole: see `refuse_other_dataset`."""
    from ....training.prepare.prepare import prepare

    plan = shipping.plan
    options = replace(plan.prepare, overwrite=True)
    summary = prepare(plan.images, plan.dataset, options, shipping.narrator)
    counts = {split: sum(of.values()) for split, of in summary.counts.items()}
    sizes = ", ".join(f"{split} {count:,}" for split, count in counts.items())
    left = f"; {summary.quarantined} left out" if summary.quarantined else ""
    return Outcome(
        came=f"{sizes} images of {len(summary.counts['train'])} classes{left}",
        outputs=(plan.dataset, plan.dataset / MANIFEST),
    )


def _digest_of(folder: Path, narrator: Narrator) -> tuple[str, int]:
    """Return one hash of names and content of all files, and how many; hidden ones, .DS_Store say, are left out."""
    files = [(file.relative_to(folder), file) for file in files_below(folder)]
    seen = [(name, file) for name, file in files if not any(part.startswith(".") for part in name.parts)]
    lines = [
        f"{sha256_of_file(file)}  {name.as_posix()}\n"
        for name, file in narrator.track(seen, len(seen), "hashing photos")
    ]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest(), len(lines)


def data_sha256_of(dataset: Path) -> str:
    """Return the hash that a training knows a data set by, from dataset.json, whose files were compared before."""
    path = dataset / MANIFEST
    try:
        items = [(*item["path"].split("/")[:2], item["path"], item["sha256"]) for item in read_json(path)["images"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError("not the list of a prepared data set", where=path, received=repr(error)) from error
    return ImageHashes(tuple(items)).data_sha256


def train_inputs(shipping: Shipping) -> dict[str, Any]:
    """Return what decides about the model. Not the versions of the tools: a new TensorFlow does not train again."""
    options = shipping.plan.train.to_json()
    weights = Path(str(options["weights"]))
    own = {name: value for name, value in options.items() if name not in _NO_INPUTS}
    if options["weights"] not in ("imagenet", "none"):
        own |= {"weights": weights.name, "weights_sha256": sha256_of_file(weights)}
    return {"data_sha256": data_sha256_of(shipping.plan.dataset), **own}


def begin_training(shipping: Shipping, turn: Turn) -> dict[str, Any]:
    """Return which run the training replaces: a process that is stopped may leave the old or the new one."""
    if train_start(shipping, turn) in ("resume", "kept"):
        return {"replaces": turn.before.facts.get("replaces") if turn.before else None}
    return {"replaces": _run_id(shipping.run)}


def refuse_training(shipping: Shipping, turn: Turn) -> None:
    """Refuse a run that ship did not train, or that was changed since; see `train_start`."""
    train_start(shipping, turn)


def train_model(shipping: Shipping, turn: Turn) -> Outcome:
    """Train, go on with a training that was stopped, or find that it was finished just before the stop."""
    plan, run, start = shipping.plan, shipping.run, train_start(shipping, turn)
    if start == "overwrite":
        shipping.narrator.say(f"          replaces run {_run_id(run)} in {run.root}")
    if start == "resume":
        shipping.narrator.say(f"          goes on with run {_run_id(run)} after {_epochs(run)} epochs")
    if start != "kept":
        from ....training.fit.train import train

        train(plan.dataset, run.root, plan.train, start=start, narrator=shipping.narrator)
    run.read_contract()
    files = (run.model, run.contract, run.labels, run.evaluation, run.reference, run.history)
    return Outcome(came=_accuracy(run), outputs=files, facts={"run_id": _run_id(run)}, is_kept=start == "kept")


def train_start(shipping: Shipping, turn: Turn) -> TrainStart:
    """Return how the training begins. What was trained with other options is never taken for what is asked for.

    Raises:
        InputError: the run folder holds a run that ship did not train, or one that was changed since.
    """
    run, before = shipping.run, turn.before
    there = _run_id(run)
    if there is None:
        return "new"
    if turn.forced or (before is not None and turn.changed):
        return "overwrite"
    if before is None:
        _refuse_other_run(shipping, run)
    elif before.done:
        _refuse_changed_run(shipping, before.outputs)
    elif there == before.facts.get("replaces"):
        return "overwrite"
    return "kept" if _is_finished(run, there) else "resume"


def _refuse_other_run(shipping: Shipping, run: RunFolder) -> None:
    """Refuse a run of which there is no record, unless its history says that it is just what is asked for.

    Before a data set is there, which a dry run does not make, the options alone tell.
    """
    history, dataset = _history(run), shipping.plan.dataset
    expected = shipping.plan.train.to_json()
    named = expected["weights"] in ("imagenet", "none")  # what a file held at the time, no history says
    same_data = not (dataset / MANIFEST).exists() or history.get("data_sha256") == data_sha256_of(dataset)
    options = history.get("options")
    # an older modelport wrote no option that it did not have: it trained as the default of that one does
    written = TrainOptions().to_json() | options if isinstance(options, dict) else None
    if not (named and same_data and written == expected):
        raise InputError(
            "there is a run that ship did not train, and it is not replaced unasked",
            where=run.root,
            received=f"run {_run_id(run)}",
            fix=f"set [ship] work to another folder, or: modelport ship {shipping.plan.file} --from train",
        )


def _refuse_changed_run(shipping: Shipping, recorded: dict[str, str]) -> None:
    found = hashes(shipping.plan.work, recorded)
    changed = [
        f"{name}: {'changed' if name in found else 'missing'}" for name in recorded if found.get(name) != recorded[name]
    ]
    if changed:
        raise InputError(
            "the run is not the one that was trained, and it is not replaced unasked",
            where=shipping.plan.run,
            received="\n".join(changed),
            fix=f"restore the files, or train again: modelport ship {shipping.plan.file} --from train",
        )


def _run_id(run: RunFolder) -> str | None:
    """Return the id of the newest run in the folder; None if there is none. A new training writes its history first."""
    if run.history.is_file():
        return str(_history(run).get("run_id"))
    if run.contract.is_file():
        return read_contract(run.contract).provenance.run_id
    return None


def _is_finished(run: RunFolder, run_id: str) -> bool:
    return run.contract.is_file() and read_contract(run.contract).provenance.run_id == run_id


def _history(run: RunFolder) -> dict[str, Any]:
    value = read_json(run.history) if run.history.is_file() else {}
    return value if isinstance(value, dict) else {}


def _epochs(run: RunFolder) -> int:
    phases = _history(run).get("phase")
    return len(phases) if isinstance(phases, list) else 0


def _accuracy(run: RunFolder) -> str:
    try:
        value = read_json(run.evaluation)
        low, high = value["test_accuracy_interval_95"]
        shown = f"{100 * value['test_accuracy']:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
        return f"test top-1 {shown}, n = {value['test_images']}, {_epochs(run)} epochs"
    except (ModelportError, KeyError, TypeError, ValueError):
        return "trained"

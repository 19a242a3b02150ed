"""The steps of `modelport ship` that put artifacts where they are used: one for each [deliver.PRODUCT]."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....contract.files.hashing import sha256_of, sha256_of_file
from ....contract.model_contract.provenance import tool_versions
from ....contract.options.older_names import LICENSES
from ....contract.run.artifacts import SHIPPED
from ....convert.options.asked_form import AskedForm
from ....validate.findings.verdict import Verdict
from ...archive.options import ArchiveOptions
from ...delivery.deliver_files import RECORD
from ...judged.judged_run import read_judgement
from ..engine.step import Outcome, Shipping, Step, Turn, hashes, name_in, refuse_nothing
from ..plan.plan import DeliveryPlan
from ..plan.read_file import archive_options
from .asked import left_out_inputs, not_asked_for
from .export import artifacts_of, min_tflite_of
from .taken_back import delivered_files, refuse_backend

if TYPE_CHECKING:
    from ...flutter.deliver_flutter import DeliveredFlutter
    from ...web.deliver_web import DeliveredSite

#: Option to its name in ship.json, where that is older: nothing is delivered again for another spelling.
_RECORDED = {newer: older for older, newer in LICENSES.items()}


def delivery_steps(shipping: Shipping) -> list[Step]:
    """Return a step for each delivery that the file asks for."""
    return [
        Step(
            name=f"deliver.{one.product}",
            inputs=partial(_inputs, delivery=one),
            act=partial(_PRODUCTS[one.product], delivery=one),
            refuse=partial(refuse_backend, delivery=one) if one.product == "backend" else refuse_nothing,
            is_last=True,
        )
        for one in shipping.plan.deliveries
    ]


def _inputs(shipping: Shipping, delivery: DeliveryPlan) -> dict[str, Any]:
    """Return what decides about a delivery: artifacts, verdicts, and the options with the files that they name."""
    run = shipping.run
    shipped = run.root / SHIPPED
    return {
        "target": name_in(shipping.plan.work, delivery.target),
        "options": {_RECORDED.get(name, name): _content(value) for name, value in delivery.options.items()},
        "contract_sha256": sha256_of_file(run.contract),
        "artifacts": artifacts_of(shipping),
        **left_out_inputs(shipping),
        "report_sha256": sha256_of_file(run.validation / "report.json"),
        "shipped_sha256": sha256_of_file(shipped) if shipped.is_file() else None,
        "tools": tool_versions("modelport"),
    }


def _content(value: object) -> object:
    """Return an option as JSON; of a file its sha256."""
    return sha256_of(value) if isinstance(value, Path) else value


def _deliver_archive(shipping: Shipping, turn: Turn, *, delivery: DeliveryPlan) -> Outcome:
    from ...archive.deliver_archive import deliver_archive

    options = archive_options(delivery.options)
    options = replace(
        options,
        include=_included(shipping, options),
        overwrite=options.overwrite or _is_as_delivered(shipping, turn, delivery.target),
        min_tflite=min_tflite_of(shipping.plan),
        preprocessing=shipping.plan.form.preprocessing,
    )
    done = deliver_archive(shipping.run.root, delivery.target, options, narrator=shipping.narrator)
    left = f"; left out, as undecided: {', '.join(done.left_out)}" if done.left_out else ""
    other = not_asked_for(shipping)
    left += f"; not asked for: {', '.join(other)}" if other else ""
    return Outcome(
        came=f"{done.path}: {len(done.files)} files, {done.size_bytes / 1e6:.2f} MB, sha256 {done.sha256[:12]}{left}",
        outputs=(done.path, done.sums),
        facts={"artifacts": [one.artifact.path for one in done.artifacts]},
    )


def _included(shipping: Shipping, options: ArchiveOptions) -> tuple[str, ...]:
    """Return what goes into a bundle, by path where the run holds more than is asked for; as given, where it does not.

    Of a bundle of all there is, what is undecided by more than an interval stays out, as the command leaves it out.
    """
    left = not_asked_for(shipping)
    if not left or (options.profile and not options.include):
        return options.include
    judgement, wanted = read_judgement(shipping.run), set(options.include)
    asked = [artifact for artifact in shipping.run.read_lock().artifacts if artifact.path not in left]
    if wanted:
        return tuple(one.path for one in asked if {one.path, one.format, one.recipe} & wanted) or options.include
    judged = [judgement.verdict_of(artifact) for artifact in asked]
    sound = [one for one in judged if one.is_within is not False or one.verdict is not Verdict.UNDECIDED]
    return tuple(one.artifact.path for one in sound or judged)  # none: a bundle of nothing is refused by name


def _is_as_delivered(shipping: Shipping, turn: Turn, target: Path) -> bool:
    """Whether what lies there is what ship wrote the last time, so that nothing of the user's is replaced."""
    work, name = shipping.plan.work, name_in(shipping.plan.work, target)
    recorded = turn.before.outputs if turn.before else {}
    return name in recorded and hashes(work, [name]).get(name) == recorded[name]


def _deliver_web(shipping: Shipping, turn: Turn, *, delivery: DeliveryPlan) -> Outcome:
    from ...assembly.read_words import assembly_options
    from ...web.deliver_web import deliver_web
    from ...web.options import WebOptions

    given = dict(delivery.options)
    options = WebOptions(assembly=assembly_options(given.pop("allowed_sequences", None)), **given)
    done = deliver_web(shipping.run.root, delivery.target, options, narrator=shipping.narrator)
    return _told(shipping, delivery, done, f"{done.kind} page, {done.size_bytes / 1e6:.2f} MB")


def _deliver_backend(shipping: Shipping, turn: Turn, *, delivery: DeliveryPlan) -> Outcome:
    from ...backend.deliver_backend import deliver_backend
    from ...backend.find.options import BackendOptions
    from ...backend.kaggle_profile import fill_colab_backend

    given = {"aliases": {}, **delivery.options}
    overwrite = given.pop("overwrite") or turn.forced
    if given.pop("profile", None):
        filled = fill_colab_backend(shipping.run.root, delivery.target, overwrite=overwrite)
        return Outcome(
            came=f"{filled.folder}: {filled.judged}",
            outputs=tuple(filled.folder / name for name in (*filled.written, *filled.kept, RECORD)),
            facts={"artifacts": ["trained_model_graph.pb"]},
        )
    form = AskedForm(value_range=given.pop("value_range", None)).form
    options = BackendOptions(form=form, data=shipping.plan.dataset, budgets=shipping.plan.book, **given)
    done = deliver_backend(shipping.run.root, delivery.target, options, overwrite=overwrite, narrator=shipping.narrator)
    for line in (*done.warnings, *done.notes):
        shipping.narrator.say(f"          {line}")
    state = "lay there already" if done.swapped is None else "swapped"
    return Outcome(
        came=f"{delivery.target}: {done.found.model} {state}; {done.judged or 'judged before'}",
        outputs=delivered_files(delivery.target, done.found.model),
        facts={
            "artifacts": [],
            "made": f"{done.found.model} for {delivery.target}",
            "model": name_in(shipping.plan.work, delivery.target / done.found.model),
        },
    )


def _deliver_flutter(shipping: Shipping, turn: Turn, *, delivery: DeliveryPlan) -> Outcome:
    from ...assembly.read_words import assembly_options
    from ...flutter.deliver_flutter import deliver_flutter
    from ...flutter.options import FlutterOptions

    plan, given = shipping.plan, dict(delivery.options)
    assembly = assembly_options(given.pop("allowed_sequences", None))
    options = FlutterOptions(preprocessing=plan.form.preprocessing, assembly=assembly, data=plan.dataset, **given)
    done = deliver_flutter(shipping.run.root, delivery.target, options, narrator=shipping.narrator)
    return _told(shipping, delivery, done, f"{done.artifact} ({done.judged})")


def _told(shipping: Shipping, delivery: DeliveryPlan, done: "DeliveredSite | DeliveredFlutter", what: str) -> Outcome:
    """Say what a delivery noted, and return what came of it: a folder of files."""
    for note in done.notes:
        shipping.narrator.say(f"          {note}")
    names = (*done.files.written, *done.files.kept, RECORD)
    return Outcome(
        came=f"{delivery.target}: {what}, {len(names)} files",
        outputs=tuple(delivery.target / name for name in names),
        facts={"artifacts": [done.artifact]},
    )


_PRODUCTS: dict[str, Callable[..., Outcome]] = {
    "flutter": _deliver_flutter,
    "backend": _deliver_backend,
    "web": _deliver_web,
    "archive": _deliver_archive,
}

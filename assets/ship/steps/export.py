"""The steps of `modelport ship` from a run to judged artifacts: convert, quantize, validate, choose."""

from dataclasses import asdict, replace
from typing import Any

from ....contract.files.hashing import sha256_of, sha256_of_file
from ....contract.model_contract.provenance import tool_versions
from ....contract.recipes import ON_IMAGES
from ....contract.run.artifacts import SHIPPED, Artifact
from ..engine.step import Outcome, Shipping, Turn, overwrites
from ..plan.plan import ShipPlan
from .asked import left_out_inputs, not_asked_for
from .prepare import data_sha256_of

#: Packages whose version decides about the bytes of artifacts, and about what runtimes answer.
_CONVERTERS = ("modelport", "tensorflow", "keras", "tf2onnx", "onnx", "numpy")
_QUANTIZERS = ("modelport", "tensorflow", "keras", "numpy", "pillow")


def convert_inputs(shipping: Shipping) -> dict[str, Any]:
    """Return what decides about the float32 artifacts."""
    plan = shipping.plan
    options = {name: plan.export.of(name).recorded() for name in plan.formats}
    return {**_model(shipping), "formats": list(plan.formats), "form": asdict(plan.export.form), "options": options} | {
        "tools": tool_versions(*_CONVERTERS)
    }


def convert_model(shipping: Shipping, turn: Turn) -> Outcome:
    """Write the formats; those that are there already, unchanged and of the same options, are kept by the stage."""
    from ....convert.convert import convert

    plan = shipping.plan
    made = convert(plan.run, plan.formats, plan.export, overwrite=overwrites(turn), narrator=shipping.narrator)
    return _exported(shipping, made)


def quantize_inputs(shipping: Shipping) -> dict[str, Any]:
    """Return what decides about the quantized artifacts."""
    plan = shipping.plan
    found: dict[str, Any] = {**_model(shipping), "recipes": list(plan.recipes), "form": asdict(plan.form)}
    if {*plan.recipes} & {*ON_IMAGES}:
        apart = plan.representative_data
        found |= {
            "images_sha256": data_sha256_of(plan.dataset) if apart is None else sha256_of(apart),
            "images": plan.representative_images,
            "seed": plan.representative_seed,
        }
    return found | {"options": plan.export.tflite.recorded(), "tools": tool_versions(*_QUANTIZERS)}


def quantize_model(shipping: Shipping, turn: Turn) -> Outcome:
    """Write the recipes; as `convert_model`."""
    from ....quantize.quantize import quantize

    plan = shipping.plan
    made = quantize(
        plan.run,
        plan.recipes,
        data=None if plan.representative_data else plan.dataset,
        representative_data=plan.representative_data,
        representative_images=plan.representative_images,
        seed=plan.representative_seed,
        form=plan.form,
        tflite=plan.export.tflite,
        overwrite=overwrites(turn),
        narrator=shipping.narrator,
    )
    return _exported(shipping, made)


def _model(shipping: Shipping) -> dict[str, Any]:
    own = shipping.run.read_contract().provenance
    return {"run_id": own.run_id, "model_sha256": own.model_sha256}


def _exported(shipping: Shipping, made: list[Artifact]) -> Outcome:
    total = sum(artifact.size_bytes for artifact in made)
    return Outcome(
        came=f"{len(made)} artifacts, {total / 1e6:.2f} MB",
        outputs=tuple(shipping.plan.run / artifact.path for artifact in made),
    )


def artifacts_of(shipping: Shipping) -> dict[str, str]:
    """Return path to sha256 of every artifact of the lock."""
    return {artifact.path: artifact.sha256 for artifact in shipping.run.read_lock().artifacts}


def validate_inputs(shipping: Shipping) -> dict[str, Any]:
    """Return what decides about the verdicts: the files, the images, the budgets, and the runtimes."""
    plan, run = shipping.plan, shipping.run
    sections = {name or "every artifact": values for name, values in plan.book.sections.items()}
    return {
        **_model(shipping),
        "artifacts": artifacts_of(shipping),
        **left_out_inputs(shipping),
        "reference_sha256": sha256_of_file(run.reference),
        "images_sha256": data_sha256_of(plan.dataset),
        "budgets": sections,
        "baseline_sha256": None if plan.baseline is None else sha256_of_file(plan.baseline),
        "limits": asdict(plan.limits),
        **{name: getattr(plan, name) for name in ("strict", "latency", "thumbnails")},
        "tools": tool_versions(),
        "says": "is_within",  # a report that an older modelport wrote may be asked for what it does not say
    }


def validate_run(shipping: Shipping, turn: Turn) -> Outcome:
    """Judge every artifact that is asked for and write the report, as the command does with `--only`."""
    from ....validate.baseline.compare import against_baseline
    from ....validate.baseline.file import read_baseline
    from ....validate.judge import JudgeOptions, judge_run
    from ....validate.report.rows import problem_sentences
    from ....validate.selection import absent_outcomes
    from ....validate.write_report import write_report

    plan, folder = shipping.plan, shipping.run.validation
    baseline = None if plan.baseline is None else read_baseline(plan.baseline)
    left, lock = not_asked_for(shipping), shipping.run.read_lock()
    only = tuple(artifact.path for artifact in lock.artifacts if artifact.path not in left) if left else ()
    options = JudgeOptions(
        data=plan.dataset,
        only=only,
        budgets=plan.book,
        strict=plan.strict,
        latency=plan.latency,
        report=folder,
        cache=shipping.cache,
    )
    report = judge_run(plan.run, options, narrator=shipping.narrator)
    if only:  # what is not there at all was left out by nobody: it fails, or is not judged, as without `only`
        known = {outcome.artifact.path for outcome in report.outcomes}
        absent = [one for one in absent_outcomes(lock, plan.book, ()) if one.artifact.path not in known]
        gone = [path for path in (baseline.artifacts if baseline else {}) if path not in artifacts_of(shipping)]
        report = replace(report, outcomes=(*report.outcomes, *absent), only=(*only, *gone))
    if baseline is not None:
        report = against_baseline(report, baseline, plan.limits)
    write_report(report, folder, thumbnails=plan.thumbnails)
    told = [f"not asked for: {', '.join(left)}"] * bool(left)
    return Outcome(
        came=f"{report.last_line}, n = {report.n}",
        outputs=tuple(folder / name for name in ("report.json", "report.md", "report.html")),
        facts={"sentences": [*told, *problem_sentences(report), *report.sentences]},
        failed=report.exit_code != 0,
    )


def choose_inputs(shipping: Shipping) -> dict[str, Any]:
    """Return what decides about which file ships."""
    run = shipping.run
    return {
        "artifacts": artifacts_of(shipping),
        **left_out_inputs(shipping),
        "report_sha256": sha256_of_file(run.validation / "report.json"),
        "preprocessing": shipping.plan.form.preprocessing,
        "min_tflite": min_tflite_of(shipping.plan) or run.read_contract().min_tflite,
    }


def choose_tflite_file(shipping: Shipping, turn: Turn) -> Outcome:
    """Let the smallest .tflite that passed be model.tflite."""
    from ...judged.choose_model import choose_tflite, record_choice

    form, oldest = shipping.plan.form.preprocessing, min_tflite_of(shipping.plan)
    choice = choose_tflite(shipping.run, min_tflite=oldest, preprocessing=form)
    record_choice(shipping.run, choice)
    rule, _, passed_over = choice.why.partition("; ")
    return Outcome(
        came=f"{SHIPPED} is {choice.artifact.path} ({choice.verdict}): {rule}",
        outputs=(shipping.run.root / SHIPPED,),
        facts={"sentences": [passed_over] if passed_over else []},
    )


def min_tflite_of(plan: ShipPlan) -> str | None:
    """Return the oldest TensorFlow Lite that model.tflite meets in an app; None: what the contract says.

    All steps that choose go by it: two of another opinion would replace each other's choice with every run of ship.
    """
    from ...flutter.pubspec.tflite_flutter_versions import oldest_runtime

    return oldest_runtime().tflite if any(one.product == "flutter" for one in plan.deliveries) else None

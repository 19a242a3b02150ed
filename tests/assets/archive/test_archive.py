"""`modelport deliver archive`: what is in a bundle, its bytes, its model card, and what is refused."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt
from modelport.assets.archive.profiles import PROFILES
from modelport.assets.backend.kaggle_profile import fill_colab_backend
from modelport.cli.main import cli
from modelport.contract.files.hashing import sha256_of, sha256_of_file, size_bytes_of
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.artifacts import Artifact
from modelport.contract.run.lock import Lock, write_lock
from modelport.contract.run.run_folder import RunFolder
from modelport.validate.report.report import NO_FLOOR

LABELS = ("blue", "green", "red")
#: Row: true label. 9 of 10 right; of green, 2 of 3.
CONFUSION = ((4, 0, 0), (0, 2, 1), (0, 0, 3))

Change = Callable[[dict[str, Any]], object]


def entry(run: Path, path: str, format: str, recipe: str, **more: Any) -> Artifact:
    file = run / path
    if format == "saved_model":
        (file / "variables").mkdir(parents=True)
        (file / "saved_model.pb").write_bytes(b"graph")
        (file / "variables" / "variables.index").write_bytes(b"index")
    else:
        file.write_bytes(path.encode() * {"float16": 5, "dynamic_int8": 2}.get(recipe, 9))
    facts: dict[str, Any] = {
        "size_bytes": size_bytes_of(file),
        "sha256": sha256_of(file),
        "parent_sha256": sha256_of(run / "model.keras"),
    }
    return Artifact(path=path, format=format, recipe=recipe, tools={"tensorflow": "2.21.0"}, **facts, **more)


def reported(artifact: Artifact, verdict: str = "pass", points: float = 0.0) -> dict[str, Any]:
    """What report.json says of an artifact that lost `points` of a budget of 1 point, on 10 images."""
    sentence = f"top-1 drop {points:+.1f} points [-3.0, +4.0] on 10 images; budget at most 1.0"
    parity = {"drop": {"points": points, "interval_points": [-3.0, 4.0]}, "class_drops": []}
    accuracy = {"top1_fraction": 0.9, "top1_interval": [0.6, 0.98]}
    return {
        "path": artifact.path,
        "sha256": artifact.sha256,
        "verdict": verdict,
        "is_within": verdict == "pass" or (verdict == "undecided" and points <= 1.0),
        "worst_door": "pixels",
        "budgets": {"max_drop_points": {"value": 1.0, "source": "default"}},
        "findings": [{"key": "max_drop_points", "verdict": verdict, "sentence": sentence}],
        "doors": {"pixels": [{"head": "label", "n": 10, "accuracy": accuracy, "parity": parity}]},
        "description": {"min_tflite": "1.15.0"},
    }


def write(path: Path, value: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run whose model is eleven bytes: four artifacts that passed, and one that is undecided."""
    root = tmp_path / "made" / "run"
    folder = RunFolder(root)
    root.mkdir(parents=True)
    folder.model.write_bytes(b"keras model")
    model = sha256_of_file(folder.model)
    write_labels(folder.labels, LABELS)
    own = Provenance(
        run_id="20261121T000000Z-00000000",
        model_sha256=model,
        dataset="/home/alice/private/photos",
        created="2026-11-21T00:00:00+00:00",
        tools={"keras": "3.15.1"},
    )
    head = ClassificationHead(name="label", labels=LABELS)
    pixels = PixelContract(height=64, width=48)
    write_contract(folder.contract, ModelContract(pixels=pixels, heads=(head,), parameters=1234567, provenance=own))
    artifacts = (
        entry(root, "saved_model", "saved_model", "float32"),
        entry(root, "trained_model_graph.pb", "frozen_graph", "float32"),
        entry(root, "model.float32.tflite", "tflite", "float32"),
        entry(root, "model.float16.tflite", "tflite", "float16"),
        entry(root, "model.dynamic_int8.tflite", "tflite", "dynamic_int8"),
    )
    write_lock(folder.lock, Lock(run_id=own.run_id, model_sha256=model, artifacts=artifacts))
    evaluation = {
        "run_id": own.run_id,
        "model_sha256": model,
        "test_images": 10,
        "top3_accuracy": 1.0,
        "class_names": list(LABELS),
        "confusion_matrix": CONFUSION,
        "test_images_also_in_train_or_val": 0,
    }
    write(folder.evaluation, evaluation)
    report = {
        "modelport_report": 1,
        "run_id": own.run_id,
        "model_sha256": model,
        "created": "2026-11-21T01:00:00+00:00",
        "n": 10,
        "images": "photos (test split)",
        "has_floor": True,
        "settings": {"left_out": []},
        "artifacts": [*map(reported, artifacts[:4]), reported(artifacts[4], "undecided", 0.5)],
    }
    write(folder.validation / "report.json", report)
    return root


def deliver(run: Path, *arguments: object, to: str = "release.zip") -> Result:
    given = ["deliver", "archive", run, run.parent / to, *arguments]
    return CliRunner().invoke(cli, [str(argument) for argument in given])


def opened(run: Path, *arguments: object, to: str = "release.zip") -> dict[str, bytes]:
    done = deliver(run, *arguments, to=to)
    assert 0 == done.exit_code, done.stderr
    with zipfile.ZipFile(run.parent / to) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def change(path: Path, how: Change) -> None:
    value = json.loads(path.read_text())
    how(value)
    path.write_text(json.dumps(value))


class TestNames:
    def test_a_release_holds_every_artifact_under_its_own_name(self, run: Path) -> None:
        names = ["MODEL_CARD.md", "contract.json", "evaluation_report.json", "model.dynamic_int8.tflite"]
        names += ["model.float16.tflite", "model.float32.tflite", "saved_model/saved_model.pb"]
        names += ["saved_model/variables/variables.index", "trained_model_graph.pb", "training_set_labels.txt"]
        assert [*names, "SHA256SUMS"] == list(opened(run))

    def test_asl_has_one_tflite_the_smallest_that_passed(self, run: Path) -> None:
        found = opened(run, "--profile", "asl")
        assert (
            (run / "model.float16.tflite").read_bytes() == found["model.tflite"] == (run / "model.tflite").read_bytes()
        )
        assert found["labels.txt"] == found["training_set_labels.txt"] == b"blue\ngreen\nred\n"
        assert "model.float16.tflite" in RunFolder(run).lock.read_text(), "the choice is recorded"

    def test_retrain_has_the_names_of_tensorflow_1(self, run: Path) -> None:
        found = opened(run, "--profile", "retrain")
        assert {"MODEL_CARD.md", "SHA256SUMS", "retrained_graph.pb", "retrained_labels.txt"} == set(found)
        assert (run / "trained_model_graph.pb").read_bytes() == found["retrained_graph.pb"]

    def test_kaggle_fills_models_as_the_backend_profile_does(self, run: Path) -> None:
        fill_colab_backend(run, run.parent)
        folder = run.parent / "colab_backend" / "models"
        filled = {file.name: file.read_bytes() for file in folder.iterdir() if file.name != "delivery.json"}
        found = opened(run, "--profile", "kaggle")
        assert filled == {name: found[f"models/{name}"] for name in filled}
        assert {"MODEL_CARD.md", "SHA256SUMS"} == {name.removeprefix("models/") for name in found} - set(filled)

    def test_labels_are_in_the_order_of_the_graph_beside_them(self, run: Path) -> None:
        """A graph made with --like-labels answers in an old client's order."""

        def answer_otherwise(lock: dict[str, Any]) -> None:
            lock["artifacts"][1]["labels"] = ["red", "blue", "green"]

        change(run / "artifacts.json", answer_otherwise)
        assert b"red\nblue\ngreen\n" == opened(run, "--profile", "retrain")["retrained_labels.txt"]
        kaggle = opened(run, "--profile", "kaggle", to="kaggle.zip")
        assert ["red", "blue", "green"] == json.loads(kaggle["models/contract.json"])["heads"][0]["labels"]
        both = opened(run, "--profile", "asl", to="asl.zip")
        assert b"red\nblue\ngreen\n" == both["training_set_labels.txt"]
        assert b"blue\ngreen\nred\n" == both["labels.txt"]
        release = opened(run, to="all.zip")
        assert b"blue\ngreen\nred\n" == release["training_set_labels.txt"]
        assert b"red\nblue\ngreen\n" == release["trained_model_graph.pb.labels.txt"]

    def test_include_narrows_a_release_and_widens_a_profile(self, run: Path) -> None:
        assert "model.float32.tflite" not in opened(run, "--include", "float16,saved_model")
        assert "model.float32.tflite" in opened(run, "--profile", "retrain", "--include", "tflite", to="more.zip")

    def test_help_names_every_profile_and_file(self) -> None:
        text = " ".join(CliRunner().invoke(cli, ["deliver", "archive", "--help"]).stdout.split())
        for name, profile in PROFILES.items():
            assert f"{name}: " in text
            assert all(file in text for file in (*profile.artifacts.values(), *profile.labels))


class TestBytes:
    def test_the_same_run_gives_the_same_bytes_in_another_process_zone_umask_and_folder(self, run: Path) -> None:
        moved = Path(shutil.copytree(run, run.parents[1] / "elsewhere" / "renamed"))
        for file in moved.rglob("*"):
            os.utime(file, (1, 1))
        digests = set()
        for number, root in enumerate((run, moved)):
            code = f"import os, sys; os.umask({(0o022, 0o077)[number]}); from modelport.cli.main import main; main()"
            environment = os.environ | {"TZ": ("UTC", "Asia/Tokyo")[number], "PYTHONHASHSEED": str(number)}
            given = [
                sys.executable,
                "-P",
                "-c",
                code,
                "deliver",
                "archive",
                str(root),
                str(root.parent / f"{number}.zip"),
            ]
            subprocess.run(given, check=True, capture_output=True, env=environment)
            digests.add(sha256_of_file(root.parent / f"{number}.zip"))
        assert 1 == len(digests)

    def test_the_sums_are_those_of_the_files(self, run: Path) -> None:
        found = opened(run)
        lines = [line.split("  ") for line in found.pop("SHA256SUMS").decode().splitlines()]
        assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items()} == {n: d for d, n in lines}

    @pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
    def test_sha256sum_checks_both(self, run: Path) -> None:
        opened(run, "--profile", "kaggle")
        check = ["sha256sum", "--check", "--strict", "release.zip.sha256"]
        subprocess.run(check, cwd=run.parent, check=True, capture_output=True)
        with zipfile.ZipFile(run.parent / "release.zip") as archive:
            archive.extractall(run.parent / "out")
        subprocess.run([*check[:3], "SHA256SUMS"], cwd=run.parent / "out" / "models", check=True, capture_output=True)

    def test_entries_are_plain_stored_and_undated(self, run: Path) -> None:
        opened(run)
        with zipfile.ZipFile(run.parent / "release.zip") as archive:
            facts = {(e.date_time, e.compress_type, e.create_system, e.external_attr >> 16) for e in archive.infolist()}
        assert {((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3, 0o100644)} == facts

    def test_the_same_again_writes_nothing_and_other_content_needs_overwrite(self, run: Path) -> None:
        opened(run)
        bundle = run.parent / "release.zip"
        os.utime(bundle, (1, 1))
        assert "kept" in deliver(run).stdout
        assert 1 == bundle.stat().st_mtime
        refused = deliver(run, "--name", "Signs")
        assert (2, 1) == (refused.exit_code, bundle.stat().st_mtime)
        assert "output exists" in refused.stderr
        assert 0 == deliver(run, "--name", "Signs", "--overwrite").exit_code


class TestCard:
    def test_it_says_what_the_files_say(self, run: Path) -> None:
        card = opened(run, "--name", "Signs | of *hands*")["MODEL_CARD.md"].decode()
        assert card.startswith("# Signs \\| of \\*hands\\*\n")
        for said in (
            "1,234,567 parameters",
            "64 rows of 48 pixels",
            "probabilities, in this order: `blue`, `green`, `red`",
            # Wilson's 95 % interval of 9 in 10 and of 2 in 3: R 4.3, binom::binom.wilson
            "Top-1 accuracy: 90.0 % [59.6, 98.2]",
            "| `green` | 3 | 66.7 [20.8, 93.9] | 100.0 [34.2, 100.0] |",
            "`green` was taken for `red` 1 times",
            "20261121T000000Z-00000000",
            "keras 3.15.1, tensorflow 2.21.0",
            "budget at most 1.0",
        ):
            assert said in card, said

    def test_every_artifact_is_in_its_table_with_its_verdict(self, run: Path) -> None:
        tokens = MarkdownIt("commonmark").enable("table").parse(opened(run)["MODEL_CARD.md"].decode())
        cells = [token.content for token in tokens if token.type == "inline"]
        for artifact in RunFolder(run).read_lock().artifacts:
            at = cells.index(f"`{artifact.path}`")
            verdict = "undecided" if artifact.recipe == "dynamic_int8" else "pass"
            expected = [artifact.recipe, f"{artifact.size_bytes:,}", "10", "90.0 [60.0, 98.0]"]
            assert expected == cells[at + 1 : at + 5]
            assert verdict == cells[at + 6]

    @pytest.mark.parametrize("known", [True, False])
    def test_images_that_the_model_may_have_been_trained_on_are_no_test_images(self, run: Path, known: bool) -> None:
        """Of an adopted model nobody knows what it was trained on, whatever its data set says of its splits."""
        if not known:
            adopted = {"source": "old.keras", "source_sha256": "0" * 64}
            change(run / "evaluation_report.json", lambda value: value.update(adopted=adopted))
        card = opened(run)["MODEL_CARD.md"].decode()
        warning = "Whether the model was trained on these images is not known: if so, this accuracy is too high."
        assert (0 if known else 2) == card.count(warning)
        assert known == ("known on 10 test images of" in card) == ("No test image has the bytes" in card)
        assert known == ("test images" in card)

    def test_leakage_that_was_not_counted_is_not_known(self, run: Path) -> None:
        change(run / "evaluation_report.json", lambda value: value.pop("test_images_also_in_train_or_val"))
        assert "Whether the model was trained on these images" in opened(run)["MODEL_CARD.md"].decode()

    def test_notes_of_the_judgement_are_in_it_but_for_folders_of_the_machine(self, run: Path) -> None:
        """Without min_top1 a file may be undecided or failed: nothing says that it is as good as the Keras model."""
        grey = "All images are grey: an artifact that swaps the colour channels answers the same."
        kept = ["Not used: /home/alice/x.npz holds no answers.", "Run by the runtimes of C:\\alice\\python.exe."]
        change(
            run / "validation" / "report.json",
            lambda value: value.update(notes=[grey, *kept, NO_FLOOR], has_floor=False),
        )
        card = opened(run)["MODEL_CARD.md"].decode()
        assert f"- Of the whole judgement: {grey}\n" in card
        assert 1 == card.count("Of the whole judgement") == card.count("min_top1") + card.count("min\\_top1")
        assert "alice" not in card
        assert "does not say that either is good" in card
        assert "as good as" not in card

    def test_a_precision_is_what_was_asked_for(self, run: Path) -> None:
        history = {"run_id": "20261121T000000Z-00000000", "options": {"precision": "auto", "seed": 3}}
        write(run / "training_history.json", history)
        card = opened(run)["MODEL_CARD.md"].decode()
        assert "- Precision asked for: auto\n" in card
        assert "- Seed: 3\n" in card

    def test_nothing_is_invented_where_nothing_is_stated(self, run: Path) -> None:
        card = opened(run)["MODEL_CARD.md"].decode()
        for unknown in ("Author: not stated", "Intended use: not stated", "Licence of the images: not stated"):
            assert unknown in card
        assert "Licence of the model: not stated" in card
        assert "trained on: not stated" in card

    def test_no_folder_of_the_training_machine_gets_out(self, run: Path) -> None:
        assert [] == [name for name, data in opened(run).items() if b"alice" in data or b"private" in data]

    def test_counts_are_said_where_the_list_is_that_of_the_training(self, run: Path) -> None:
        images = [
            ("train/blue/1.png", "a"),
            ("val/green/2.png", "b"),
            ("test/red/3.png", "c"),
            ("train/red/4.png", "d"),
        ]
        listed = [{"path": path, "sha256": digest} for path, digest in images]
        folder = run.parent / "dataset"
        write(folder / "dataset.json", {"labels": LABELS, "options": {"groups_sha256": "0" * 64}, "images": listed})
        # training_history.json's hash, by its definition: split, label and sha256 of each image, a line each, sorted
        lines = sorted(f"{path.split('/')[0]}\n{path.split('/')[1]}\n{digest}\n" for path, digest in images)
        digest = hashlib.sha256("".join(lines).encode()).hexdigest()
        write(run / "training_history.json", {"run_id": "20261121T000000Z-00000000", "data_sha256": digest})
        change(run / "contract.json", lambda value: value["provenance"].update(dataset=str(folder)))
        card = opened(run)["MODEL_CARD.md"].decode()
        assert "| `red` | 1 | 0 | 1 |" in card
        assert "Images of one group (such as one person) are in one split." in card
        change(folder / "dataset.json", lambda value: value["images"].pop())
        assert "trained on: not stated" in opened(run, to="other.zip")["MODEL_CARD.md"].decode()

    def test_a_licence_is_a_file_or_a_text(self, run: Path) -> None:
        file = run.parent / "OURS"
        file.write_text("\nMIT License\n\nCopyright\n")
        found = opened(run, "--license", file, "--data-license", "CC BY 4.0")
        assert file.read_bytes() == found["LICENSE"]
        assert "MIT License (LICENSE)" in found["MODEL_CARD.md"].decode()
        assert "Licence of the images: CC BY 4.0" in found["MODEL_CARD.md"].decode()
        assert b"Apache-2.0\n" == opened(run, "--license", "Apache-2.0", to="text.zip")["LICENSE"]

    def test_the_older_spelling_is_taken_and_said_to_be_older(self, run: Path) -> None:
        older = deliver(run, "--licence", "MIT", "--data-licence", "CC0", to="older.zip")
        assert (0, True, True) == (older.exit_code, "--license\n" in older.stderr, "--data-license\n" in older.stderr)
        newer = deliver(run, "--license", "MIT", "--data-license", "CC0", to="newer.zip")
        assert (0, False) == (newer.exit_code, "older" in newer.stderr)
        assert (run.parent / "older.zip").read_bytes() == (run.parent / "newer.zip").read_bytes()
        assert "licence" not in CliRunner().invoke(cli, ["deliver", "archive", "--help"]).stdout.split("Options:")[1]

    def test_two_spellings_of_one_option_are_refused(self, run: Path) -> None:
        done = deliver(run, "--licence", "MIT", "--license", "BSD")
        assert (2, True) == (done.exit_code, "--licence and --license" in done.stderr)


def failed(report: dict[str, Any]) -> None:
    report["artifacts"][1] = {**report["artifacts"][1], "verdict": "fail", "is_within": False}
    report["artifacts"][1]["findings"][0]["verdict"] = "fail"


class TestRefusals:
    def test_what_failed_is_refused_and_nothing_is_written(self, run: Path) -> None:
        change(run / "validation" / "report.json", failed)
        done = deliver(run)
        assert 2 == done.exit_code
        assert "trained_model_graph.pb: fail" in done.stderr
        assert "--include saved_model,model.float32.tflite,model.float16.tflite" in done.stderr
        assert {"run"} == {path.name for path in run.parent.iterdir()}

    def test_with_failed_the_card_says_so(self, run: Path) -> None:
        change(run / "validation" / "report.json", failed)
        card = opened(run, "--with-failed")["MODEL_CARD.md"].decode()
        assert re.search(r"`trained_model_graph.pb` .* fail \|", card)

    def test_an_undecided_one_beyond_its_budget_is_refused_if_asked_for_and_else_left_out(self, run: Path) -> None:
        def worse(report: dict[str, Any]) -> None:
            report["artifacts"][4]["doors"]["pixels"][0]["parity"]["drop"]["points"] = 1.5
            report["artifacts"][4]["is_within"] = False

        change(run / "validation" / "report.json", worse)
        asked = deliver(run, "--include", "tflite")
        assert 2 == asked.exit_code
        assert "model.dynamic_int8.tflite: undecided" in asked.stderr
        found = opened(run)
        assert "model.dynamic_int8.tflite" not in found
        assert "`model.dynamic_int8.tflite` is not in this bundle: undecided" in found["MODEL_CARD.md"].decode()
        assert "model.dynamic_int8.tflite" in opened(run, "--with-failed", to="with.zip")

    def test_an_undecided_one_of_an_older_report_is_refused_and_not_left_out_in_silence(self, run: Path) -> None:
        change(run / "validation" / "report.json", lambda report: report["artifacts"][4].pop("is_within"))
        asked = deliver(run)
        assert 2 == asked.exit_code
        assert "judge again with modelport validate" in asked.stderr
        assert "model.dynamic_int8.tflite" not in opened(run, "--include", "float32,float16")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            pytest.param(["--profile", "best"], "'best' is not one of", id="profile"),
            pytest.param(["--include", "coreml"], "--include names nothing that was exported", id="include"),
            pytest.param(["--include", ""], "names nothing", id="empty-include"),
            pytest.param(["--license", "missing/LICENSE"], "licence file does not exist", id="licence"),
            pytest.param(["--license", " "], "--license", id="no-licence"),
            pytest.param(["--name", ""], "--name", id="no-name"),
        ],
    )
    def test_bad_options(self, run: Path, arguments: list[str], said: str) -> None:
        done = deliver(run, *arguments)
        assert 2 == done.exit_code
        assert said in done.stderr
        assert {"run"} == {path.name for path in run.parent.iterdir()}

    def test_a_bundle_is_a_zip(self, run: Path) -> None:
        assert "an archive is a .zip file" in deliver(run, to="release.tar").stderr

    def test_an_edited_artifact(self, run: Path) -> None:
        (run / "model.float16.tflite").write_bytes(b"other")
        done = deliver(run)
        assert 2 == done.exit_code
        assert "not the file that was exported and judged" in done.stderr

    def test_a_run_that_was_not_judged(self, run: Path) -> None:
        shutil.rmtree(run / "validation")
        done = deliver(run)
        assert 2 == done.exit_code
        assert "modelport validate" in done.stderr

    def test_a_graph_that_was_not_exported(self, run: Path) -> None:
        change(run / "artifacts.json", lambda lock: lock["artifacts"].pop(1))
        (run / "trained_model_graph.pb").unlink()
        assert "--to frozen_graph" in deliver(run, "--profile", "retrain").stderr

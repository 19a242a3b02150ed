"""The gate pack: written from a run, opened by strangers, damaged and forged."""

import errno
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from modelport.contract.errors import InputError, UsageError
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.image_formats import IMAGE_SUFFIXES
from modelport.validate.budgets.file import read_budgets
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from modelport.validate.pack.open_pack import open_pack
from modelport.validate.pack.write_pack import write_pack
from modelport.validate.scores.head_scores import ClassificationScores
from PIL import Image


def command(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def packed(make_run: Any, tmp_path: Path) -> Path:
    """A pack of 9 of 15 images, and artifact new.onnx beside it. The run and its data are gone."""
    run = make_run()
    run.export()
    write_pack(run.root, tmp_path / "gate.zip", images=9)
    shutil.copyfile(run.root / "model.onnx", tmp_path / "new.onnx")
    shutil.rmtree(run.root)
    shutil.rmtree(run.dataset)
    return tmp_path / "gate.zip"


@pytest.fixture
def fresh(packed: Path, made: Any) -> Path:
    """new.onnx written anew beside the pack, so that no lock knows it."""
    made.write_onnx(packed.with_name("new.onnx"), slope=8.0001)
    return packed.with_name("new.onnx")


def flat(text: str) -> str:
    return " ".join(text.split())


def rewritten(pack: Path, changes: dict[str, bytes | None], *, resign: bool = True, target: str = "forged.zip") -> Path:
    """Return a copy with members replaced, added or (None) left out, and the manifest's sums made to fit."""
    with zipfile.ZipFile(pack) as archive:
        members = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    members = {name: data for name, data in (members | changes).items() if data is not None}
    if resign and "pack.json" in members and "pack.json" not in changes:
        manifest = json.loads(members["pack.json"])
        manifest["sha256"] = {n: sha256(d).hexdigest() for n, d in members.items() if n != "pack.json"}
        members["pack.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(pack.with_name(target), "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return pack.with_name(target)


class TestWriting:
    def test_every_class_keeps_its_share(self, packed: Path) -> None:
        with open_pack(packed) as (_, images):
            assert {0: 3, 1: 3, 2: 3} == dict(Counter(image.label for image in images.images))

    @pytest.mark.parametrize("suffix", IMAGE_SUFFIXES)
    def test_an_image_of_every_format_is_packed_and_opened(
        self, make_run: Any, made: Any, tmp_path: Path, suffix: str
    ) -> None:
        run = make_run(1)
        photo = run.dataset / "test" / "red" / f"photo{suffix.upper()}"
        try:
            Image.new("RGB", (8, 8), (200, 40, 40)).save(photo)
        except (ValueError, KeyError):
            pytest.skip(f"Pillow without {suffix}")
        made.write_reference_of(run, sorted(path for path in (run.dataset / "test").rglob("*") if path.is_file()))
        write_pack(run.root, tmp_path / "gate.zip")
        with open_pack(tmp_path / "gate.zip") as (_, images):
            assert 4 == len(images.images)
            assert suffix in {image.path.suffix for image in images.images}

    def test_the_bytes_are_the_same_again(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        run.export()
        for name in ("one.zip", "two.zip"):
            write_pack(run.root, tmp_path / name, images=7)
        again = [sys.executable, "-m", "modelport", "pack", run.root, tmp_path / "three.zip", "--images", "7"]
        subprocess.run([*map(str, again)], check=True, capture_output=True)
        digests = {sha256_of_file(tmp_path / f"{name}.zip") for name in ("one", "two", "three")}
        assert 1 == len(digests)

    def test_any_zip_tool_reads_it(self, packed: Path) -> None:
        with zipfile.ZipFile(packed) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
        assert 9 == sum(name.startswith("images/") for name in names)
        assert {"contract.json", "training_set_labels.txt", "artifacts.json", "reference.npz", "pack.json"} < set(names)

    def test_more_images_than_there_are_is_all_of_them(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        packed = write_pack(run.root, tmp_path / "gate.zip", images=1000)
        assert (15, 15) == (packed.images, packed.of_images)

    def test_images_without_a_reference_are_left_out(self, make_run: Any, made: Any, tmp_path: Path) -> None:
        run = make_run()
        made.write_images(run.dataset / "test", per_class=8, seed=9)  # 5 of each replaced, 3 more
        with pytest.raises(InputError, match="the reference holds none of these images"):
            write_pack(run.root, tmp_path / "gate.zip")
        assert not (tmp_path / "gate.zip").exists()

    def test_an_image_under_two_labels_is_packed_under_one_that_the_reference_has(
        self, make_run: Any, made: Any, tmp_path: Path
    ) -> None:
        run = make_run()
        first, second = (sorted((run.dataset / "test" / label).iterdir())[0] for label in ("blue", "red"))
        shutil.copyfile(first, second)
        made.write_reference_of(run, sorted((run.dataset / "test").glob("*/*.png")))
        run.export()
        write_pack(run.root, tmp_path / "gate.zip")
        report = judge_run(tmp_path / "gate.zip", JudgeOptions(artifacts=(run.root / "model.onnx",)))
        assert 14 == report.n
        (scores,) = report.outcomes[0].doors["pixels"]
        assert isinstance(scores, ClassificationScores)
        assert scores.parity is not None
        assert 14 == scores.parity.n

    def test_what_cannot_be_opened_again_is_not_written(
        self, make_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = make_run()
        monkeypatch.setattr("modelport.validate.pack.write_pack.MAX_BYTES", 2000)
        with pytest.raises(InputError, match="too large to be opened again"):
            write_pack(run.root, tmp_path / "gate.zip")
        assert not (tmp_path / "gate.zip").exists()

    def test_a_folder_is_never_replaced_by_a_pack(self, make_run: Any, tmp_path: Path) -> None:
        (tmp_path / "gate.zip").mkdir()
        result = command("pack", make_run().root, tmp_path / "gate.zip", "--overwrite")
        assert 2 == result.exit_code
        assert "output is a folder" in result.stderr

    def test_a_file_that_is_there_is_kept(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        (tmp_path / "gate.zip").write_text("mine")
        result = command("pack", run.root, tmp_path / "gate.zip")
        assert 2 == result.exit_code
        assert "output exists" in result.stderr
        assert "mine" == (tmp_path / "gate.zip").read_text()

    @pytest.mark.parametrize("arguments", [["--images", "0"], ["--images", "60000"]])
    def test_a_senseless_number_is_refused(self, make_run: Any, tmp_path: Path, arguments: list[str]) -> None:
        run = make_run()
        assert 2 == command("pack", run.root, tmp_path / "gate.zip", *arguments).exit_code

    def test_the_command_says_what_was_packed(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        result = command("pack", run.root, tmp_path / "gate.zip", "--images", "6", "--json")
        value = json.loads(result.stdout)
        assert (6, 15, sha256_of_file(tmp_path / "gate.zip")) == (value["images"], value["of_images"], value["sha256"])


class TestJudging:
    def test_a_pack_judges_a_file_as_the_run_does(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        run.export()
        write_pack(run.root, tmp_path / "gate.zip")
        by_run = judge_run(run.root).to_json()["artifacts"][0]
        report = judge_run(tmp_path / "gate.zip", JudgeOptions(artifacts=(run.root / "model.onnx",)))
        by_pack = report.to_json()["artifacts"][0]
        (ours,), (theirs,) = by_run["doors"]["pixels"], by_pack["doors"]["pixels"]
        assert (ours["accuracy"], ours["parity"]["drop"]) == (theirs["accuracy"], theirs["parity"]["drop"])
        assert "pass" == by_run["verdict"] == by_pack["verdict"]
        assert "float32" == by_pack["recipe"]

    def test_the_command_needs_nothing_but_the_pack_and_the_file(self, packed: Path) -> None:
        result = command("validate", packed, "--artifact", packed.with_name("new.onnx"))
        assert 0 == result.exit_code, result.output
        assert "9 images" in result.stdout
        assert "1 pass, 0 fail, 0 undecided, 0 not judged" in result.stdout
        assert packed.with_name("gate.validation").joinpath("report.json").is_file()

    def test_a_file_that_no_lock_knows_is_judged_and_named(self, packed: Path) -> None:
        from onnx import ModelProto

        model = ModelProto.FromString(packed.with_name("new.onnx").read_bytes())
        model.producer_name = "somebody else"
        packed.with_name("other.onnx").write_bytes(model.SerializeToString())
        report = judge_run(packed, JudgeOptions(artifacts=(packed.with_name("other.onnx"),)))
        assert Verdict.PASS == report.outcomes[0].verdict
        assert any("Not in artifacts.json: other.onnx" in note for note in report.notes)

    def test_a_worse_file_fails(self, make_run: Any, tmp_path: Path) -> None:
        run = make_run()
        run.export("swapped.onnx", order=(1, 2, 0))
        write_pack(run.root, tmp_path / "gate.zip")
        report = judge_run(tmp_path / "gate.zip", JudgeOptions(artifacts=(run.root / "swapped.onnx",)))
        assert Verdict.FAIL == report.outcomes[0].verdict

    def test_a_pack_without_an_artifact_is_told_to_name_one(self, packed: Path) -> None:
        result = command("validate", packed)
        assert 2 == result.exit_code
        assert "a gate pack holds no artifacts" in result.stderr
        assert "--artifact" in result.stderr

    def test_data_beside_a_pack_is_refused(self, packed: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="has its own images"):
            judge_run(packed, JudgeOptions(artifacts=(packed.with_name("new.onnx"),), data=tmp_path))

    def test_two_files_of_one_name_are_refused(self, packed: Path) -> None:
        new = packed.with_name("new.onnx")
        with pytest.raises(UsageError, match="two artifacts have one name"):
            judge_run(packed, JudgeOptions(artifacts=(new, new)))

    def test_a_pointer_of_git_lfs_is_named(self, packed: Path) -> None:
        pointer = packed.with_name("new.tflite")
        pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
        result = command("validate", packed, "--artifact", pointer)
        assert 2 == result.exit_code
        assert "Git LFS" in result.stderr

    def test_a_budget_for_a_path_counts_for_the_file_of_that_name(self, packed: Path, tmp_path: Path) -> None:
        (tmp_path / "b.toml").write_text('[budgets."new.onnx"]\nmax_bytes = 10\n')
        result = command(
            "validate", packed, "--artifact", packed.with_name("new.onnx"), "--budgets", tmp_path / "b.toml"
        )
        assert 1 == result.exit_code
        assert "budget at most 10" in result.stdout

    def test_a_budget_for_the_path_of_a_new_file_is_no_second_row(
        self, packed: Path, fresh: Path, tmp_path: Path
    ) -> None:
        """The name is one that no lock knows."""
        (tmp_path / "b.toml").write_text('[budgets."new.onnx"]\nmax_bytes = "1 MB"\n')
        report = judge_run(packed, JudgeOptions(artifacts=(fresh,), budgets=read_budgets(tmp_path / "b.toml")))
        (outcome,) = report.outcomes
        assert {"max_bytes": Verdict.PASS} == {f.key: f.verdict for f in outcome.findings if f.key == "max_bytes"}

    def test_budgets_that_no_given_file_falls_under_are_named(self, packed: Path, tmp_path: Path) -> None:
        (tmp_path / "b.toml").write_text("[budgets.full_int8]\nmin_top1 = 1.0\n[budgets.onnx]\nmin_top1 = 0.0\n")
        options = ["--artifact", packed.with_name("new.onnx"), "--budgets", tmp_path / "b.toml"]
        result = command("validate", packed, *options)
        assert f"no given file falls under it: {tmp_path / 'b.toml'} [budgets.full_int8]." in flat(result.stdout)

    def test_nothing_is_said_of_the_sha256_of_a_file_that_was_never_exported(self, packed: Path, fresh: Path) -> None:
        report = judge_run(packed, JudgeOptions(artifacts=(fresh,)))
        assert "sha256" not in {finding.key for finding in report.outcomes[0].findings}
        assert () == report.left_out

    def test_weights_in_another_file_fail_as_nobody_counts_their_bytes(self, packed: Path, fresh: Path) -> None:
        onnx.save(onnx.load(fresh), fresh, save_as_external_data=True, location="weights.bin", size_threshold=0)
        report = judge_run(packed, JudgeOptions(artifacts=(fresh,)))
        failed = {f.key: f.sentence for f in report.outcomes[0].findings if f.verdict is Verdict.FAIL}
        assert ["files"] == list(failed)
        assert "weights.bin" in failed["files"]

    def test_a_folder_may_be_named_by_a_dot(
        self, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "saved").mkdir()
        (tmp_path / "saved/saved_model.pb").write_bytes(b"\x08\x01")
        monkeypatch.chdir(tmp_path / "saved")
        report = judge_run(packed, JudgeOptions(artifacts=(Path(),), report=tmp_path / "report"))
        assert ["saved"] == [outcome.artifact.path for outcome in report.outcomes]

    def test_a_full_disk_is_not_blamed_on_the_pack(self, packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fill(path: Path, data: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

        monkeypatch.setattr(Path, "write_bytes", fill)
        with pytest.raises(InputError, match="disk is full"), open_pack(packed):
            raise AssertionError("it opened")


class TestHostilePacks:
    @pytest.mark.parametrize(
        "name",
        [
            "../evil.txt",
            "/etc/evil.txt",
            "images/../../evil.txt",
            "C:\\evil.txt",
            "images\\00000.png",
            "images/evil.py",
            "images/1.png",
            "model.keras",
            "images/00000.png/x.png",
            "CON",
        ],
    )
    def test_a_member_that_no_pack_has_is_refused_before_anything_is_unpacked(
        self, packed: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scratch = tmp_path / "scratch/inner"
        scratch.mkdir(parents=True)
        monkeypatch.setattr("tempfile.tempdir", str(scratch))
        forged = rewritten(packed, {name: b"evil"})
        with pytest.raises(InputError, match=r"not a gate pack|damaged"), open_pack(forged):
            raise AssertionError("it opened")
        assert [] == list(scratch.iterdir())
        assert [] == list(tmp_path.rglob("*evil*"))

    def test_a_link_is_refused(self, packed: Path) -> None:
        forged = rewritten(packed, {})
        with zipfile.ZipFile(forged, "a") as archive:
            entry = zipfile.ZipInfo("images/00099.png")
            entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
        with pytest.raises(InputError, match="is a link"), open_pack(forged):
            raise AssertionError("it opened")

    def test_a_bomb_is_refused_by_its_stated_size(self, packed: Path) -> None:
        entry = zipfile.ZipInfo("images/00000.png")
        entry.compress_type = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(packed.with_name("bomb.zip"), "w") as archive, archive.open(entry, "w") as member:
            for _ in range(300):
                member.write(bytes(1 << 20))
        with pytest.raises(InputError, match="bytes, at most"), open_pack(packed.with_name("bomb.zip")):
            raise AssertionError("it opened")

    def test_a_name_that_occurs_twice_is_refused(self, packed: Path) -> None:
        forged = rewritten(packed, {})
        with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(forged, "a") as archive:
            archive.writestr("contract.json", b"{}")
        with pytest.raises(InputError, match="a name occurs twice"), open_pack(forged):
            raise AssertionError("it opened")

    @pytest.mark.parametrize("name", ["contract.json", "reference.npz", "images/00003.png", "training_set_labels.txt"])
    def test_an_edited_member_is_named(self, packed: Path, name: str) -> None:
        forged = rewritten(packed, {name: b"edited"}, resign=False)
        with pytest.raises(InputError, match="not the bytes that were packed") as caught, open_pack(forged):
            raise AssertionError("it opened")
        assert name in str(caught.value.received)

    @pytest.mark.parametrize(
        "manifest",
        [
            b"",
            b"[]",
            b"{}",
            b'{"modelport_pack": 2}',
            b'{"modelport_pack": 1, "images": 3, "sha256": {}, "sampled_from": 1}',
            b'{"modelport_pack": 1, "images": [{"file": 1, "label": 0}], "sha256": {}, "sampled_from": 1}',
            b"[" * 100_000,
        ],
    )
    def test_a_manifest_that_is_none_is_refused(self, packed: Path, manifest: bytes) -> None:
        with (
            pytest.raises(InputError, match="gate pack"),
            open_pack(rewritten(packed, {"pack.json": manifest}, resign=False)),
        ):
            raise AssertionError("it opened")

    def test_a_label_that_is_not_there_is_refused(self, packed: Path) -> None:
        with zipfile.ZipFile(packed) as archive:
            manifest = json.loads(archive.read("pack.json"))
        manifest["images"][0]["label"] = 7
        forged = rewritten(packed, {"pack.json": json.dumps(manifest).encode()})
        with pytest.raises(InputError, match="damaged"), open_pack(forged):
            raise AssertionError("it opened")

    def test_a_pickle_in_the_reference_is_never_read(self, packed: Path) -> None:
        hostile = io.BytesIO()
        np.savez(hostile, paths=np.array([{"a": 1}], dtype=object))
        forged = rewritten(packed, {"reference.npz": hostile.getvalue()})
        with pytest.raises(InputError, match="reference predictions cannot be read"):
            judge_run(forged, JudgeOptions(artifacts=(packed.with_name("new.onnx"),)))

    @pytest.mark.parametrize("size", [0, 100, 4000])
    def test_a_truncated_pack_is_refused(self, packed: Path, size: int) -> None:
        packed.with_name("cut.zip").write_bytes(packed.read_bytes()[:size])
        result = command("validate", packed.with_name("cut.zip"), "--artifact", packed.with_name("new.onnx"))
        assert 2 == result.exit_code
        assert "neither a run folder nor a gate pack" in result.stderr

    def test_a_pack_that_was_cut_behind_an_archive_of_its_own_is_damaged(self, packed: Path) -> None:
        """reference.npz is a ZIP, stored as it is; where the pack ends behind it, its directory is the last one."""
        with zipfile.ZipFile(packed) as archive:
            end = packed.read_bytes().index(archive.read("reference.npz")) + archive.getinfo("reference.npz").file_size
        packed.with_name("cut.zip").write_bytes(packed.read_bytes()[:end])
        with pytest.raises(InputError, match="gate pack is damaged"), open_pack(packed.with_name("cut.zip")):
            raise AssertionError("it opened")

    def test_a_reference_that_unpacks_without_end_is_refused(self, packed: Path) -> None:
        header = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
        shape = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }"
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w") as archive:
            archive.writestr("run_id.npy", header + shape.ljust(117) + b"\n")
        forged = rewritten(packed, {"reference.npz": bomb.getvalue()})
        with pytest.raises(InputError, match="reference predictions cannot be read"):
            judge_run(forged, JudgeOptions(artifacts=(packed.with_name("new.onnx"),)))


def test_a_pack_is_whole_or_absent_wherever_packing_is_stopped(make_run: Any, tmp_path: Path) -> None:
    """Stopped for real, by os._exit, after every step on disk."""
    run, gate = make_run(), tmp_path / "gate.zip"
    program = [sys.executable, str(Path(__file__).parents[2] / "stopped_process.py")]
    arguments = ["pack", str(run.root), str(gate), "--images", "3"]
    done = subprocess.run([*program, "0", *arguments], check=True, capture_output=True, text=True)
    steps = [line for line in done.stdout.splitlines() if line.startswith("step: ")]
    whole = sha256_of_file(gate)
    states = set()
    for number in range(1, len(steps) + 1):
        gate.unlink(missing_ok=True)
        stopped = subprocess.run([*program, str(number), *arguments], capture_output=True, check=False)
        assert 77 == stopped.returncode, stopped.stderr
        states.add(sha256_of_file(gate) if gate.exists() else "absent")
        assert (2 if gate.exists() else 0) == command(*arguments).exit_code
        assert whole == sha256_of_file(gate)
    assert {"write", "fsync", "rename"} <= {step.split()[1] for step in steps}
    assert {"absent", whole} == states
    print(f"pack: {len(steps)} points, {len(states)} distinct states, 0 not whole")

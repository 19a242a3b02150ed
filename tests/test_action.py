"""action.yml: read as YAML, and its shell steps run by bash with a stand-in for GitHub's runner."""

import os
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import modelport
import numpy as np
import onnx
import pytest
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.decode import read_image, sha256_of_pixels
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.artifacts import describe_artifact
from modelport.contract.run.lock import Lock, write_lock
from modelport.contract.run.reference import Reference, write_reference
from modelport.validate.pack.write_pack import write_pack
from PIL import Image

yaml = pytest.importorskip("yaml", reason="PyYAML, which reads action.yml, is in the extra [dev]")

ROOT = Path(modelport.__path__[0])
LABELS = ("red", "green")

if shutil.which("bash") is None:
    pytest.skip("no bash, which runs the action's steps", allow_module_level=True)


@pytest.fixture(scope="module")
def action() -> Any:
    return yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def shell_steps(action: Any) -> list[Any]:
    return [step for step in action["runs"]["steps"] if "run" in step]


class TestText:
    def test_it_is_a_composite_action_whose_inputs_are_described(self, action: Any) -> None:
        assert "composite" == action["runs"]["using"]
        assert all(one["description"] for one in (*action["inputs"].values(), *action["outputs"].values()))
        required = {name for name, one in action["inputs"].items() if one.get("required")}
        assert {"pack", "artifacts"} == required
        assert all("default" in one for name, one in action["inputs"].items() if name not in required)

    def test_no_expression_is_in_a_script(self, action: Any) -> None:
        """GitHub writes expressions into a script before bash reads it: an input would be run."""
        for step in shell_steps(action):
            assert "${{" not in step["run"]
            assert "bash" == step["shell"]

    def test_every_input_reaches_a_step(self, action: Any) -> None:
        text = str([[step.get("env"), step.get("with")] for step in action["runs"]["steps"]])
        assert set(action["inputs"]) == set(re.findall(r"inputs\.([\w-]+)", text))

    def test_nothing_is_uploaded_or_downloaded_but_python(self, action: Any) -> None:
        assert ["actions/setup-python@v5"] == [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
        scripts = "".join(step["run"] for step in shell_steps(action))
        assert not re.search(r"curl|wget|upload|\[tensorflow\]", scripts)


@dataclass
class Step:
    """What came out of one step."""

    code: int
    printed: str
    outputs: dict[str, str]
    summary: str


@dataclass
class Runner:
    """A stand-in for GitHub's runner: evaluates expressions, and runs shell steps as it does."""

    action: Any
    workspace: Path
    temp: Path
    path: str

    def run(self, **inputs: str) -> Step:
        """Run both shell steps; the second only if the first succeeded."""
        given = {name: str(one.get("default", "")) for name, one in self.action["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        known = {f"inputs.{name}": value for name, value in given.items()} | {"github.action_path": str(ROOT)}
        for step in shell_steps(self.action):
            done = self._step(step, known)
            known |= {f"steps.{step['id']}.outputs.{name}": value for name, value in done.outputs.items()}
            if done.code:
                return done
        return done

    def _step(self, step: Any, known: dict[str, str]) -> Step:
        files = {name: self.temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        env = {
            name: re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: known[found[1]], value)
            for name, value in step["env"].items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env={"PATH": self.path, "HOME": str(self.temp), "RUNNER_TEMP": str(self.temp), "GITHUB_ACTIONS": "true"}
            | {name: str(file) for name, file in files.items()}
            | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=500,
        )
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        return Step(done.returncode, done.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"))


#: Stands for `python`: its venv has this environment's modelport, and pip only says what it was asked for. The real
#: install is the slow test's.
_PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/bin"
  cp "$0" "$3/bin/python"
  printf '#!/bin/sh\\nPYTHONPATH="{path}" exec "{python}" -P -m modelport "$@"\\n' > "$3/bin/modelport"
  chmod +x "$3/bin/modelport"
elif [ "$1 $2" = "-m pip" ]; then
  printf '%s\\n' "$@" > "$RUNNER_TEMP/pip.txt"
else
  exec "{python}" "$@"
fi
"""


@pytest.fixture
def runner(action: Any, tmp_path: Path) -> Runner:
    workspace, temp, programs = (tmp_path / name for name in ("workspace", "temp", "programs"))
    for folder in (workspace, temp, programs):
        folder.mkdir()
    python = programs / "python"
    python.write_text(_PYTHON.format(python=sys.executable, path=os.environ.get("PYTHONPATH", "")), encoding="utf-8")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    make_pack(tmp_path / "made", workspace)
    return Runner(action, workspace, temp, f"{programs}{os.pathsep}{os.environ['PATH']}")


def make_pack(folder: Path, workspace: Path) -> None:
    """Write gate.zip, and good.onnx and bad.onnx, which answers red for green: softmax of the means of two channels."""
    root, data = folder / "run", folder / "data"
    root.mkdir(parents=True)
    (root / "model.keras").write_bytes(b"stands for the Keras model")
    images, truths = [], []
    random = np.random.default_rng(0)
    for label, name in enumerate(LABELS):
        for number in range(6):
            image = random.integers(0, 100, (8, 8, 3), dtype=np.uint8)
            image[:, :, label] += 100
            path = data / "test" / name / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
            images.append(path)
            truths.append(label)
    for split in ("train", "val"):
        for name in LABELS:
            (data / split / name).mkdir(parents=True)
            Image.fromarray(random.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(data / split / name / "0.png")
    model = sha256_of_file(root / "model.keras")
    contract = ModelContract(
        pixels=PixelContract(height=8, width=8),
        heads=(ClassificationHead(name="label", labels=LABELS),),
        parameters=6,
        provenance=Provenance(run_id="20260101T000000Z-00000000", model_sha256=model, dataset=str(data)),
    )
    write_contract(root / "contract.json", contract)
    write_labels(root / "training_set_labels.txt", LABELS)
    pixels = [read_image(path, contract.pixels) for path in images]
    powers = np.exp(8 * (np.stack(pixels) / 255.0).mean(axis=(1, 2))[:, :2])
    write_reference(
        root / "reference.npz",
        Reference(
            run_id=contract.provenance.run_id,
            model_sha256=model,
            paths=tuple(path.relative_to(data).as_posix() for path in images),
            file_sha256=tuple(map(sha256_of_file, images)),
            pixels_sha256=tuple(map(sha256_of_pixels, pixels)),
            truths={"label": np.array(truths)},
            predictions={"label": (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)},
        ),
    )
    for name, order in (("good.onnx", (0, 1)), ("bad.onnx", (1, 0))):
        write_onnx(root / name, order)
        shutil.copyfile(root / name, workspace / name)
    artifact = describe_artifact(root, root / "good.onnx", format="onnx", recipe="float32", parent_sha256=model)
    lock = Lock(run_id=contract.provenance.run_id, model_sha256=model, artifacts=(artifact,))
    write_lock(root / "artifacts.json", lock)
    write_pack(root, workspace / "gate.zip", images=12)


def write_onnx(path: Path, order: tuple[int, int]) -> None:
    weight = np.zeros((3, 2), dtype=np.float32)
    weight[order[0], 0] = weight[order[1], 1] = 8
    node, value = onnx.helper.make_node, onnx.helper.make_tensor_value_info
    nodes = [
        node("ReduceMean", ["input"], ["means"], axes=[1, 2], keepdims=0),
        node("MatMul", ["means", "weight"], ["logits"]),
        node("Softmax", ["logits"], ["label"], axis=1),
    ]
    graph = onnx.helper.make_graph(
        nodes,
        "made",
        [value("input", 1, ["n", 8, 8, 3])],
        [value("label", 1, ["n", 2])],
        [onnx.numpy_helper.from_array(weight, "weight")],
    )
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)


class TestSteps:
    def test_a_good_artifact_passes_and_the_summary_is_written(self, runner: Runner) -> None:
        done = runner.run(pack="gate.zip", artifacts="good.onnx\n", budget="min_top1=0.75")
        assert 0 == done.code, done.printed
        assert {"verdict": "pass", "report": "modelport-report"} == done.outputs
        assert done.summary.startswith("### ✅ modelport: 1 pass")
        folder = runner.workspace / "modelport-report"
        assert {"report.json", "report.md", "report.html", "junit.xml"} <= {path.name for path in folder.iterdir()}
        assert "::error" not in done.printed

    def test_a_bad_artifact_fails_with_an_annotation(self, runner: Runner) -> None:
        done = runner.run(pack="gate.zip", artifacts="  good.onnx\r\n\n  bad.onnx", budget="min_top1=0.75")
        assert (1, "fail") == (done.code, done.outputs["verdict"])
        assert re.search(r"^::error title=modelport%3A fail%3A bad\.onnx::", done.printed, re.MULTILINE)
        assert "1 pass, 1 fail" in done.summary

    def test_an_undecided_artifact_fails_under_strict_alone(self, runner: Runner) -> None:
        how = {"pack": "gate.zip", "artifacts": "good.onnx", "budget": "min_top1=0.75\nmax_drop_points=1"}
        assert "pass" == runner.run(**how).outputs["verdict"]
        assert "fail" == runner.run(**how, strict="true").outputs["verdict"]

    def test_a_baseline_fails_what_grew(self, runner: Runner) -> None:
        runner.run(pack="gate.zip", artifacts="good.onnx", report="accepted")
        with (runner.workspace / "good.onnx").open("ab") as file:
            file.write(b"\x72\x50" + b"x" * 80)  # field 14 of ModelProto, unknown to it: 80 bytes of text
        done = runner.run(pack="gate.zip", artifacts="good.onnx", baseline="accepted/report.json")
        assert (1, "fail") == (done.code, done.outputs["verdict"])
        assert "against the baseline's" in done.printed

    @pytest.mark.parametrize(
        "inputs",
        [
            pytest.param({"pack": "absent.zip"}, id="no-pack"),
            pytest.param({"artifacts": ""}, id="no-artifact"),
            pytest.param({"artifacts": "absent.onnx"}, id="no-such-artifact"),
            pytest.param({"budget": "max_size=1"}, id="unknown-budget"),
            pytest.param({"baseline": "gate.zip"}, id="baseline-is-no-report"),
            pytest.param({"strict": "yes"}, id="strict-is-yes"),
            pytest.param({"thumbnails": "1"}, id="thumbnails-is-1"),
            pytest.param({"report": "a\nverdict=pass"}, id="report-of-two-lines"),
            pytest.param({"pack": "--help"}, id="pack-is-an-option"),
        ],
    )
    def test_wrong_inputs_are_errors_and_say_so(self, runner: Runner, inputs: dict[str, str]) -> None:
        done = runner.run(**({"pack": "gate.zip", "artifacts": "good.onnx"} | inputs))
        assert (2, "error") == (done.code, done.outputs["verdict"]), done.printed
        assert "::error title=modelport%3A not judged::" in done.printed

    @pytest.mark.parametrize(
        "text", ["x\"; touch pwned; \"$(touch pwned)`touch pwned`'; touch pwned; '", "x\ntouch pwned\n$(touch pwned)"]
    )
    @pytest.mark.parametrize(
        "name", ["pack", "artifacts", "budgets", "budget", "baseline", "strict", "report", "modelport"]
    )
    def test_no_input_is_run(self, runner: Runner, name: str, text: str) -> None:
        inputs = {"pack": "gate.zip", "artifacts": "good.onnx"} | {name: text}
        runner.run(**inputs)
        assert not list(runner.workspace.parent.rglob("pwned"))

    def test_the_action_installs_its_own_version_within_its_constraints(self, runner: Runner) -> None:
        runner.run(pack="gate.zip", artifacts="good.onnx", strict="stop")
        asked = (runner.temp / "pip.txt").read_text(encoding="utf-8").splitlines()
        assert ["-c", f"{ROOT}/constraints.txt", "--", str(ROOT)] == asked[-4:]

    def test_another_version_is_installed_as_it_is_named(self, runner: Runner) -> None:
        runner.run(pack="gate.zip", artifacts="good.onnx", strict="stop", modelport="--pre modelport==9")
        asked = (runner.temp / "pip.txt").read_text(encoding="utf-8").splitlines()
        assert ["--", "--pre modelport==9"] == asked[-2:]


@pytest.mark.slow
def test_the_real_install_judges_without_tensorflow(runner: Runner) -> None:
    """Some 250 MB from the package index, into a virtual environment of its own."""
    runner.path = os.environ["PATH"]
    programs = runner.temp / "real"
    programs.mkdir()
    (programs / "python").symlink_to(getattr(sys, "_base_executable", sys.executable))
    runner.path = f"{programs}{os.pathsep}{runner.path}"
    done = runner.run(pack="gate.zip", artifacts="good.onnx", budget="min_top1=0.75")
    assert (0, "pass") == (done.code, done.outputs.get("verdict")), done.printed
    assert not list((runner.temp / "modelport-venv").glob("lib/python*/site-packages/tensorflow"))

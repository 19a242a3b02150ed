"""Bytes, and bytes after deflate."""

import random
import zipfile
from pathlib import Path

import pytest
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.contract.run.artifacts import Artifact
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.verdict import Verdict
from modelport.validate.rules.file_rules import judge_file

_CONTRACT = ModelContract(
    pixels=PixelContract(),
    heads=(ClassificationHead(name="label", labels=("a", "b")),),
    parameters=1,
    provenance=Provenance(run_id="r", model_sha256="m"),
)
_UNKNOWN = Artifact(path="m.onnx", format="onnx", recipe="", size_bytes=1, sha256="", parent_sha256="")


@pytest.mark.parametrize("spare", [0, -1])
def test_compressed_bytes_are_what_a_zip_would_hold(tmp_path: Path, spare: int) -> None:
    file = tmp_path / "m.onnx"
    file.write_bytes(random.Random(0).randbytes(5000) + bytes(200_000))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(file)
        size = archive.infolist()[0].compress_size
    budgets = {key: Budget(key=key, value=size + spare, source="file") for key in ("max_bytes", "max_compressed_bytes")}
    found = {finding.key: finding for finding in judge_file(file, _UNKNOWN, _CONTRACT, budgets)}
    assert found["max_bytes"].verdict is Verdict.FAIL
    assert found["max_compressed_bytes"].verdict is (Verdict.FAIL if spare else Verdict.PASS)
    assert found["max_compressed_bytes"].sentence == (
        f"{size:,} bytes compressed (deflate, level 9); budget at most {size + spare:,} (file)"
    )

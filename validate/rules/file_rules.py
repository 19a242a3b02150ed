"""Look at an artifact's file: is it there, is it the one that was exported, is it small enough."""

from pathlib import Path

from ...contract.files.deflated_size import deflated_bytes_of
from ...contract.files.hashing import sha256_of, size_bytes_of
from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.artifacts import Artifact
from ..budgets.budgets import Budget
from ..findings.verdict import Finding, Verdict


def judge_file(path: Path, artifact: Artifact, contract: ModelContract, budgets: dict[str, Budget]) -> list[Finding]:
    """Return what was found about the file or folder of `artifact` at `path`."""
    if not path.exists():
        return [Finding(key="file", verdict=Verdict.FAIL, sentence="the file is missing")]
    findings = []
    if artifact.parent_sha256:  # else no lock names it, so there is nothing to compare with; a note says so
        findings += [_judge_hash(path, artifact), _judge_parent(artifact, contract)]
    if "max_bytes" in budgets:
        findings.append(_judge_size(size_bytes_of(path), budgets["max_bytes"], "bytes"))
    if "max_compressed_bytes" in budgets:
        budget = budgets["max_compressed_bytes"]
        findings.append(_judge_size(deflated_bytes_of(path), budget, "bytes compressed (deflate, level 9)"))
    return findings


def _judge_hash(path: Path, artifact: Artifact) -> Finding:
    if sha256_of(path) == artifact.sha256:
        return Finding(key="sha256", verdict=Verdict.PASS, sentence="the file is the one that was exported")
    sentence = (
        f"the file was changed after the export: {size_bytes_of(path):,} bytes, {artifact.size_bytes:,} in "
        f"artifacts.json, and another sha256"
    )
    return Finding(key="sha256", verdict=Verdict.FAIL, sentence=sentence)


def _judge_parent(artifact: Artifact, contract: ModelContract) -> Finding:
    parent, model = artifact.parent_sha256, contract.provenance.model_sha256
    if parent == model:
        return Finding(key="parent", verdict=Verdict.PASS, sentence="made from this run's model.keras")
    sentence = f"made from another model: {parent[:12]}, this run's is {model[:12]}"
    return Finding(key="parent", verdict=Verdict.FAIL, sentence=sentence)


def _judge_size(size_bytes: int, budget: Budget, what: str) -> Finding:
    verdict = Verdict.PASS if size_bytes <= budget.limit else Verdict.FAIL
    sentence = f"{size_bytes:,} {what}; budget at most {budget.value:,} ({budget.source})"
    return Finding(key=budget.key, verdict=verdict, sentence=sentence)

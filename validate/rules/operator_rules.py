"""Budgets of what is in the file: no operator of TensorFlow (Flex), none of somebody's own, none that is left in float.

What needs Flex or has custom operators fails without a budget, too, unless it was exported with leave to (allow_flex,
allow_custom); these budgets take the leave back. None of them can give one.
"""

from ...contract.run.artifacts import Artifact
from ...runtimes.facts.description import Description
from ..budgets.budgets import Budget
from ..budgets.scope import concerns, scope_words
from ..findings.judged import FAIL, NOT_JUDGED, PASS, Judged, at_most, limit
from ..findings.verdict import Finding


def judge_operators(artifact: Artifact, description: Description, budgets: dict[str, Budget]) -> list[Finding]:
    """Return a finding for each budget that is about operators."""
    forbidden = {
        "forbid_flex": ("operators of TensorFlow (Flex)", description.flex_operators),
        "forbid_custom_operators": ("custom operators", description.custom_operators),
    }
    judged = {
        key: _judge_forbidden(budgets[key], what, found) for key, (what, found) in forbidden.items() if key in budgets
    }
    if "max_float_operators" in budgets:
        judged["max_float_operators"] = _judge_float(artifact, description, budgets["max_float_operators"])
    return [Finding(key=key, verdict=verdict, sentence=sentence) for key, (verdict, sentence) in judged.items()]


def _judge_forbidden(budget: Budget, what: str, found: tuple[str, ...]) -> Judged:
    if not budget.value:
        return PASS, f"{budget.key} is off ({budget.source})"
    if found:
        return FAIL, f"has {what}: {', '.join(found)}; none are allowed ({budget.source})"
    return PASS, f"has no {what}, as asked ({budget.source})"


def _judge_float(artifact: Artifact, description: Description, budget: Budget) -> Judged:
    """Judge the operators of an int8 file that compute in float: islands, before and after which values convert."""
    if not concerns(budget.key, artifact):
        return NOT_JUDGED, f"{budget.key} not judged: it is about {scope_words(budget.key)}"
    if not description.tensor_dtypes.get("int8"):
        return FAIL, f"nothing in it is int8; budget at most {limit(budget)} operators in float"
    found = description.float_operators
    named = ", ".join(f"{name} {count}" for name, count in found.items())
    return at_most(
        sum(found.values()), budget, f"{sum(found.values())} operators compute in float" + f" ({named})" * bool(found)
    )

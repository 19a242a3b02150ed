"""What an artifact is judged against: the default budgets, and those that replace them. Numpy-free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ...contract.formats import EXPORTED, FORMATS
from ...contract.model_contract.model_contract import ModelContract
from ...contract.recipes import RECIPES
from ...contract.run.artifacts import Artifact
from .head_budgets import check_heads, is_superseded, split_key
from .keys import QUALITY_KEYS
from .kinds import Value
from .scope import check_scope, concerns

#: The sources of budgets that nobody wrote down for this project.
DEFAULT, CONTRACT = "default", "contract.json"

#: The source of budgets of the command line.
OPTION = "--budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One limit.

    Attributes:
        key: one of BUDGET_KEYS, or heads.NAME.KEY for one head alone.
        value: bytes or a count (int), points, a fraction or an amount (float), a switch (bool), or a version (str).
        source: who set it, such as "default" or "modelport.toml [budgets.full_int8]".

    """

    key: str
    value: Value
    source: str

    @property
    def limit(self) -> float:
        """The value of a key that is a number."""
        return float(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetBook:
    """All budgets of one judgement.

    Attributes:
        file: the file they were read from; None where the defaults alone count.
        sections: "" (every artifact), a format, a recipe or an artifact's path, to its budgets.
        options: budgets from the command line; they apply to every artifact and beat the file.

    """

    file: str | None = None
    sections: dict[str, dict[str, Value]] = field(default_factory=dict)
    options: dict[str, Value] = field(default_factory=dict)

    def of_artifact(self, artifact: Artifact, contract: ModelContract) -> dict[str, Budget]:
        """Return key to budget for one artifact: default < every artifact < format < recipe < path < command line.

        A budget of one head (heads.NAME.KEY) beats those for all heads, but for one from the command line. A key that
        cannot be held against this artifact (scope.py) is left out; `check` refuses it where that is a mistake.
        """
        found = default_budgets(artifact, contract)
        for name in ("", artifact.format, artifact.recipe, artifact.path):
            for key, value in self.sections.get(name, {}).items():
                found[key] = Budget(key=key, value=value, source=self.source_of(name, split_key(key)[0]))
        found = {key: budget for key, budget in found.items() if split_key(key)[1] not in self.options}
        for key, value in self.options.items():
            found[key] = Budget(key=key, value=value, source=OPTION)
        return {
            key: budget
            for key, budget in found.items()
            if concerns(key, artifact) and not is_superseded(key, found, contract)
        }

    def check(self, contract: ModelContract, artifacts: Sequence[Artifact]) -> None:
        """Look at all sections, also at those that no artifact falls under.

        Raises:
            UsageError: a budget of a head that the model does not have, or that is of the other kind; or one that can
                be held against nothing that its section names, such as `min_tflite` of an ONNX file.

        """
        known = {artifact.path: artifact for artifact in artifacts}
        for name, values in self.sections.items():
            where = self.source_of(name)
            check_heads(values, contract, where)
            if name in known:
                check_scope(values, where, format=known[name].format, recipe=known[name].recipe)
            elif not is_path(name):
                check_scope(values, where, **{"format" if name in EXPORTED else "recipe": name})
        check_heads(self.options, contract, OPTION)

    def source_of(self, section: str, head: str | None = None) -> str:
        """Return how a section is written in the file, and that of one head in it."""
        parts = [*filter(None, [section]), *(["heads", head] if head is not None else [])]
        quoted = (f'"{part}"' if "." in part or "/" in part else part for part in parts)
        return f"{self.file} [{'.'.join(('budgets', *quoted))}]"

    @property
    def named_paths(self) -> tuple[str, ...]:
        """Artifacts that the file names by their path."""
        return tuple(name for name in self.sections if is_path(name))

    @property
    def named_kinds(self) -> tuple[str, ...]:
        """Formats and recipes that the file names."""
        return tuple(name for name in self.sections if name and not is_path(name))


def has_floor(budgets: Iterable[str]) -> bool:
    """Whether one of these keys says that the model is any good, be it of one head."""
    return any(split_key(key)[1] in QUALITY_KEYS for key in budgets)


def is_path(section: str) -> bool:
    """Whether a section of [budgets] names an artifact by its path."""
    return bool(section) and section not in (*EXPORTED, *RECIPES)


def normal_path(name: str) -> str:
    """Return a path of an artifact as the lock writes it."""
    return PurePosixPath(name).as_posix()


def default_budgets(artifact: Artifact, contract: ModelContract) -> dict[str, Budget]:
    """Return key to default budget of one artifact; no parity and no size for a recipe that is not in the table."""
    recipe, values = RECIPES.get(artifact.recipe), dict[str, Value]()
    if recipe is not None:
        size = (recipe.size_hundredths, recipe.size_extra_bytes)
        if artifact.recipe == "float32" and artifact.format in FORMATS:
            size = FORMATS[artifact.format].size or size
        values = {**recipe.parity, "max_bytes": contract.parameters * size[0] // 100 + size[1]}
    found = {key: Budget(key=key, value=value, source=DEFAULT) for key, value in values.items()}
    if artifact.format == "tflite":
        found["min_tflite"] = Budget(key="min_tflite", value=contract.min_tflite, source=CONTRACT)
    return found

"""The smallest files of other people, where ../shared/data is there."""

from pathlib import Path

from modelport.contract.model_contract.model_contract import ModelContract

from .case import Seed

DATA = Path(__file__).resolve().parents[4] / "shared/data"


def real_seeds(files: dict[str, ModelContract], name: str) -> list[Seed]:
    """Return a seed for each file that is there.

    Args:
        files: path below shared/data to the contract of it.
        name: that the case's file gets.
    """
    there = {path: contract for path, contract in files.items() if (DATA / path).is_file()}
    return [
        Seed(name=Path(path).stem, files={name: (DATA / path).read_bytes()}, contract=contract)
        for path, contract in there.items()
    ]

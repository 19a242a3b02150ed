"""What a user wants to know of a run that was just written."""

from pathlib import Path
from typing import Any


def summary(evaluation: dict[str, Any], run: str | Path) -> str:
    """Return the lines for stdout: how good the model is, on how many images, and what comes next."""
    low, high = evaluation["test_accuracy_interval_95"]
    confused = evaluation["most_confused_pairs"][:3]
    pairs = ", ".join(f"{pair['true']} taken for {pair['predicted']} ({pair['count']})" for pair in confused) or "none"
    return (
        f"test top-1   {evaluation['test_accuracy']:.3f} [{low:.3f}, {high:.3f}], n = {evaluation['test_images']}\n"
        f"test top-3   {evaluation['top3_accuracy']:.3f}\n"
        f"confused     {pairs}\n"
        f"run          {run}\n"
        f"next         modelport convert {run}"
    )

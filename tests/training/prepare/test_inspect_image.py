"""The pool in which prepare reads images."""

import os
import threading
import time
from pathlib import Path

import pytest
from modelport.contract.narration import Silent
from modelport.training.prepare import inspect_image as module
from modelport.training.prepare.find_images import FoundImage
from modelport.training.prepare.inspect_image import InspectedImage, inspect_images


def test_one_core_decodes_one_image_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A container with one core of 64 gets one thread, not eight."""
    threads: set[int] = set()

    def inspect(found: FoundImage, staged: Path) -> InspectedImage:
        threads.add(threading.get_ident())
        time.sleep(0.01)
        return InspectedImage(found=found, sha256="0")

    monkeypatch.setattr(module, "inspect_image", inspect)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    found = [FoundImage(path=tmp_path / f"{k}.png", source=f"{k}.png", label="a", split=None) for k in range(8)]
    good, _ = inspect_images(found, tmp_path, Silent())
    assert (8, 1) == (len(good), len(threads))

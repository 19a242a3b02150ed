"""reference.npz comes back, and never runs code."""

import pickle
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.run.reference import Reference, read_reference, write_reference

REFERENCE = Reference(
    run_id="run",
    model_sha256="ab",
    paths=("test/A/ü.png", "test/B/2.png"),
    file_sha256=("11", "22"),
    pixels_sha256=("33", "44"),
    truths={"sign": np.array([0, 1]), "age": np.array([30.5, 4.0], dtype=np.float32)},
    predictions={"sign": np.array([[0.75, 0.25], [0.5, 0.5]], np.float32), "age": np.array([[30], [5]], np.float32)},
)


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.target,)


def test_a_reference_with_two_heads_comes_back(tmp_path: Path) -> None:
    write_reference(tmp_path / "reference.npz", REFERENCE)
    again = read_reference(tmp_path / "reference.npz")
    for name in ("run_id", "model_sha256", "paths", "file_sha256", "pixels_sha256"):
        assert getattr(REFERENCE, name) == getattr(again, name)
    for name in ("truths", "predictions"):
        expected, received = getattr(REFERENCE, name), getattr(again, name)
        assert list(expected) == list(received)
        for head, values in expected.items():
            assert values.dtype == received[head].dtype
            np.testing.assert_array_equal(values, received[head])


def test_a_file_finds_its_row() -> None:
    assert {"11": 0, "22": 1} == REFERENCE.row_of_file()


def test_pickled_objects_are_refused_unread(tmp_path: Path) -> None:
    write_reference(tmp_path / "reference.npz", REFERENCE)
    with np.load(tmp_path / "reference.npz") as file:
        arrays = {name: file[name] for name in file.files}
    arrays["paths"] = np.array([Bomb(tmp_path / "exploded")], dtype=object)
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(InputError, match="cannot be read"):
        read_reference(tmp_path / "bad.npz")
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(Bomb(tmp_path / "exploded")))
    with pytest.raises(InputError, match="cannot be read"):
        read_reference(tmp_path / "pickle.npz")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param({"paths": ("one.png",)}, "unequal length", id="paths"),
        pytest.param({"file_sha256": ("11",)}, "unequal length", id="file-sha256"),
        pytest.param({"pixels_sha256": ("33",)}, "unequal length", id="pixels-sha256"),
        pytest.param({"truths": {"sign": np.array([0])}}, "unequal length", id="truths"),
        pytest.param({"truths": {"sign": np.array(0)}}, "another shape", id="truths-without-rows"),
        pytest.param({"truths": {"sign": np.zeros((2, 2))}}, "another shape", id="truths-in-two-columns"),
        pytest.param({"predictions": {"sign": np.ones(2)}}, "another shape", id="predictions-without-columns"),
        pytest.param({"file_sha256": (("1", "1"), ("2", "2"))}, "another shape", id="two-sums-each"),
        pytest.param({"paths": (1, 2)}, "another shape", id="numbers-for-paths"),
        pytest.param({"predictions": {"sign": np.ones((3, 2), np.float32)}}, "unequal length", id="predictions"),
        pytest.param({"predictions": {"sign": np.array([["a", "b"]] * 2)}}, "no numbers", id="text-predictions"),
        pytest.param({"truths": {"sign": np.array(["A", "B"])}}, "no numbers", id="text-truths"),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    write_reference(tmp_path / "reference.npz", replace(REFERENCE, **change))
    with pytest.raises(InputError, match=what) as caught:
        read_reference(tmp_path / "reference.npz")
    assert tmp_path / "reference.npz" == caught.value.where


def test_objects_are_not_written_either(tmp_path: Path) -> None:
    bad = np.array([object(), object()], dtype=object)
    reference = Reference(
        run_id="", model_sha256="", paths=(), file_sha256=(), pixels_sha256=(), truths={"sign": bad}, predictions={}
    )
    with pytest.raises(ValueError, match="allow_pickle"):
        write_reference(tmp_path / "reference.npz", reference)
    assert [] == list(tmp_path.iterdir())


def test_a_file_that_is_missing_or_no_archive_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "half.npz", run_id=np.array("run"))
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty.npz").touch()
    for name in ("array.npy", "half.npz", "text.npz", "empty.npz", "missing.npz"):
        with pytest.raises(InputError, match="cannot be read") as caught:
            read_reference(tmp_path / name)
        assert tmp_path / name == caught.value.where


def test_no_damaged_archive_escapes_as_a_foreign_error(tmp_path: Path) -> None:
    write_reference(tmp_path / "reference.npz", REFERENCE)
    good, rng, refused = (tmp_path / "reference.npz").read_bytes(), random.Random(0), 0
    for _ in range(300):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        (tmp_path / "bad.npz").write_bytes(data)
        try:
            read_reference(tmp_path / "bad.npz")
        except InputError:
            refused += 1
    assert refused > 200

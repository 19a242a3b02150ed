import shutil
from pathlib import Path

from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.narration import Silent
from modelport.training.run.image_hashes import hash_images, is_as_prepared


def data_sha256(root: Path) -> str:
    return hash_images(open_dataset(root), Silent()).data_sha256


def as_prepared(root: Path) -> bool:
    dataset = open_dataset(root)
    return is_as_prepared(dataset, hash_images(dataset, Silent()))


def test_what_prepare_wrote_is_as_prepared(dataset: Path) -> None:
    assert as_prepared(dataset)


def test_an_added_an_edited_and_a_missing_file_are_not(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "set"))
    first, second, *_ = sorted((root / "train" / "red").iterdir())
    added = first.with_name("added.png")
    shutil.copyfile(second, added)
    assert not as_prepared(root)
    added.unlink()
    assert as_prepared(root)
    shutil.copyfile(second, first)
    assert not as_prepared(root)
    first.unlink()
    assert not as_prepared(root)


def test_a_broken_manifest_proves_nothing(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "set"))
    for content in ("{", "[]", "{}", '{"images": 3}'):
        (root / "dataset.json").write_text(content)
        assert not as_prepared(root)


def test_names_of_files_do_not_enter_into_the_hash_and_labels_do(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "set"))
    image = next((root / "train" / "red").iterdir())
    image = image.rename(image.with_name(f"renamed{image.suffix}"))
    assert data_sha256(dataset) == data_sha256(root)
    image.rename(root / "train" / "blue" / image.name)
    assert data_sha256(dataset) != data_sha256(root)

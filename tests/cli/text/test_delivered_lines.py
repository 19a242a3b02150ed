"""What deliveries print of their files: one file is no files."""

from pathlib import Path

import pytest
from modelport.assets.backend.kaggle_profile import FilledFolder
from modelport.assets.delivery.deliver_files import Delivered
from modelport.cli.text.backend_lines import profile_lines
from modelport.cli.text.delivered_lines import changes_line


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (Delivered(written=("a",), kept=("b", "c")), "1 file written, 2 kept"),
        (Delivered(written=("a", "b")), "2 files written, 0 kept"),
        (Delivered(kept=("a",), removed=("b",)), "0 files written, 1 kept, 1 removed"),
    ],
)
def test_files_are_counted_in_words(files: Delivered, line: str) -> None:
    assert line == changes_line(files)


def test_a_filled_folder_counts_the_same(tmp_path: Path) -> None:
    (line,) = profile_lines(FilledFolder(folder=tmp_path, judged="pass", written=("a",), kept=()))
    assert "1 file written, 0 as they were" in line

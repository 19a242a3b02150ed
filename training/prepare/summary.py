"""What the user must know after `modelport prepare`: numbers for the result, sentences for the narration."""

import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...contract.dataset.prepared_dataset import SPLITS


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareSummary:
    """What was made.

    Attributes:
        manifest: path of dataset.json.
        counts: split to label to number of images.
        quarantined: files that were left out.
        duplicates: images whose file is there a second time, less the first of each.
        reencoded: images written anew as PNG.
        test_leaks: images of test whose file is in train or val too; 0 where the split was made here.
        val_leaks: images of val whose file is in train too.
    """

    manifest: Path
    counts: dict[str, dict[str, int]]
    quarantined: int
    duplicates: int
    reencoded: int
    test_leaks: int
    val_leaks: int

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self) | {"manifest": self.manifest.as_posix()}

    def to_text(self) -> str:
        """Return a table for people, and the next command to paste."""
        labels = list(self.counts["train"])
        rows = [(split, sum(of.values()), min(of.values()), max(of.values())) for split, of in self.counts.items()]
        left_out = f"{self.quarantined:,} quarantined, {self.duplicates:,} duplicates, {self.reencoded:,} re-encoded"
        return "\n".join(
            [
                f"{'split':<6}{'images':>9}{'fewest of a class':>20}{'most':>8}",
                *(f"{split:<6}{images:>9,}{fewest:>20,}{most:>8,}" for split, images, fewest, most in rows),
                f"{'all':<6}{sum(row[1] for row in rows):>9,}",
                "",
                f"{len(labels)} classes: {' '.join(labels[:30])}{' ...' if len(labels) > 30 else ''}",
                left_out,
                f"wrote {self.manifest}",
                "",
                f"Next: modelport train {shlex.quote(str(self.manifest.parent))}",
            ]
        )


def summarize(manifest: dict[str, Any], path: Path) -> PrepareSummary:
    """Count what the content of dataset.json lists; `path` is where it was written."""
    leaks = [leak["split"] for leak in manifest["leaks"]]
    return PrepareSummary(
        manifest=path,
        counts=manifest["counts"],
        quarantined=len(manifest["quarantine"]),
        duplicates=sum(len(same) - 1 for same in manifest["duplicates"]),
        reencoded=sum("reencoded" in image for image in manifest["images"]),
        test_leaks=leaks.count("test"),
        val_leaks=leaks.count("val"),
    )


def findings(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what nobody should overlook in the content of dataset.json, a line each."""
    quarantine, counts = manifest["quarantine"], manifest["counts"]
    if quarantine:
        files = "file" if len(quarantine) == 1 else "files"
        yield f"{len(quarantine):,} {files} quarantined, listed in dataset.json:"
        yield from (f"  {file['path']}: {file['reason']}" for file in quarantine[:5])
        yield from ["  ..."] * (len(quarantine) > 5)
    for split, earlier in (("test", SPLITS[:2]), ("val", SPLITS[:1])):
        if leaks := sum(leak["split"] == split for leak in manifest["leaks"]):
            images = sum(counts[split].values())
            yield f"LEAK: {leaks:,} of {images:,} {split} images are the same files as in {' or '.join(earlier)}."
            yield f"  Accuracy on {split} is worth nothing for them. They are listed in dataset.json."
            yield "  To split anew, put all images of a class into one folder and prepare that."

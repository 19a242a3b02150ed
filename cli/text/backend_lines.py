"""What `modelport deliver backend` tells of a delivery and of a rollback."""

from pathlib import Path
from typing import TYPE_CHECKING

from ...assets.backend.store.put_state import LINKED
from .delivered_lines import files_of

if TYPE_CHECKING:
    from ...assets.backend.deliver_backend import BackendDelivery
    from ...assets.backend.kaggle_profile import FilledFolder
    from ...assets.backend.store.swap import Swapped


def delivery_lines(done: "BackendDelivery") -> list[str]:
    """Return what is printed of a delivery."""
    found, swapped, compared = done.found, done.swapped, done.compared
    lines = [f"warning: {text}" for text in done.warnings]
    if swapped is None or compared is None:
        return [*lines, f"{found.path} is already what RUN gives, and nothing was done. --overwrite compares again."]
    if not swapped.changed:
        return [*lines, compared.sentence, f"{found.path} is already this file, and nothing was written."]
    labels = [path for path in swapped.after if path != swapped.target]
    kept = [path for path in labels if swapped.after[path] == swapped.before[path]]
    lines += [
        f"judged     {done.judged}",
        f"compared   {compared.sentence}",
        f"delivered  {found.path}, sha256 {swapped.after[swapped.target][:12]}"
        + (f"; {', '.join(kept)} stays as it is" if kept else f", with {', '.join(labels)}" if labels else ""),
    ]
    if swapped.kept is not None:
        lines.append(f"kept       {swapped.kept}; back to it: modelport deliver backend --rollback {done.backend}")
    return [*lines, *done.notes]


def rollback_lines(backend: Path, swapped: "Swapped") -> list[str]:
    """Return what is printed of a rollback."""
    told = f"of run {swapped.run_id}" if swapped.run_id else "that was found there"
    digest = swapped.after[swapped.target]
    what = f"restored   {backend / swapped.target}, sha256 {digest[:12]}, {told}"
    if not digest:
        what = f"removed    {backend / swapped.target}: nothing lay there before"
    lines = [what, *([f"kept       {swapped.kept}"] if swapped.kept else [])]
    if swapped.linked:
        lines += [LINKED]
        lines.append("A service that opens model and labels may have opened one before and one after: restart it.")
    return [*lines, "A service that loads its model once must be restarted."]


def profile_lines(filled: "FilledFolder") -> list[str]:
    """Return what is printed of a profile."""
    told = f"{files_of(len(filled.written))} written, {len(filled.kept)} as they were"
    return [f"{filled.folder}: {told}. Next: python {filled.folder / 'recognizer.py'} IMAGE..."]

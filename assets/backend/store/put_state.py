"""The one step that changes what a service opens, between two records that say what is about to be and what is."""

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from ....contract.files import disk
from ....contract.files.atomic_write import place, staged
from ....contract.files.journal import ABSENT, promised
from .backend_record import Record, State, write_record
from .generations import check_can_link, flip_generation, foreign_links, is_linked, restore_links
from .kept_files import copy_whole, kept, kept_path

#: Paths are links now.
LINKED = "The model lies in .modelport/backend now, and what the service opens leads there: deploy and back it up, too."


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapped:
    """What a swap, or a rollback, did.

    Attributes:
        target: path of the model, relative to the backend.
        before, after: path to sha256, of the model and of its labels file; ABSENT where nothing lay.
        run_id: of the run that the model is from that lies there now; None: it was found there.
        kept: where the old model is kept; None where nothing lay, or nothing changed.
        changed: False: it lay there already, and nothing was written.
        linked: whether the paths are links now, which are flipped together.
        owners_links: path to text of links of the backend's owner that were replaced.
    """

    target: str
    before: dict[str, str]
    after: dict[str, str]
    run_id: str | None
    kept: Path | None
    changed: bool
    linked: bool
    owners_links: dict[str, str] = field(default_factory=dict)


def put_state(
    backend: Path,
    record: Record,
    target: str,
    stack: tuple[State, ...],
    before: dict[str, str],
    after: dict[str, str],
) -> Swapped:
    """Change what lies there from `before` to `after` in one step, and the record with it."""
    changed = [path for path in after if after[path] != before[path]]
    linked = [path for path in after if path in changed or is_linked(backend, path, target)]
    alone = ABSENT in (before[target], after[target])  # without a model nobody reads the labels
    by_links = (len(linked) > 1 and not alone) or any(_needs_link(backend, path, after[path]) for path in linked)
    if by_links:
        check_can_link(backend, linked)
    owners = foreign_links(backend, linked, target) if by_links else {}
    planned = record.with_stack(target, stack)
    with promised(partial(write_record, backend), planned, planned.settled):
        if by_links:
            flip_generation(backend, target, before, after, linked)
            restore_links(backend, target, stack[-1].links, after)
        else:
            model_last = after[target] != ABSENT
            for path in sorted(changed, key=lambda path: (path == target) == model_last):
                _replace(backend, path, after[path])
    swapped = said(
        backend,
        target,
        before,
        after,
        stack[-1].run_id,
        linked=any(is_linked(backend, path, target) for path in linked),
    )
    return replace(swapped, owners_links=owners)


def _replace(backend: Path, path: str, digest: str) -> None:
    """Let kept content take its place; the rights are those of the file that goes."""
    final = backend / path
    if digest == ABSENT:
        disk.remove(final)
        return
    with staged(final) as part:
        copy_whole(kept(backend, digest, final.name), part)
        if final.exists():
            part.chmod(final.stat().st_mode & 0o7777)
        place(part, final)


def _needs_link(backend: Path, path: str, digest: str) -> bool:
    """Whether a path is a link, or a folder, which no system replaces in one step."""
    kept_one = kept_path(backend, digest, Path(path).name)
    return (backend / path).is_symlink() or (backend / path).is_dir() or kept_one.is_dir()


def said(
    backend: Path,
    target: str,
    before: dict[str, str],
    after: dict[str, str],
    run_id: str | None,
    *,
    linked: bool | None = None,
) -> Swapped:
    """Return what is told of a change; `linked` None: what lies there says it."""
    changed = before != after
    old = kept_path(backend, before[target], Path(target).name) if changed and before[target] != ABSENT else None
    linked = (backend / target).is_symlink() if linked is None else linked
    return Swapped(target=target, before=before, after=after, run_id=run_id, kept=old, changed=changed, linked=linked)

"""Serve the newest model that fits: a thread looks at the files, loads what changed, then swaps one reference."""

import gc
import logging
import threading
from collections.abc import Callable

from ....contract.errors import ModelportError
from .label_order import check_order
from .model_files import Identity
from .served_model import ServedModel

log = logging.getLogger("modelport.service")


class ModelHolder:
    """The model that requests are answered from.

    A request takes `current` once and is answered from it to its end, whatever is swapped meanwhile.

    Attributes:
        current: the model.
        reloads: how often another one took its place.
        failure: why the files that lie there now are not served, without a path; None: they are.
    """

    def __init__(self, model: ServedModel) -> None:
        self.current, self.reloads = model, 0
        self.failure: str | None = None

    def put(self, model: ServedModel) -> None:
        """Serve another model from now on: one reference changes, so there is never a moment without one."""
        self.current = model
        self.reloads += 1
        self.failure = None


class Watcher:
    """Looks at the files again and again, in a thread of its own. Use as a context manager.

    Args:
        holder: whose model is replaced.
        identity: returns another value once the files have changed.
        is_same: whether the files hold what a model was read from, though they changed.
        load: reads, opens and checks what lies there now.
        seconds: between two looks.
    """

    def __init__(
        self,
        holder: ModelHolder,
        *,
        identity: Callable[[], Identity],
        is_same: Callable[[ServedModel], bool],
        load: Callable[[], ServedModel],
        seconds: float,
    ) -> None:
        self._holder, self._identity, self._is_same, self._load = holder, identity, is_same, load
        self._seconds, self._seen = seconds, holder.current.identity
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reload", daemon=True)

    def __enter__(self) -> "Watcher":
        if self._seconds:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self.look()
            except Exception:  # whatever it is, the old model goes on, and the next look may do better
                log.exception("cannot look at the model's files")
                self._holder.failure = "the files cannot be looked at; see the service's log"

    def look(self) -> None:
        """Look once; load what changed. What cannot be served is told once, and tried again when it changes."""
        seen = self._identity()
        if seen == self._seen:
            return
        old = self._holder.current
        try:
            if self._is_same(old):
                self._holder.failure, self._seen = None, seen
                return
            new = self._load()
            _check_same_order(old, new)
        except ModelportError as error:
            self._seen = seen  # as it was before the try: a change during it is looked at again
            self._holder.failure = error.what
            log.error("kept model %s: %s", _short(old), error)
            return
        self._seen = new.identity
        self._holder.put(new)
        log.info("model %s took the place of %s", _short(new), _short(old))
        del old
        gc.collect()  # a TensorFlow graph holds itself in circles; requests in flight keep theirs


def _check_same_order(old: ServedModel, new: ServedModel) -> None:
    """Refuse the very model that is served with its labels in other lines: an output keeps its class."""
    if new.model_sha256 == old.model_sha256:
        check_order(
            new.labels,
            old.labels,
            what="labels are in another order than those served, and the model is the same",
            owner="the service",
            fix="put the labels back; where those served are the wrong ones, start the service again",
        )


def _short(model: ServedModel) -> str:
    return (model.model_sha256 or "mock")[:12]

"""A service with its model, its watcher and its server, put together and taken apart."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..assembly.text_assembler import AssemblyOptions
from .http.app import make_app
from .http.server import address_of, make_server
from .http.sessions import Sessions
from .model.mock_model import mock_model
from .model.model_files import ModelFiles, read_snapshot
from .model.reload import ModelHolder, Watcher
from .model.runner import import_runtime
from .model.served_model import ServedModel, load_model, same_files
from .model.settings import Settings, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that listens.

    Attributes:
        holder: its model.
        sessions: its texts.
        server: waitress'.
        address: such as http://127.0.0.1:5000.
    """

    holder: ModelHolder
    sessions: Sessions
    server: Any
    address: str

    def run(self) -> None:
        """Answer until the process is told to end, or the server is closed."""
        self.server.run()


@contextmanager
def running(settings: Settings) -> Iterator[Service]:
    """Load the model and listen, for the length of the block; the model is reloaded when its files change.

    Raises:
        InputError: the model does not fit, or the address is taken.
        MissingExtraError: the model's runtime is not installed.
    """
    files, allowed = ModelFiles.of(settings), listed(settings.model_sha256)
    holder = ModelHolder(mock_model(files) if settings.mock else _first_model(files, allowed))
    sessions = Sessions(_options(settings), most=settings.max_sessions, seconds=settings.session_seconds)
    server = make_server(make_app(settings, holder, sessions), settings)
    watcher = Watcher(
        holder,
        identity=lambda: files.located().identity(),
        is_same=lambda model: same_files(files, model),
        load=lambda: load_model(files, allowed),
        seconds=0 if settings.mock else settings.reload_seconds,
    )
    try:
        with watcher:
            yield Service(holder=holder, sessions=sessions, server=server, address=address_of(server))
    finally:
        server.close()


def _first_model(files: ModelFiles, allowed: tuple[str, ...]) -> ServedModel:
    """Load the model. What the import of its runtime made, which stays, is no more looked at by Python's collector.

    TensorFlow's modules are some million objects: to look at them all, as after each reload, takes 0.3 s or more, and
    no thread answers meanwhile.
    """
    import_runtime(read_snapshot(files).format)
    gc.collect()
    gc.freeze()
    return load_model(files, allowed)


def _options(settings: Settings) -> AssemblyOptions:
    return AssemblyOptions(
        threshold=settings.threshold,
        window=settings.window,
        hold_ms=settings.hold_ms,
        allowed_sequences=listed(settings.allowed_sequences),
    )

"""waitress around the application: bodies stay in memory, and what it refuses by itself is JSON, too."""

import json
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask
from waitress.utilities import RequestEntityTooLarge

from ....contract.errors import InputError
from ..model.settings import Settings

#: Bytes of all header lines of a request.
MAX_HEADER_BYTES = 32 << 10
#: Largest body that is read to its end though it is too large.
MAX_DISCARDED_BYTES = 64 << 20
#: Seconds after which a connection on which nothing comes is closed.
IDLE_SECONDS = 30

_SENTENCES = {413: "the body is too large", 431: "the header is too large", 501: "no such transfer encoding"}


class JsonErrorTask(ErrorTask):  # type: ignore[misc]
    """The answer to a request that never reached the application, which waitress would give as text."""

    def execute(self) -> None:
        """Write the status, and a body with `error`."""
        error = self.request.error
        body = json.dumps({"error": _SENTENCES.get(error.code, "the request cannot be read")}).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class PatientParser(HTTPRequestParser):  # type: ignore[misc]
    """A parser that lets a client send a body to its end, though it is too large and thrown away as it comes.

    A connection that is closed while the other side sends is reset, and the client never reads why.
    """

    to_discard = 0
    expect_continue: bool

    def received(self, data: bytes) -> int:
        """Take what came, and return how many bytes of it belong to this request."""
        if self.to_discard:
            taken = min(len(data), self.to_discard)
            self.to_discard -= taken
            self.completed = not self.to_discard
            return taken
        taken = int(super().received(data))
        is_too_large = isinstance(self.error, RequestEntityTooLarge) and self.content_length <= MAX_DISCARDED_BYTES
        if is_too_large and self.expect_continue:
            self.expect_continue = False  # nothing was sent yet, and need not be: waitress would say 100 first
        elif is_too_large and not self.chunked:
            self.to_discard, self.completed = self.content_length, False
        return taken


class JsonChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose errors are JSON, and can be read."""

    error_task_class = JsonErrorTask
    parser_class = PatientParser


def make_server(app: Any, settings: Settings) -> Any:
    """Return a server that listens, with `run` and `close`; nothing is answered before `run`.

    Raises:
        InputError: the address cannot be listened on.
    """
    connections: dict[Any, Any] = {}
    try:
        server = create_server(app, map=connections, **_adjustments(settings))
    except (OSError, ValueError) as error:  # ValueError: waitress' word for a host that does not exist
        raise InputError(
            "cannot listen",
            where=f"{settings.host}:{settings.port}",
            received=error,
            fix="set HOST and PORT to an address of this machine and a port that is free",
        ) from error
    for listener in connections.values():
        if isinstance(listener, BaseWSGIServer):
            listener.channel_class = JsonChannel
    return server


def address_of(server: Any) -> str:
    """Return where a server listens, such as http://127.0.0.1:5000."""
    host, port = next(iter(getattr(server, "effective_listen", [])), None) or (
        server.effective_host,
        server.effective_port,
    )
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _adjustments(settings: Settings) -> dict[str, Any]:
    proxy = {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": "x-forwarded-for"}
    limit = settings.max_body_bytes + 1  # waitress refuses what has as many bytes as its limit
    return {
        "listen": f"{settings.host}:{settings.port}",
        "threads": settings.workers,
        "connection_limit": settings.connections,
        "max_request_body_size": limit,
        "inbuf_overflow": limit + Adjustments.recv_bytes,  # beyond it, waitress writes a body to a temporary file
        "max_request_header_size": MAX_HEADER_BYTES,
        "channel_timeout": IDLE_SECONDS,
        "ident": "modelport",
        **(proxy if settings.trusted_proxy else {}),
    }

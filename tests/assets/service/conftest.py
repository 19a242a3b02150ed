"""A real server in a thread, and a client of Python's standard library."""

import http.client
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pytest
from modelport.assets.service.model.settings import Settings
from modelport.assets.service.running import Service, running
from PIL import Image
from waitress import wasyncore


class Answer(NamedTuple):
    """What came back: the status, the headers in lower case, and the JSON."""

    status: int
    headers: dict[str, str]
    json: Any


class Client(NamedTuple):
    """A service that runs, and how to ask it."""

    service: Service

    @property
    def address(self) -> str:
        return self.service.address

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            text = response.read()
            return Answer(response.status, found, json.loads(text) if text else None)
        finally:
            connection.close()

    def raw(self, image: bytes, session: str | None = None) -> Answer:
        return self.ask("POST", f"/predict-image{'' if session is None else f'?session_id={session}'}", image)

    def json(self, value: Any) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.ask("POST", "/predict-image", body, {"Content-Type": "application/json"})

    def multipart(self, image: bytes, name: str = "a.jpg", **fields: str) -> Answer:
        parts = [f'--B\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{v}\r\n' for key, v in fields.items()]
        head = f'--B\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'
        body = "".join([*parts, head]).encode() + image + b"\r\n--B--\r\n"
        return self.ask("POST", "/predict-image", body, {"Content-Type": "multipart/form-data; boundary=B"})


Serve = Callable[..., Client]


@contextmanager
def answering(settings: Settings) -> Iterator[Service]:
    """A service that answers in a thread, for the length of the block."""
    with running(settings) as service:
        thread = threading.Thread(target=service.run)
        thread.start()
        try:
            yield service
        finally:
            connections = service.server._map
            with suppress(OSError):  # a connection woke the loop, which has closed all before this wakes it
                service.server.trigger.pull_trigger(lambda: wasyncore.close_all(connections))
            thread.join(10)
            service.server.task_dispatcher.shutdown()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that lets a service answer until the test ends; without a limit of requests."""
    with ExitStack() as stack:

        def start(**given: Any) -> Client:
            settings = Settings(**{"port": 0, "rate_per_second": 0.0, "model": Path("nothing"), **given})
            return Client(stack.enter_context(answering(settings)))

        yield start


@pytest.fixture
def mock(serve: Serve) -> Client:
    """A mock."""
    return serve(mock=True)


def encoded(kind: str = "JPEG", size: tuple[int, int] = (40, 30), seed: int = 0, **options: Any) -> bytes:
    """Return the bytes of a noisy image file of (width, height)."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture(name="encoded")
def encoded_fixture() -> Callable[..., bytes]:
    return encoded


@pytest.fixture
def jpeg() -> bytes:
    return encoded()

"""The service's settings: one frozen dataclass, from which the table of --help and README.md is made."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from ....contract.errors import UsageError
from ....contract.options.option import Option, options_of
from ....runtimes.process.threads import VARIABLE as THREADS_VARIABLE

#: What MODELPORT_FORMAT may say.
FORMATS = ("auto", "frozen_graph", "saved_model", "tflite", "onnx")

#: Names that existing deployments of such services set already.
_OWN_VARIABLES = {"host": "HOST", "port": "PORT", "mock": "USE_MOCK_MODEL", "threads": THREADS_VARIABLE}
_ORIGIN = re.compile(r"\*|https?://[^/\s,]+")
_WORD = re.compile(r"\S+")
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the service was told; each field is an environment variable and a key of the TOML file.

    Raises:
        UsageError: a value that is out of its range, or means nothing.
    """

    host: Annotated[str, Option("address to listen on; 0.0.0.0 for all")] = "127.0.0.1"
    port: Annotated[int, Option("port to listen on; 0: any free one", low=0, high=65535)] = 5000
    mock: Annotated[bool, Option("answer made-up scores, without a model and without TensorFlow")] = False
    model: Annotated[Path, Option("the model; or a folder that holds trained_model_graph.pb")] = Path(
        "trained_model_graph.pb"
    )
    labels: Annotated[
        Path | None, Option("labels file; default: training_set_labels.txt beside the model, if it exists")
    ] = None
    contract: Annotated[Path | None, Option("contract.json; default: the one beside the model, if it exists")] = None
    format: Annotated[str, Option(f"{', '.join(FORMATS)}; auto: by content")] = "auto"
    model_sha256: Annotated[
        str, Option("serve only models with one of these sha256, separated by commas; empty: any")
    ] = ""
    reload_seconds: Annotated[
        float, Option("seconds between two looks at the files; 0: load once", low=0, high=86400)
    ] = 1.0
    threads: Annotated[int, Option("threads that the runtime computes with; 0: it decides", low=0, high=1024)] = 0
    workers: Annotated[int, Option("requests that are worked on at the same time", low=1, high=256)] = 4
    connections: Annotated[int, Option("open connections; more wait", low=1, high=10000)] = 100
    max_body_bytes: Annotated[int, Option("largest body of a request", low=1 << 10, high=1 << 30)] = 8 << 20
    max_pixels: Annotated[int, Option("largest image, in pixels, before it is decoded", low=1, high=1 << 27)] = (
        25_000_000
    )
    rate_per_second: Annotated[float, Option("requests a second and client address; 0: no limit", low=0, high=1e6)] = (
        30.0
    )
    rate_burst: Annotated[int, Option("requests that may come at once after a pause", low=1, high=1_000_000)] = 60
    trusted_proxy: Annotated[
        str, Option("address of the reverse proxy whose X-Forwarded-For is believed; empty: none")
    ] = ""
    cors_origins: Annotated[
        str, Option("origins of web pages that may ask, separated by commas, or *; empty: none")
    ] = ""
    max_sessions: Annotated[
        int, Option("sessions kept; the one that was silent longest goes first", low=1, high=1 << 20)
    ] = 1000
    session_seconds: Annotated[
        float, Option("seconds of silence after which a session is forgotten", low=1, high=86400)
    ] = 600.0
    threshold: Annotated[float, Option("least score with which an image votes in assembled_text", low=0, high=1)] = 0.7
    window: Annotated[int, Option("images that vote; 1 where each image is meant as a letter", low=1, high=9)] = 5
    hold_ms: Annotated[
        int, Option("milliseconds after which a sign that is held counts again", low=0, high=3_600_000)
    ] = 1500
    allowed_sequences: Annotated[str, Option("words that assembled_text may hold, separated by commas; empty: any")] = (
        ""
    )

    def __post_init__(self) -> None:
        for name, told in settings().items():
            value = getattr(self, name)
            if told.low is not None and not told.fits(value):
                raise _unfit(name, told.expected, value)
        if not self.host:
            raise _unfit("host", "an address or a host name", repr(self.host))
        if self.format not in FORMATS:
            raise _unfit("format", ", ".join(FORMATS), self.format)
        for name, pattern, expected in (
            ("cors_origins", _ORIGIN, "* or origins such as https://app.example.org, without a path"),
            ("allowed_sequences", _WORD, "words without white space, separated by commas"),
            ("model_sha256", _SHA256, "64 hexadecimal digits, in lower case, for each"),
        ):
            unfit = [text for text in listed(getattr(self, name)) if not pattern.fullmatch(text)]
            if unfit:
                raise _unfit(name, expected, unfit[0])
        if self.trusted_proxy and not _is_address(self.trusted_proxy):
            raise _unfit("trusted_proxy", "an address such as 10.0.0.1", self.trusted_proxy)


def settings() -> Mapping[str, Option]:
    """Return name to what the setting is, in the order of the fields."""
    return options_of(Settings)


def variable_of(name: str) -> str:
    """Return the environment variable of a field."""
    return _OWN_VARIABLES.get(name, f"MODELPORT_{name.upper()}")


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a text between commas, without blanks."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def table() -> Iterator[tuple[str, str, str, str]]:
    """Yield (variable, key in the TOML file, default, what it is) for each setting."""
    for name, told in settings().items():
        yield variable_of(name), name, shown(told.default), told.says


def shown(value: Any) -> str:
    """Return a setting's value as people write it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _unfit(name: str, expected: str, received: object) -> UsageError:
    return UsageError("setting cannot be used", where=variable_of(name), expected=expected, received=received)

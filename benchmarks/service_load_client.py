"""One connection of service_load.py: it asks without a pause, and holds each answer to the model that it names."""

import base64
import hashlib
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

#: Largest difference of a score to the old client's: what the order of additions may make of float32.
TOLERANCE = 1e-5


@dataclass(kw_only=True)
class Seen:
    """What the connections saw; each has its own, and they are added up at the end.

    Attributes:
        answers: model's name to its answers.
        failures: what went wrong, with how often.
        strange: answers of neither model, or of one model under the other's hash.
        latency_ms: of each request.
        largest: largest difference of a score to the old client's.
    """

    answers: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    strange: list[Any] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    largest: float = 0.0


def ask(
    address: str,
    bodies: list[tuple[int, bytes, str]],
    expected: dict[str, tuple[str, Any]],
    labels: tuple[str, ...],
    stop: threading.Event,
    seen: Seen,
    offset: int,
) -> None:
    """Send images over one connection until told to stop; a failed request is counted, not sent again."""
    connection = http.client.HTTPConnection(address, timeout=30)
    for number in count(offset * 7):
        if stop.is_set():
            break
        image, body, kind = bodies[number % len(bodies)]
        start = time.perf_counter()
        try:
            connection.request("POST", "/predict-image", body, {"Content-Type": kind})
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            seen.failures[f"{type(error).__name__}: {error}"] += 1
            connection.close()
            continue
        seen.latency_ms.append((time.perf_counter() - start) * 1000)
        if response.status != 200:
            seen.failures[f"{response.status}: {answer}"] += 1
            continue
        hold_to_its_model(answer, image, expected, labels, seen)
    connection.close()


def hold_to_its_model(
    answer: dict[str, Any], image: int, expected: dict[str, tuple[str, Any]], labels: tuple[str, ...], seen: Seen
) -> None:
    """Count the answer for the model that it names, if all of its scores are that model's; else it is strange."""
    if answer["model_sha256"] not in expected:
        seen.strange.append(answer)
        return
    model, scores = expected[answer["model_sha256"]]
    gaps = [abs(row["score"] - scores[image][labels.index(row["label"])]) for row in answer["predictions"]]
    best = labels[int(scores[image].argmax())] == answer["predicted_label"]
    if max(gaps) > TOLERANCE or not best:
        seen.strange.append(answer)
        return
    seen.answers[model] += 1
    seen.largest = max(seen.largest, *gaps)


def ways(data: bytes) -> Iterator[tuple[int, bytes, str]]:
    """Yield the number of the image, and body and type for each way of sending it."""
    number = _numbers.setdefault(hashlib.sha256(data).hexdigest(), len(_numbers))
    form = b'--B\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + data + b"\r\n--B--\r\n"
    yield number, form, "multipart/form-data; boundary=B"
    yield number, json.dumps({"image_base64": base64.b64encode(data).decode()}).encode(), "application/json"
    yield number, data, "application/octet-stream"


_numbers: dict[str, int] = {}

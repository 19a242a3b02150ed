"""`python -m modelport.assets.service.smoke URL IMAGE`: does the service answer as its clients expect, with a model?"""

import base64
import json
import math
import re
import secrets
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ...contract.errors import InputError, JudgedAndFailed, ModelportError
from ...contract.image.image_formats import JPEG, image_format_of

#: Seconds that one answer may take.
TIMEOUT_S = 30.0
_SHA256 = re.compile("[0-9a-f]{64}")


@click.command()
@click.argument("url")
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--expect-label", help="The label that the best answer must have.")
@click.option("--model-sha256", help="The sha256 that the served model must have.")
def main(url: str, image: Path, expect_label: str | None, model_sha256: str | None) -> None:
    """Ask the service at URL for IMAGE in each of the ways that clients ask; exit 1 if one of the answers is not right.

    \b
    Example:
      python -m modelport.assets.service.smoke http://127.0.0.1:5000 photo.jpg --expect-label A
    """
    try:
        answer = smoke(url, image, expect_label=expect_label, model_sha256=model_sha256)
    except ModelportError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    best = answer["top_prediction"]
    click.echo(f"{url}: {best['label']} with {best['score']:.4f}, by model {answer['model_sha256'][:12]}")


def smoke(url: str, image: Path, *, expect_label: str | None = None, model_sha256: str | None = None) -> dict[str, Any]:
    """Return the service's answer to one image, which was the same in each way of asking.

    Args:
        url: of the service, such as http://127.0.0.1:5000.
        image: a JPEG or PNG file.
        expect_label: what the best answer must be; None: any.
        model_sha256: of the model that must be served; None: any.

    Raises:
        InputError: the image cannot be read.
        JudgedAndFailed: the service cannot be reached, is a mock, serves another model, or answers what clients cannot
            read.
    """
    try:
        data = image.read_bytes()
    except OSError as error:
        raise InputError("image cannot be read", where=image, received=error.strerror) from error
    health = _ask(f"{url.rstrip('/')}/health")
    _expect(health.get("status") == "ok", "service is not healthy", url, '"status": "ok"', health.get("status"))
    _check_model(health, url, model_sha256)
    answers = {way: _ask(f"{url.rstrip('/')}/predict-image", *body) for way, body in _ways(data, image.name).items()}
    for way, answer in answers.items():
        _check_shape(answer, f"{url}, {way}")
        _check_model(answer, f"{url}, {way}", model_sha256 or health["model_sha256"])
    first = next(iter(answers.values()))
    for way, answer in answers.items():
        same = answer["predictions"] == first["predictions"]
        _expect(same, "one image has two answers", f"{url}, {way}", first["predictions"], answer["predictions"])
    label = first["predicted_label"]
    _expect(expect_label in (None, label), "service answers another label", url, expect_label, label)
    return first


def _ways(data: bytes, name: str) -> dict[str, tuple[bytes, str]]:
    """Return the body and its type for each way in which clients send an image."""
    media_type = (image_format_of(data) or JPEG).media_type
    text, boundary = base64.b64encode(data).decode(), secrets.token_hex(16)
    file = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="{file}"\r\n'
    head += f"Content-Type: {media_type}\r\n\r\n"
    return {
        "multipart": (
            head.encode() + data + f"\r\n--{boundary}--\r\n".encode(),
            f"multipart/form-data; boundary={boundary}",
        ),
        "image_base64": (json.dumps({"image_base64": text}).encode(), "application/json"),
        "data URL": (json.dumps({"image": f"data:{media_type};base64,{text}"}).encode(), "application/json"),
        "raw bytes": (data, media_type),
    }


def _ask(url: str, body: bytes | None = None, kind: str = "") -> dict[str, Any]:
    try:
        request = urllib.request.Request(url, data=body, headers={"Content-Type": kind} if kind else {})
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            value = json.loads(response.read())
    except urllib.error.HTTPError as error:
        received = f"{error.code}: {error.read(300).decode(errors='replace')}"
        raise JudgedAndFailed("service refuses", where=url, expected="200", received=received) from error
    except OSError as error:  # urllib's own are OSErrors
        raise JudgedAndFailed("service cannot be reached", where=url, received=error) from error
    except (ValueError, RecursionError) as error:  # no URL, or no JSON
        raise JudgedAndFailed("service does not answer JSON", where=url, received=error) from error
    _expect(isinstance(value, dict), "service does not answer an object", url, "a JSON object", value)
    answer: dict[str, Any] = value
    return answer


def _check_model(answer: Mapping[str, Any], where: str, wanted: str | None) -> None:
    mock, sha256 = answer.get("mock"), answer.get("model_sha256")
    _expect(mock is False, "service has no model: its answers are made up", where, '"mock": false', mock)
    is_hash = isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None
    _expect(is_hash, "service does not name its model", where, "model_sha256, 64 hexadecimal digits", sha256)
    _expect(wanted in (None, sha256), "service serves another model", where, wanted, sha256)


def _check_shape(answer: Mapping[str, Any], where: str) -> None:
    """Make sure that clients can read an answer: 1 to 5 labels with scores in [0, 1], the best first."""
    found = answer.get("predictions")
    rows = found if isinstance(found, list) else []
    is_sound = 1 <= len(rows) <= 5 and all(map(_is_row, rows))
    _expect(is_sound, "predictions cannot be read", where, "1 to 5 of {label, score in 0..1}", found)
    scores = [row["score"] for row in rows]
    _expect(scores == sorted(scores, reverse=True), "predictions are not sorted", where, "the best first", scores)
    top, label = answer.get("top_prediction"), answer.get("predicted_label")
    _expect(top == rows[0], "top_prediction is not the first of predictions", where, rows[0], top)
    _expect(label == rows[0]["label"], "predicted_label is not the best", where, rows[0]["label"], label)
    text = answer.get("assembled_text")
    _expect(isinstance(text, str), "assembled_text is not a text", where, "a text", text)


def _is_row(row: object) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("label"), str):
        return False
    score = row.get("score")
    return isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1 and math.isfinite(score)


def _expect(is_right: bool, what: str, where: str, expected: object, received: object) -> None:
    if not is_right:
        raise JudgedAndFailed(what, where=where, expected=expected, received=str(received)[:300])


if __name__ == "__main__":
    main()

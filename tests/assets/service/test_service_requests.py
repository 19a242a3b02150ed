"""Each way of asking, each error, and what hostile clients send; against a real server, without TensorFlow."""

import base64
import json
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

CLIENT = Path(__file__).with_name("old_service_client.py")


def test_an_old_client_is_answered_the_same_in_each_of_its_ways(mock: Any, jpeg: bytes, tmp_path: Path) -> None:
    image = tmp_path / "frame.jpg"
    image.write_bytes(jpeg)
    done = subprocess.run([sys.executable, CLIENT, mock.address, image, "s1"], capture_output=True, text=True)
    assert "" == done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert 5 == len(rows)
    assert 1 == len({tuple(row[:3]) for row in rows}), "label, score and number of predictions"
    assert "5" == rows[0][2]


def test_an_answer_has_what_clients_read(mock: Any, jpeg: bytes) -> None:
    answer = mock.multipart(jpeg, session_id="a").json
    assert answer["predictions"][0] == answer["top_prediction"]
    assert answer["top_prediction"]["label"] == answer["predicted_label"]
    scores = [row["score"] for row in answer["predictions"]]
    assert sorted(scores, reverse=True) == scores
    assert (True, None, "a") == (answer["mock"], answer["model_sha256"], answer["session_id"])


def test_health_says_ok_and_that_it_is_a_mock(mock: Any) -> None:
    answer = mock.ask("GET", "/health")
    assert (200, "ok", True) == (answer.status, answer.json["status"], answer.json["mock"])


def test_curls_way_of_sending_bytes_is_an_image_too(mock: Any, jpeg: bytes) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert 200 == mock.ask("POST", "/predict-image", jpeg, form).status
    body = urlencode({"image_base64": base64.b64encode(jpeg).decode(), "session_id": "x"}).encode()
    assert "x" == mock.ask("POST", "/predict-image", body, form).json["session_id"]


def test_text_grows_in_a_session_and_nowhere_else(serve: Any, jpeg: bytes) -> None:
    """specification.md (8): of a window of one, one frame is the majority; (14): a held sign acts once."""
    client = serve(mock=True, window=1, hold_ms=0)
    label = client.raw(jpeg).json["predicted_label"]
    letter = {"del": "", "space": " ", "nothing": ""}.get(label, label)
    assert letter, "the image of this test stands for a letter"
    assert [letter, letter] == [client.raw(jpeg, "one").json["assembled_text"] for _ in range(2)]
    assert letter == client.raw(jpeg, "two").json["assembled_text"]
    assert letter == client.raw(jpeg).json["assembled_text"]


B64 = base64.b64encode(b"\xff\xd8\xff but no picture").decode()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param(b"{", "not JSON", id="cut"),
        pytest.param(b"[1]", "not an object", id="a-list"),
        pytest.param(b"null", "not an object", id="null"),
        pytest.param(b"[" * 100_000, "not JSON", id="deep"),
        pytest.param(b'{"image": 1' + b"0" * 5000 + b"}", "not JSON", id="a-number-of-5000-digits"),
        pytest.param(b'{"image": "\xff"}', "not JSON", id="no-utf8"),
        pytest.param({}, "no image", id="nothing"),
        pytest.param({"image": None}, "no image", id="null-image"),
        pytest.param({"image": 5}, "image is not a text", id="number"),
        pytest.param({"image_base64": ["a"]}, "image_base64 is not a text", id="list"),
        pytest.param({"image": {"data": ""}}, "image is not a text", id="object"),
        pytest.param({"image": "é"}, "not base64", id="beyond-ascii"),
        pytest.param({"image": "\ud800"}, "not base64", id="lone-surrogate"),
        pytest.param({"image": "@@@@"}, "not base64", id="no-base64"),
        pytest.param({"image": ""}, "is empty", id="empty"),
        pytest.param({"image": "aGVsbG8="}, "JPEG or PNG", id="a-text"),
        pytest.param({"image": B64}, "cannot be decoded", id="a-head-only"),
        pytest.param({"image": f"data:text/html;base64,{B64}"}, "another type", id="html"),
        pytest.param({"image": f"data:image/svg+xml;base64,{B64}"}, "another type", id="svg"),
        pytest.param({"image": "data:image/png,abc"}, "not base64", id="not-base64"),
        pytest.param({"image": "file:///etc/passwd"}, "not base64", id="a-file"),
        pytest.param({"image": "http://127.0.0.1:1/"}, "not base64", id="an-address"),
    ],
)
def test_json_that_holds_no_image_is_refused_with_a_sentence(mock: Any, value: Any, told: str) -> None:
    answer = mock.json(value)
    assert 400 == answer.status
    assert ["error"] == list(answer.json)
    assert told in answer.json["error"]


@pytest.mark.parametrize("session", [["a"], {"a": 1}, True, "x" * 129, 10**200])
def test_a_session_that_is_no_short_text_is_refused(mock: Any, jpeg: bytes, session: Any) -> None:
    answer = mock.json({"image": base64.b64encode(jpeg).decode(), "session_id": session})
    assert (400, True) == (answer.status, "session_id" in answer.json["error"])


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\boot.ini", "C:\\a.jpg", "a\x00b.jpg", "x" * 5000, "CON", "/etc/shadow"]
)
def test_a_files_name_leads_nowhere(mock: Any, jpeg: bytes, name: str) -> None:
    assert 200 == mock.multipart(jpeg, name=name).status
    assert 200 == mock.multipart(jpeg, name=quote(name)).status


OTHER_FILE = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--B--'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"no parts", "multipart/form-data; boundary=B"),
        (b"--B\r\n\r\n", "multipart/form-data; boundary=B"),
        (b"--B--\r\n", "multipart/form-data; boundary=" + "B" * 3000),
        (OTHER_FILE, "multipart/form-data; boundary=B"),
        (b"", "image/jpeg"),
        (b"a=" + b"b" * 100, "application/x-www-form-urlencoded"),
        (b"&".join(b"a=b" for _ in range(1000)), "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"GIF89a" + bytes(100), "image/jpeg"),
        (b"<svg/>", "image/svg+xml"),
        (b"{}", "application/json; charset=utf-16"),
    ],
)  # fmt: skip
def test_bodies_without_an_image_are_refused(mock: Any, body: bytes, kind: str) -> None:
    answer = mock.ask("POST", "/predict-image", body, {"Content-Type": kind})
    assert (400, ["error"]) == (answer.status, list(answer.json)), answer


def test_more_parts_than_a_client_sends_are_refused(mock: Any, jpeg: bytes) -> None:
    answer = mock.multipart(jpeg, **{f"f{number}": "x" for number in range(100)})
    assert (413, {"error": "the body has too many parts; expected at most 20"}) == (answer.status, answer.json)


@pytest.mark.parametrize("padded", [True, False])
def test_base64_for_addresses_is_base64_too(mock: Any, jpeg: bytes, padded: bool) -> None:
    text = base64.urlsafe_b64encode(jpeg).decode()
    assert {"-", "_"} < set(text), "what the test is about"
    answer = mock.json({"image": text if padded else text.rstrip("=")})
    assert (200, mock.raw(jpeg).json["predictions"]) == (answer.status, answer.json["predictions"])


def test_a_slash_at_the_end_of_an_address_changes_nothing(mock: Any, jpeg: bytes) -> None:
    assert 200 == mock.ask("POST", "/predict-image/", jpeg).status == mock.ask("GET", "/health/").status


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, by hand: IHDR, an IDAT of a few bytes, IEND (PNG specification, 11.2)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(5001, 5000), (60_000, 60_000), (1_000_000, 1_000_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_decoded(mock: Any, size: tuple[int, int]) -> None:
    answer = mock.raw(png_of(*size))
    assert 400 == answer.status
    assert "too many pixels" in answer.json["error"]


def test_a_whole_image_of_too_many_pixels_is_refused(serve: Any, encoded: Callable[..., bytes]) -> None:
    client = serve(mock=True, max_pixels=100)
    assert 200 == client.raw(encoded(size=(10, 10))).status
    assert "received 11 x 10" in client.raw(encoded(size=(11, 10))).json["error"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_cut_image_is_refused(mock: Any, encoded: Callable[..., bytes], kind: str) -> None:
    whole = encoded(kind)
    for length in range(12, len(whole) - 2, len(whole) // 9):
        answer = mock.raw(whole[:length])
        assert (400, ["error"]) == (answer.status, list(answer.json)), f"{length} of {len(whole)} bytes"


def test_cut_picture_data_with_an_end_marker_is_refused(mock: Any, encoded: Callable[..., bytes]) -> None:
    """What decoders fill with grey, without a word."""
    whole = encoded(size=(64, 64), quality=95)
    assert "not whole" in mock.raw(whole[: len(whole) // 2] + b"\xff\xd9").json["error"]


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_other_kinds_of_images_are_refused_whatever_they_are_called(
    mock: Any, encoded: Callable[..., bytes], kind: str
) -> None:
    answer = mock.ask("POST", "/predict-image", encoded(kind), {"Content-Type": "image/jpeg"})
    assert (400, True) == (answer.status, "JPEG or PNG" in answer.json["error"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/predict-image", 405), ("DELETE", "/health", 405), ("GET", "/", 404), ("POST", "/../../etc/passwd", 404)],
)
def test_other_addresses_and_methods_are_json_errors(mock: Any, method: str, path: str, status: int) -> None:
    answer = mock.ask(method, path)
    assert (status, ["error"]) == (answer.status, list(answer.json))


def exchange(address: str, *pieces: bytes) -> bytes:
    """Send bytes as they are, and return all that comes back until the server closes."""
    host, port = urlsplit(address).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            return b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionError:  # the server closed before all was sent
            return connection.recv(65536)


POST = b"POST /predict-image HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
HEADER = b"GET /health HTTP/1.1\r\nHost: a\r\nA: "
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def test_a_body_in_chunks_without_a_length_is_read(mock: Any, jpeg: bytes) -> None:
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(jpeg), jpeg)
    assert b"200 OK" == exchange(mock.address, CHUNKED, chunks)[9:15]


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        pytest.param([CHUNKED, b"zz\r\n"], 400, id="a-chunk-of-no-length"),
        pytest.param([CHUNKED, b"-1\r\n"], 400, id="a-negative-chunk"),
        pytest.param([HEADER.ljust(32 << 10, b"x")], 431, id="huge-header"),
        pytest.param([POST + b"Content-Length: -5\r\n\r\n"], 400, id="negative"),
        pytest.param([POST + b"Content-Length: 9999999999\r\n\r\n"], 413, id="length"),
        pytest.param([POST + b"Transfer-Encoding: gzip\r\n\r\n"], 501, id="encoding"),
        pytest.param([b"\x16\x03\x01\x02\x00\r\n\r\n"], 400, id="tls"),
    ],
)  # fmt: skip
def test_what_never_reaches_the_application_is_json_too(mock: Any, pieces: list[bytes], status: int) -> None:
    head, _, body = exchange(mock.address, *pieces).partition(b"\r\n\r\n")
    assert str(status).encode() == head.split()[1]
    assert ["error"] == list(json.loads(body))


def test_no_error_tells_a_path_a_traceback_or_an_address(serve: Any, jpeg: bytes) -> None:
    client = serve(mock=True)

    def fail(_: bytes) -> None:
        raise OSError(2, "No such file", "/srv/secret/model.pb")

    object.__setattr__(client.service.holder.current.runner, "scores", fail)
    answer = client.raw(jpeg)
    assert (500, ["error"]) == (answer.status, list(answer.json))
    assert not any(text in answer.json["error"] for text in ("/", "Traceback", "secret", "OSError"))

"""Limits of size, rate and sessions; pages of other origins; nothing is written to disk."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.assembly.text_assembler import AssemblyOptions, TextAssembler
from modelport.assets.service.http.rate_limit import MAX_CLIENTS, RateLimit
from modelport.assets.service.http.sessions import Sessions


class Clock:
    """Seconds that pass when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_lets_a_burst_through_and_then_so_many_a_second() -> None:
    limit = RateLimit(2.0, 3, clock := Clock())
    assert [0.0, 0.0, 0.0, 0.5] == [limit.seconds_to_wait("10.0.0.1") for _ in range(4)]
    clock.now += 0.5
    assert [0.0, 0.5] == [limit.seconds_to_wait("10.0.0.1") for _ in range(2)]
    clock.now += 3600
    assert 3 == sum(limit.seconds_to_wait("10.0.0.1") == 0 for _ in range(9)), "a bucket holds no more than it holds"


def test_each_address_has_a_bucket_and_an_ipv6_network_one() -> None:
    limit = RateLimit(1.0, 1, Clock())
    assert 0 == limit.seconds_to_wait("10.0.0.1") == limit.seconds_to_wait("10.0.0.2")
    assert 0 == limit.seconds_to_wait("2001:db8:0:1::1")
    assert 0 < limit.seconds_to_wait("2001:db8:0:1:ffff::2"), "whoever has a network has all of its addresses"
    assert 0 == limit.seconds_to_wait("2001:db8:0:2::1")
    assert 0 < limit.seconds_to_wait("::ffff:10.0.0.1"), "an IPv4 address that is written as IPv6"


def test_so_many_addresses_are_remembered_and_no_more() -> None:
    limit = RateLimit(1.0, 1, Clock())
    for number in range(MAX_CLIENTS + 500):
        limit.seconds_to_wait(f"client {number}")
    assert MAX_CLIENTS == len(limit._buckets)


def test_too_many_requests_are_told_when_to_come_again(serve: Any, jpeg: bytes) -> None:
    client = serve(mock=True, rate_per_second=0.1, rate_burst=2)
    assert [200, 200] == [client.raw(jpeg).status for _ in range(2)]
    answer = client.raw(jpeg)
    assert (429, ["error"]) == (answer.status, list(answer.json))
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert 200 == client.ask("GET", "/health").status, "who watches the service is not counted"


@pytest.mark.parametrize("proxy", ["", "127.0.0.1"])
def test_a_forwarded_address_is_believed_of_the_proxy_only(serve: Any, jpeg: bytes, proxy: str) -> None:
    client = serve(mock=True, rate_per_second=0.1, rate_burst=1, trusted_proxy=proxy)
    found = [client.ask("POST", "/predict-image", jpeg, {"X-Forwarded-For": f"203.0.113.{n}"}).status for n in range(3)]
    assert ([200, 200, 200] if proxy else [200, 429, 429]) == found


def test_sessions_are_bounded_in_number_the_longest_silent_goes_first() -> None:
    sessions = Sessions(AssemblyOptions(window=1), most=3, seconds=60, clock=Clock())
    for name in ("a", "b", "c"):
        sessions.push(name, "X", 0.9)
    assert "XY" == sessions.push("a", "Y", 0.9)
    sessions.push("d", "X", 0.9)
    assert 3 == len(sessions)
    assert "XYZ" == sessions.push("a", "Z", 0.9)
    assert "Z" == sessions.push("b", "Z", 0.9), "b was silent longest, and was forgotten"


def test_sessions_are_forgotten_after_a_silence() -> None:
    sessions = Sessions(AssemblyOptions(window=1), most=10, seconds=60, clock=(clock := Clock()))
    sessions.push("a", "X", 0.9)
    clock.now += 60
    assert "XY" == sessions.push("a", "Y", 0.9)
    clock.now += 60.5
    assert 0 == len(sessions)
    assert "Z" == sessions.push("a", "Z", 0.9)


def test_ten_thousand_sessions_do_not_grow_the_service() -> None:
    sessions = Sessions(AssemblyOptions(), most=1000, seconds=600)
    for number in range(10_000):
        sessions.push(f"{number}" * 20, "A", 0.9)
    assert 1000 == len(sessions)


def test_threads_that_begin_a_session_together_lose_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(TextAssembler):
        """Takes so long to make that another thread comes meanwhile."""

        def __init__(self, options: AssemblyOptions | None = None) -> None:
            time.sleep(0.05)
            super().__init__(options)

    monkeypatch.setattr("modelport.assets.service.http.sessions.TextAssembler", Slow)
    sessions = Sessions(AssemblyOptions(window=1), most=10, seconds=600)
    threads = [threading.Thread(target=sessions.push, args=("one", label, 0.9)) for label in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set("ABCD") == set(sessions.push("one", "D", 0.9))


def test_the_largest_body_is_taken_and_one_byte_more_is_not(serve: Any) -> None:
    client = serve(mock=True, max_body_bytes=5000)
    assert (400, 413) == (client.raw(bytes(5000)).status, client.raw(bytes(5001)).status)


def test_a_client_that_sends_far_too_much_can_read_why(serve: Any) -> None:
    """A server that closes at once resets the connection, and the client sees no answer at all."""
    client = serve(mock=True, max_body_bytes=5000)
    answer = client.raw(bytes(30_000_000))
    assert (413, {"error": "the body is too large"}) == (answer.status, answer.json)
    expecting = client.ask("POST", "/predict-image", b"", {"Content-Length": "30000000", "Expect": "100-continue"})
    assert 413 == expecting.status


ORIGIN = "https://app.example.org"


def test_other_origins_are_shut_out_by_default(mock: Any, jpeg: bytes) -> None:
    answer = mock.ask("POST", "/predict-image", jpeg, {"Origin": ORIGIN})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(("allowed", "told"), [(ORIGIN, ORIGIN), ("*", "*"), (f"http://a.example, {ORIGIN}", ORIGIN)])
def test_an_allowed_origin_may_ask_and_read(serve: Any, jpeg: bytes, allowed: str, told: str) -> None:
    client = serve(mock=True, cors_origins=allowed)
    first = client.ask("OPTIONS", "/predict-image", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
    assert (200, told) == (first.status, first.headers["access-control-allow-origin"])
    assert "POST" in first.headers["access-control-allow-methods"]
    assert "Content-Type" == first.headers["access-control-allow-headers"]
    for body in (jpeg, b"no image"):
        answer = client.ask("POST", "/predict-image", body, {"Origin": ORIGIN})
        assert told == answer.headers["access-control-allow-origin"], "an error can be read, too"


def test_an_origin_that_is_not_listed_may_not(serve: Any, jpeg: bytes) -> None:
    client = serve(mock=True, cors_origins=ORIGIN)
    answer = client.ask("POST", "/predict-image", jpeg, {"Origin": f"{ORIGIN}.evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" == answer.headers["vary"]


#: Starts the service in a process that may not write one byte to any file; pipes are no files.
UNABLE_TO_WRITE = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.argv = ["service"]
runpy.run_module("modelport.assets.service", run_name="__main__")
"""


def test_nothing_is_written_to_disk_however_large_an_upload_is(
    tmp_path: Path, encoded: Callable[..., bytes], serve: Any
) -> None:
    """Werkzeug and waitress write bodies beyond 500 kB to temporary files, unless they are kept from it."""
    if sys.platform == "win32":
        pytest.skip("Windows has no RLIMIT_FSIZE")
    environment = os.environ | {"USE_MOCK_MODEL": "1", "PORT": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-P", "-c", UNABLE_TO_WRITE]
    image = encoded("PNG", (1500, 1500))
    assert 6_000_000 < len(image) < 8 << 20
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = next(line.split()[-1] for line in process.stdout if line.startswith("listening"))
            client = type(serve(mock=True))(type("Started", (), {"address": address}))
            assert 200 == client.multipart(image, session_id="a").status
            assert 200 == client.raw(image).status
            assert 200 == client.ask("POST", "/predict-image", iter([image])).status
        finally:
            process.terminate()
    assert [] == list(tmp_path.iterdir())

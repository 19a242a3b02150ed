"""A token bucket for each client address."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

#: Addresses that are remembered. One that was forgotten starts with a full bucket again.
MAX_CLIENTS = 10_000


class RateLimit:
    """Lets `burst` requests through at once, then `per_second` in the long run; for each address by itself.

    Args:
        per_second: tokens that a bucket gains each second; 0: everything passes.
        burst: tokens that a bucket holds.
        clock: seconds, monotonic.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address to (tokens, when)
        self._lock = threading.Lock()

    def seconds_to_wait(self, address: str) -> float:
        """Take a token and return 0, or take none and return the seconds until there is one."""
        if not self._per_second:
            return 0.0
        key = _client_of(address)
        with self._lock:
            now = self._clock()
            tokens, when = self._buckets.pop(key, (float(self._burst), now))
            tokens = min(float(self._burst), tokens + (now - when) * self._per_second)
            is_passed = tokens >= 1
            self._buckets[key] = (tokens - 1 if is_passed else tokens, now)
            if len(self._buckets) > MAX_CLIENTS:
                self._buckets.popitem(last=False)
        return 0.0 if is_passed else (1 - tokens) / self._per_second


def _client_of(address: str) -> str:
    """Return the address, of IPv6 the network of 64 bits: whoever has one has all of its addresses."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))

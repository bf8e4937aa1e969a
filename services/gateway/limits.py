"""The pace a client may keep: a token bucket in the broker's Redis, shared by all gateways.

It is the generic cell rate algorithm: one number a client, the moment at which its bucket
would be full again. (The library `limits` wants an older redis client than Celery's.)
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from shared.logging import logger
from shared.settings import Settings

log = logger(__name__)

_TAKE: Final = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local every, burst, some = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local room = now + every * burst
if full + every * some > room then some = 1 end
local wait = full + every * some - room
if wait > 0 then return {wait, 0} end
local after = string.format('%.0f', full + every * some)
redis.call('SET', KEYS[1], after, 'PX', math.ceil(every * burst / 1000) + 1)
return {0, some}
"""
_BLIND_SECONDS: Final = 5.0
_PART: Final = 12
"""A gateway fetches this part of a client's burst at once, to ask the broker less often."""
_CLIENTS: Final = 10_000


class RateLimiter:
    """Counts requests by client. Without the broker nobody is held up, and the log says so."""

    def __init__(self, settings: Settings, *, per_minute: int, burst: int) -> None:
        address = settings.broker.replace("redis+socket://", "unix://")
        self._redis = Redis.from_url(address, socket_timeout=1, socket_connect_timeout=1)
        self._take = self._redis.register_script(_TAKE)
        self._every = 60_000_000 / per_minute
        self._burst = burst
        self._some = max(1, burst // _PART)
        self._fetched: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        self._blind_until = 0.0

    def take_fetched(self, client: str) -> bool:
        """Take one of the requests that were fetched before; False: there is none."""
        with self._lock:
            left = self._fetched.pop(client, 0)
            if left > 1:
                self._fetched[client] = left - 1
            return left > 0

    def take(self, client: str) -> float:
        """Take one request from the client's bucket; return the seconds to wait, 0: go on."""
        if self.take_fetched(client) or time.monotonic() < self._blind_until:
            return 0.0
        arguments = [self._every, self._burst, self._some]
        try:
            wait, some = self._take(keys=[f"mapsi:pace:{client}"], args=arguments)
        except RedisError as error:
            log.warning("requests are not counted, the broker is away", error=str(error))
            self._blind_until = time.monotonic() + _BLIND_SECONDS
            return 0.0
        if some > 1:
            self._keep(client, int(some) - 1)
        return float(wait) / 1e6

    def _keep(self, client: str, some: int) -> None:
        with self._lock:
            self._fetched[client] = self._fetched.get(client, 0) + some
            while len(self._fetched) > _CLIENTS:
                self._fetched.popitem(last=False)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

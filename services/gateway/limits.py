"""The pace a client may keep: a token bucket in the broker's Redis, shared by all gateways.

It is the generic cell rate algorithm: one number a client, the moment at which its bucket
would be full again. (The library `limits` wants an older redis client than Celery's.)
"""

from __future__ import annotations

import time
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from services.gateway.settings import GatewaySettings
from shared.logging import logger
from shared.settings import Settings

log = logger(__name__)

_TAKE: Final = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local every, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local wait = full + every - (now + every * burst)
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', full + every), 'PX', math.ceil(every * burst / 1000) + 1)
return 0
"""  # noqa: E501
_BLIND_SECONDS: Final = 5.0


class RateLimiter:
    """Counts requests by client. Without the broker nobody is held up, and the log says so."""

    def __init__(self, settings: Settings, limits: GatewaySettings) -> None:
        address = settings.broker.replace("redis+socket://", "unix://")
        self._redis = Redis.from_url(address, socket_timeout=1, socket_connect_timeout=1)
        self._take = self._redis.register_script(_TAKE)
        self._every = 60_000_000 / limits.requests_per_minute
        self._burst = limits.burst
        self._blind_until = 0.0

    def take(self, client: str) -> float:
        """Take one request from the client's bucket; return the seconds to wait, 0: go on."""
        if time.monotonic() < self._blind_until:
            return 0.0
        try:
            wait = self._take(keys=[f"mapsi:pace:{client}"], args=[self._every, self._burst])
        except RedisError as error:
            log.warning("requests are not counted, the broker is away", error=str(error))
            self._blind_until = time.monotonic() + _BLIND_SECONDS
            return 0.0
        return float(wait) / 1e6

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

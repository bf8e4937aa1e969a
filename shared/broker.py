"""The Celery app and the broker's own figures."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from celery import Celery
from celery.signals import before_task_publish
from kombu.utils.url import maybe_sanitize_url
from redis import Redis
from redis.exceptions import RedisError

from shared import flow
from shared.contracts.clock import Tick
from shared.errors import RetryableError
from shared.settings import Settings

SENT_AT: Final = "sent_at"
"""Header of every message: seconds since 1970 when it was put into its queue."""
_SIGNS: Final = "mapsi:alive:"


def _stamp(headers: dict[str, Any], **_: Any) -> None:
    headers[SENT_AT] = round(time.time(), 3)


before_task_publish.connect(_stamp)


def create_app(settings: Settings) -> Celery:
    """Return the Celery app that every process of one installation builds alike."""
    app = Celery("mapsi", broker=settings.broker, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # At least once: a message is acknowledged after its results are saved.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        broker_transport_options={
            "visibility_timeout": settings.visibility_timeout,
            # Without it a dead worker's message waits for a sweep of about 95 s.
            "unacked_restore_interval": max(1, settings.visibility_timeout // 10),
            "unacked_restore_throttle": 1,
            # The lock of that sweep: one whose holder was killed must not stop the next sweeps.
            "unacked_mutex_expire": 10,
            "socket_connect_timeout": 5,
            "socket_timeout": 30,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
        # About 2 s: as long as a killed broker needs to come back under `mapsi up`.
        task_publish_retry_policy={
            "max_retries": 5,
            "interval_start": 0,
            "interval_step": 0.2,
            "interval_max": 1,
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        beat_schedule={
            task: {
                "task": task,
                "schedule": every,
                "kwargs": {"schema": Tick.schema_id, "body": {}},
                # A tick that waited longer than its period is stale: the next one serves.
                "options": {"queue": flow.queue_of(task), "expires": every},
            }
            for task, every in flow.SCHEDULE.items()
        },
    )
    return app


class Broker:
    """The broker seen from aside: queue lengths, deliveries, reachability."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.broker
        address = self._url.replace("redis+socket://", "unix://")
        self._redis = Redis.from_url(address, socket_timeout=5, socket_connect_timeout=5)

    def ping(self) -> None:
        """Raise RetryableError where the broker does not answer."""
        try:
            self._redis.ping()
        except RedisError as error:
            raise broker_away(self._url, error) from error

    def queue_lengths(self) -> dict[str, int]:
        """Return messages waiting by queue, and ``unacked``: those in workers' hands.

        Raises RetryableError where the broker does not answer.
        """
        tasks = [task for tasks in flow.ROUTE.values() for task in tasks]
        queues = sorted({flow.queue_of(task) for task in tasks})
        pipe = self._redis.pipeline(transaction=False)
        for queue in queues:
            pipe.llen(queue)
        pipe.hlen("unacked")
        try:
            return dict(zip([*queues, "unacked"], pipe.execute(), strict=True))
        except RedisError as error:
            raise broker_away(self._url, error) from error

    def held_by_queue(self) -> dict[str, int]:
        """Return messages that workers hold, by queue; one that nothing is held of is left out.

        Raises RetryableError where the broker does not answer.
        """
        try:
            held = self._redis.hvals("unacked")
        except RedisError as error:
            raise broker_away(self._url, error) from error
        return dict(Counter(str(json.loads(raw)[2]) for raw in held))

    def next_messages(self, queues: Sequence[str]) -> dict[str, bytes | None]:
        """Return of each queue the message that is served next, as the broker keeps it.

        Raises RetryableError where the broker does not answer.
        """
        pipe = self._redis.pipeline(transaction=False)
        for queue in queues:
            pipe.lindex(queue, -1)
        try:
            return dict(zip(queues, pipe.execute(), strict=True))
        except RedisError as error:
            raise broker_away(self._url, error) from error

    def give_sign(self, name: str, sign: str, *, seconds: int) -> None:
        """Keep a sign of life for some time; while the broker is away nobody can read one."""
        with contextlib.suppress(RedisError):
            self._redis.set(f"{_SIGNS}{name}", sign, ex=seconds)

    def take_sign_back(self, name: str) -> None:
        """Whose sign it is has gone; it would expire by itself, too."""
        with contextlib.suppress(RedisError):
            self._redis.delete(f"{_SIGNS}{name}")

    def signs(self) -> dict[str, str]:
        """Return all signs of life by name; RetryableError where the broker does not answer."""
        try:
            keys = list(self._redis.scan_iter(match=f"{_SIGNS}*", count=1000))
            signs = self._redis.mget(keys) if keys else []
        except RedisError as error:
            raise broker_away(self._url, error) from error
        return {
            _text(key).removeprefix(_SIGNS): _text(sign)
            for key, sign in zip(keys, signs, strict=True)
            if sign is not None  # it expired between the two questions
        }

    def clock(self) -> float:
        """Return the broker's time, seconds since 1970; RetryableError where it is away."""
        try:
            seconds, microseconds = self._redis.time()
        except RedisError as error:
            raise broker_away(self._url, error) from error
        return float(seconds) + float(microseconds) / 1e6

    def facts(self) -> dict[str, str]:
        """Return what the server tells of itself (``INFO``); RetryableError where it is away."""
        try:
            return {name: str(found) for name, found in self._redis.info().items()}
        except RedisError as error:
            raise broker_away(self._url, error) from error

    def seconds_left_of_signs(self) -> dict[str, float]:
        """Return in how many seconds each sign of life expires, by name.

        Raises RetryableError where the broker does not answer.
        """
        try:
            keys = list(self._redis.scan_iter(match=f"{_SIGNS}*", count=1000))
            pipe = self._redis.pipeline(transaction=False)
            for key in keys:
                pipe.pttl(key)
            left = pipe.execute()
        except RedisError as error:
            raise broker_away(self._url, error) from error
        return {
            _text(key).removeprefix(_SIGNS): milliseconds / 1000
            for key, milliseconds in zip(keys, left, strict=True)
            if milliseconds > 0
        }

    def count_delivery(self, delivery_id: str) -> int:
        """Return how often the message was started without an end, this start included.

        Raises RetryableError where the broker does not answer.
        """
        key = f"mapsi:deliveries:{delivery_id}"
        pipe = self._redis.pipeline(transaction=True)
        pipe.incr(key)
        pipe.expire(key, 86_400)
        try:
            return int(pipe.execute()[0])
        except RedisError as error:
            raise broker_away(self._url, error) from error

    def forget_delivery(self, delivery_id: str) -> None:
        """The message ended: its count is not needed any more, and expires by itself too."""
        with contextlib.suppress(RedisError):
            self._redis.delete(f"mapsi:deliveries:{delivery_id}")

    def hand_back(self, queue: str | None = None) -> int:
        """Put the messages that dead workers held back into their queues; return how many.

        Only for who knows that no living worker holds one of them (of ``queue``, or at all):
        the supervisor does, and so need not wait for the visibility timeout.
        Raises RetryableError where the broker does not answer.
        """
        try:
            held = [(tag, *json.loads(raw)) for tag, raw in self._redis.hgetall("unacked").items()]
            ours = [(tag, message, to) for tag, message, _, to in held if queue in (None, to)]
            for tag, message, to in ours:
                pipe = self._redis.pipeline(transaction=True)
                pipe.hdel("unacked", tag)
                pipe.zrem("unacked_index", tag)
                # The right end is served first: these have waited the longest.
                pipe.rpush(to, json.dumps(message))
                pipe.execute()
        except RedisError as error:
            raise broker_away(self._url, error) from error
        return len(ours)


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()


def broker_away(url: str, cause: Exception) -> RetryableError:
    """Return the error of a broker that does not answer or takes no message."""
    shown = maybe_sanitize_url(url)  # without the password
    why = str(cause).rstrip(".")
    return RetryableError(
        f"the broker at {shown} is away: {why}; start it and try again",
        text_ko=f"메시지 브로커({shown})에 연결할 수 없습니다: {why}. 켜고 다시 해 보세요",
        reason="broker_away",
    )

"""The Celery app and the broker's own figures."""

from __future__ import annotations

from celery import Celery
from redis import Redis

from shared import flow
from shared.contracts.clock import Tick
from shared.settings import Settings


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
            "socket_keepalive": True,
            "health_check_interval": 25,
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
                "kwargs": {"schema": Tick.schema_id, "body": {}, "correlation_id": "beat"},
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
        url = settings.broker.replace("redis+socket://", "unix://")
        self._redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)

    def ping(self) -> bool:
        """Answer whether the broker is there; raises redis errors when it is not."""
        return bool(self._redis.ping())

    def queue_lengths(self) -> dict[str, int]:
        """Return messages waiting by queue, and ``unacked``: those in workers' hands."""
        tasks = [task for tasks in flow.ROUTE.values() for task in tasks]
        queues = sorted({flow.queue_of(task) for task in tasks})
        pipe = self._redis.pipeline(transaction=False)
        for queue in queues:
            pipe.llen(queue)
        pipe.hlen("unacked")
        return dict(zip([*queues, "unacked"], pipe.execute(), strict=True))

    def count_delivery(self, delivery_id: str) -> int:
        """Return how often the message was started without an end, this start included."""
        key = f"mapsi:deliveries:{delivery_id}"
        pipe = self._redis.pipeline(transaction=True)
        pipe.incr(key)
        pipe.expire(key, 86_400)
        return int(pipe.execute()[0])

    def forget_delivery(self, delivery_id: str) -> None:
        """The message ended: its count is not needed any more."""
        self._redis.delete(f"mapsi:deliveries:{delivery_id}")

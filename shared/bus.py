"""The bus: the ``@task`` decorator, publish, and what happens around every task.

A task is a function ``(message, context) -> messages``. The bus decodes what came in, runs
the task, and publishes what it returns to whom ``flow.ROUTE`` names. A stage that this very
worker hosts is run at once, without a hop through the broker.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog
from celery import Celery, Task
from celery.exceptions import Reject
from kombu.exceptions import OperationalError
from pydantic import ValidationError
from redis.exceptions import RedisError

from shared import flow, journey, metrics, presence, tracing
from shared.broker import Broker, broker_away, create_app
from shared.contracts.clock import Tick
from shared.contracts.failures import PhotosFailed
from shared.contracts.message import Message
from shared.errors import PermanentError, RetryableError, family_of
from shared.logging import logger
from shared.settings import Settings
from shared.storage import ObjectStore, open_storage

log = logger(__name__)


@dataclass(frozen=True)
class Context:
    """What a task may use besides its message."""

    settings: Settings
    storage: ObjectStore
    broker: Broker
    app: Celery
    hosted: frozenset[str] = field(default=frozenset())
    """Services whose tasks run in this very process."""


M = TypeVar("M", bound=Message)
Handler = Callable[[Any, Context], Sequence[Message]]
HANDLERS: Final[dict[str, Handler]] = {}


def task(
    name: str,
) -> Callable[
    [Callable[[M, Context], Sequence[Message]]], Callable[[M, Context], Sequence[Message]]
]:
    """Register a task under its name in ``flow``; the function stays callable as it is."""

    def register(
        handler: Callable[[M, Context], Sequence[Message]],
    ) -> Callable[[M, Context], Sequence[Message]]:
        known = {task for tasks in flow.ROUTE.values() for task in tasks} | set(flow.SCHEDULE)
        if name not in known:
            raise ValueError(f"{name} is not in shared/flow.py")
        HANDLERS[name] = handler
        return handler

    return register


def connect(settings: Settings, *, hosted: frozenset[str] = frozenset()) -> Context:
    """Open the stores and the broker for one process."""
    return Context(
        settings=settings,
        storage=open_storage(settings),
        broker=Broker(settings),
        app=create_app(settings),
        hosted=hosted,
    )


def publish(message: Message, context: Context) -> None:
    """Send ``message`` to the queue of every task that handles it.

    Raises RetryableError while the broker is away.
    """
    for name in flow.ROUTE[type(message)]:
        _send(name, message, context)


def _send(name: str, message: Message, context: Context) -> None:
    correlation = structlog.contextvars.get_contextvars().get("correlation_id")
    envelope = {
        "schema": message.schema_id,
        "body": message.body(),
        "correlation_id": correlation or secrets.token_hex(8),
    }
    queue = flow.queue_of(name)
    with tracing.span(f"send {queue}", kind="producer", attributes=_told(name, message)):
        headers = {**journey.headers(), **tracing.carried()}
        try:
            context.app.send_task(name, kwargs=envelope, queue=queue, headers=headers)
        except (OperationalError, RedisError, OSError) as error:
            raise broker_away(context.settings.broker, error) from error
    metrics.MESSAGES.labels(message.schema_id).inc()


def _told(name: str, message: Message) -> dict[str, tracing.Attribute]:
    """Return what a span tells of a message, in OpenTelemetry's words for messaging."""
    return {
        "messaging.system": "redis",
        "messaging.destination.name": flow.queue_of(name),
        "messaging.operation.name": name,
        "mapsi.schema": message.schema_id,
        "mapsi.photos": len(message.affected_photos()),
    }


def run(name: str, message: Message, context: Context) -> None:
    """Run one task and what follows from it: hosted stages here, the others by the broker."""
    started = time.perf_counter()
    produced = HANDLERS[name](message, context)
    seconds = time.perf_counter() - started
    metrics.TASK_SECONDS.labels(name).observe(seconds)
    _note_stage(name, photos=len(message.affected_photos()))
    log.info("task done", seconds=round(seconds, 3))
    for following in produced:
        deliver(following, context)


def _note_stage(name: str, *, photos: int) -> None:
    """Note for each photo how long it was at this stage: from its message until now."""
    leg = journey.leg_at_hand()
    if leg is None:
        return
    clock = metrics.STAGE_SECONDS.labels(name.partition(".")[0])
    for _ in range(photos):
        clock.observe(leg.seconds_at_stage)


def deliver(message: Message, context: Context) -> None:
    """Bring ``message`` to its tasks now: hosted ones run here, the others get it by the broker.

    The bus does so with what a task returns; a task itself only with news of its own progress.
    """
    for name in flow.ROUTE[type(message)]:
        if flow.queue_of(name) in context.hosted:
            _run_hosted(name, message, context)
        else:
            _send(name, message, context)


def _run_hosted(name: str, message: Message, context: Context) -> None:
    """Run the next stage in this process; where it fails, its own queue takes it over."""
    with structlog.contextvars.bound_contextvars(task=name, hosted=True), journey.next_stage():
        try:
            with tracing.span(name, attributes=_told(name, message)):
                run(name, message, context)
        except Exception as error:
            # Whatever it is, the queue's own delivery handles and reports it: nothing is lost.
            log.warning("hosted stage failed, queued instead", error=str(error))
            metrics.ERRORS.labels(name, family_of(error)).inc()
            _send(name, message, context)
        else:
            metrics.TASKS.labels(name, "ok").inc()


def register_tasks(context: Context) -> None:
    """Make the hosted services' tasks known to this worker's Celery app."""
    for name in HANDLERS:
        if flow.queue_of(name) in context.hosted:
            _register(name, context)


def _register(name: str, context: Context) -> None:
    def receive(self: Task, **envelope: Any) -> None:
        _receive(self, name, envelope, context)

    context.app.task(receive, name=name, bind=True, max_retries=context.settings.max_retries)


def _receive(celery_task: Task, name: str, envelope: dict[str, Any], context: Context) -> None:
    structlog.contextvars.clear_contextvars()
    delivery = str(celery_task.request.id)
    structlog.contextvars.bind_contextvars(
        correlation_id=envelope.get("correlation_id") or secrets.token_hex(8),
        task=name,
        task_id=delivery,
    )
    outcome = "retry"  # unless the attempt ends: Retry and Reject pass through to Celery
    try:
        with (
            presence.at_work(name),
            journey.arrived(celery_task.request),
            _traced(name, celery_task.request, envelope) as span,
        ):
            structlog.contextvars.bind_contextvars(**tracing.for_logs())
            outcome = _attempt(celery_task, name, envelope, context)
            if outcome != "ok":
                span.fail(outcome)
    finally:
        metrics.TASKS.labels(name, outcome).inc()
        context.broker.forget_delivery(delivery)


def _traced(
    name: str, request: Any, envelope: dict[str, Any]
) -> AbstractContextManager[tracing.Span]:
    """Trace an attempt as a part of what its message came from; beat's ticks are not traced."""
    if envelope.get("schema") == Tick.schema_id:
        return nullcontext(tracing.NOT_TRACED)
    came = {header: str(getattr(request, header, None) or "") for header in tracing.CARRIED}
    attributes: dict[str, tracing.Attribute] = {
        "messaging.system": "redis",
        "messaging.destination.name": flow.queue_of(name),
        "messaging.operation.name": name,
        "mapsi.retries": int(request.retries or 0),
    }
    return tracing.span(
        f"process {flow.queue_of(name)}", kind="consumer", parent=came, attributes=attributes
    )


def _attempt(celery_task: Task, name: str, envelope: dict[str, Any], context: Context) -> str:
    """Run the task once; return how it ended, or raise what Celery must hear."""
    try:
        message = decode(envelope)
    except PermanentError as error:
        log.error("message refused", reason=str(error))
        metrics.ERRORS.labels(name, error.reason).inc()
        return "permanent"
    try:
        deliveries = context.broker.count_delivery(str(celery_task.request.id))
        if deliveries > context.settings.max_deliveries:
            reason = f"its worker died {deliveries - 1} times"
            metrics.ERRORS.labels(name, "worker_died").inc()
            return _give_up(name, message, context, reason, outcome="dropped")
        run(name, message, context)
    except Exception as error:
        metrics.ERRORS.labels(name, family_of(error)).inc()
        return _fail(celery_task, name, message, context, error)
    return "ok"


def _fail(
    celery_task: Task, name: str, message: Message, context: Context, error: Exception
) -> str:
    if isinstance(error, PermanentError):
        return _give_up(name, message, context, str(error), outcome="permanent")
    if isinstance(error, RetryableError):
        return _retry(celery_task, name, message, context, error)
    log.error("task failed by a bug", exc_info=error)
    reason = f"{type(error).__name__}: {error}"
    return _give_up(name, message, context, reason, outcome="error")


def _retry(
    celery_task: Task, name: str, message: Message, context: Context, error: RetryableError
) -> str:
    tries = celery_task.request.retries
    if tries >= context.settings.max_retries:
        return _give_up(name, message, context, f"{tries} retries: {error}", outcome="error")
    # Backoff with jitter, so that workers do not come back all at once; never longer than the
    # broker waits for an acknowledgement, or it would hand out the waiting message again.
    longest = min(60.0, context.settings.visibility_timeout / 2)
    countdown = min(longest, 2.0**tries) * random.uniform(0.5, 1.0)  # noqa: S311
    log.warning("task will be tried again", error=str(error), seconds=round(countdown, 1))
    try:
        raise celery_task.retry(exc=error, countdown=countdown)
    except Reject as refused:
        # The broker took no retry. Celery would drop the message here; it goes back instead,
        # after a moment: a broker that is full hands it out again at once.
        time.sleep(1.0)
        raise Reject(str(error), requeue=True) from refused


def _give_up(name: str, message: Message, context: Context, reason: str, *, outcome: str) -> str:
    """Tell ingestion why photos did not get on; its reconciler decides what comes next."""
    log.error("task failed", reason=reason, outcome=outcome)
    photo_ids = message.affected_photos()
    if photo_ids:
        failed = PhotosFailed(photo_ids=photo_ids, task=name, reason=reason[:500])
        try:
            publish(failed, context)
        except RetryableError as error:
            log.error("the reason could not be handed on", error=str(error))
    return outcome


def decode(envelope: dict[str, Any]) -> Message:
    """Return the message of an envelope; PermanentError when its schema or body is unknown."""
    schema = str(envelope.get("schema"))
    message_class = flow.SCHEMAS.get(schema)
    if message_class is None:
        raise PermanentError(
            f"message schema {schema!r} is unknown; upgrade this worker", reason="unknown_schema"
        )
    try:
        return message_class.model_validate(envelope.get("body"))
    except ValidationError as error:
        raise PermanentError(f"{schema}: {error}", reason="bad_message") from error

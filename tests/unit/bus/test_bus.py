"""What the bus does around a task, without a broker."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from celery.exceptions import Reject, Retry
from kombu.exceptions import OperationalError

from shared import bus, metrics, presence
from shared.broker import create_app
from shared.bus import Context
from shared.busy import BusyTime
from shared.contracts.failures import PhotosFailed
from shared.contracts.message import Message, ModelRef
from shared.contracts.photos import ClassifiedPhoto, PhotoRef, PhotosClassified, PhotosStored
from shared.errors import PermanentError, RetryableError
from shared.settings import Settings

NAME = "classification.classify_photos"
NEXT = "segmentation.segment_photos"
PHOTO = PhotoRef(
    photo_id="a" * 64,
    key="photos/a.jpg",
    width=10,
    height=10,
    posted_at=datetime(2026, 11, 2, tzinfo=UTC),
    source="test",
    look_id="a" * 64,
)
STORED = PhotosStored(photos=(PHOTO,))
CLASSIFIED = PhotosClassified(
    photos=(
        ClassifiedPhoto(
            photo=PHOTO, fashion=0.9, models=(ModelRef(name="m", version="1", sha256="0"),)
        ),
    )
)


@dataclass
class FakeApp:
    """Keeps what is sent."""

    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    away: bool = False

    def send_task(
        self, name: str, *, kwargs: dict[str, Any], queue: str, headers: dict[str, Any]
    ) -> None:
        if self.away:
            raise OperationalError("refused")
        assert queue == name.partition(".")[0]
        self.sent.append((name, kwargs))


@dataclass
class FakeBroker:
    """Counts deliveries in memory."""

    deliveries: dict[str, int] = field(default_factory=dict)

    def count_delivery(self, delivery_id: str) -> int:
        self.deliveries[delivery_id] = self.deliveries.get(delivery_id, 0) + 1
        return self.deliveries[delivery_id]

    def forget_delivery(self, delivery_id: str) -> None:
        self.deliveries.pop(delivery_id, None)


class FakeTask:
    """Celery's side of one delivery."""

    def __init__(self, retries: int = 0, refuse: bool = False) -> None:
        self.request = SimpleNamespace(id="delivery-1", retries=retries)
        self.countdown = 0.0
        self._refuse = refuse

    def retry(self, *, exc: Exception, countdown: float) -> Exception:
        self.countdown = countdown
        if self._refuse:
            raise Reject(exc, requeue=False)
        raise Retry(exc=exc)


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setattr(bus.time, "sleep", lambda seconds: None)
    return Context(
        settings=Settings(visibility_timeout=20, max_retries=3, max_deliveries=2),
        storage=None,  # type: ignore[arg-type]
        broker=FakeBroker(),  # type: ignore[arg-type]
        app=FakeApp(),
    )


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a function in a task's place."""

    def put(name: str, outcome: Exception | Sequence[Message]) -> list[Message]:
        seen: list[Message] = []

        def handler(message: Message, context: Context) -> Sequence[Message]:
            seen.append(message)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setitem(bus.HANDLERS, name, handler)
        return seen

    return put


def receive(context: Context, task: FakeTask | None = None, schema: str | None = None) -> None:
    envelope = {
        "schema": schema or STORED.schema_id,
        "body": STORED.body(),
        "correlation_id": "c1",
    }
    bus._receive(task or FakeTask(), NAME, envelope, context)


def counted(outcome: str) -> float:
    sample = metrics.TASKS.labels(NAME, outcome)
    return sample._value.get()


def test_what_a_task_returns_goes_to_whom_the_route_names(context, handle):
    seen = handle(NAME, [CLASSIFIED])
    before = counted("ok")
    receive(context)
    assert seen == [STORED]
    ((name, envelope),) = context.app.sent
    assert name == NEXT
    assert envelope == {
        "schema": "photos.classified/1",
        "body": CLASSIFIED.body(),
        "correlation_id": "c1",
    }
    assert counted("ok") == before + 1
    assert context.broker.deliveries == {}


def test_a_hosted_stage_runs_at_once(context, handle):
    handle(NAME, [CLASSIFIED])
    seen = handle(NEXT, [])
    hosted = replace(context, hosted=frozenset({"classification", "segmentation"}))
    receive(hosted)
    assert seen == [CLASSIFIED]
    assert context.app.sent == []


def test_a_hosted_stage_that_fails_goes_to_its_queue(context, handle):
    handle(NAME, [CLASSIFIED])
    handle(NEXT, ValueError("a bug"))
    hosted = replace(context, hosted=frozenset({"classification", "segmentation"}))
    receive(hosted)
    assert [name for name, _ in context.app.sent] == [NEXT]


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (PermanentError("no mask"), "permanent", "no mask"),
        (ValueError("a bug"), "error", "ValueError: a bug"),
    ],
)
def test_photos_whose_task_cannot_succeed_are_named_to_ingestion(
    context, handle, error, outcome, reason
):
    handle(NAME, error)
    before = counted(outcome)
    receive(context)
    ((name, envelope),) = context.app.sent
    assert name == "ingestion.note_failures"
    failed = bus.decode(envelope)
    assert failed == PhotosFailed(photo_ids=(PHOTO.photo_id,), task=NAME, reason=reason)
    assert counted(outcome) == before + 1


def test_retries_wait_longer_and_longer_but_never_as_long_as_the_broker_waits(context, handle):
    handle(NAME, RetryableError("the disk is full"))
    waits = []
    before = counted("retry")
    for retries in range(3):
        task = FakeTask(retries=retries)
        with pytest.raises(Retry):
            receive(context, task)
        waits.append(task.countdown)
    assert waits[0] <= 1 < waits[2] <= 4
    assert counted("retry") == before + 3
    patient = replace(context, settings=Settings(visibility_timeout=20, max_retries=50))
    late = FakeTask(retries=40)
    with pytest.raises(Retry):
        receive(patient, late)
    assert late.countdown <= context.settings.visibility_timeout / 2


def test_after_the_last_retry_the_photos_are_named_to_ingestion(context, handle):
    handle(NAME, RetryableError("the disk is full"))
    receive(context, FakeTask(retries=3))
    assert [name for name, _ in context.app.sent] == ["ingestion.note_failures"]


def test_a_retry_that_the_broker_refused_puts_the_message_back(context, handle):
    handle(NAME, RetryableError("the broker is away"))
    with pytest.raises(Reject) as rejected:
        receive(context, FakeTask(refuse=True))
    assert rejected.value.requeue is True


@pytest.mark.parametrize(
    "outcome", [None, PermanentError("no mask"), ValueError("a bug"), RetryableError("away")]
)
def test_a_worker_is_at_work_until_its_task_ends_however_it_ends(context, monkeypatch, outcome):
    now = [100.0]
    busy = BusyTime(lambda: now[0])
    monkeypatch.setattr(presence, "_busy", busy)
    told = metrics.BUSY_SECONDS.labels("classification")._value

    def handler(message: Message, context: Context) -> list[Message]:
        now[0] += 7
        busy.count()
        assert told.get() == before + 7
        now[0] += 2
        if outcome:
            raise outcome
        return []

    monkeypatch.setitem(bus.HANDLERS, NAME, handler)
    before = told.get()
    with suppress(Retry):
        receive(context)
    now[0] += 60  # until the next try, or the next message
    busy.count()
    assert told.get() == before + 9


def test_a_message_that_killed_its_workers_is_not_run_again(context, handle):
    seen = handle(NAME, [])
    context.broker.deliveries["delivery-1"] = 2
    before = counted("dropped")
    receive(context)
    assert seen == []
    assert [name for name, _ in context.app.sent] == ["ingestion.note_failures"]
    assert counted("dropped") == before + 1


def test_a_message_of_an_unknown_schema_is_refused_and_counted(context, handle):
    seen = handle(NAME, [])
    before = counted("permanent")
    receive(context, schema="photos.stored/2")
    assert seen == []
    assert context.app.sent == []
    assert counted("permanent") == before + 1


def test_a_body_that_does_not_fit_its_schema_says_where():
    with pytest.raises(PermanentError, match=r"photos\.stored/1"):
        bus.decode({"schema": "photos.stored/1", "body": {"photos": []}})


def test_a_failed_failure_is_not_sent_round_and_round(context, handle):
    handle("ingestion.note_failures", PermanentError("no such photo"))
    failed = PhotosFailed(photo_ids=(PHOTO.photo_id,), task=NAME, reason="x")
    envelope = {"schema": failed.schema_id, "body": failed.body()}
    bus._receive(FakeTask(), "ingestion.note_failures", envelope, context)
    assert context.app.sent == []


def test_publishing_without_a_broker_can_be_tried_again(context):
    context.app.away = True
    with pytest.raises(RetryableError, match="away") as error:
        bus.publish(STORED, context)
    assert error.value.reason == "broker_away"


def test_a_password_in_the_brokers_address_is_not_shown():
    settings = Settings(redis_url="redis://:s3cret@127.0.0.1:1/0")
    app = create_app(settings)
    lost = Context(settings=settings, storage=None, broker=FakeBroker(), app=app)
    with pytest.raises(RetryableError) as error:
        bus.publish(STORED, lost)
    assert "s3cret" not in str(error.value)
    assert "127.0.0.1" in str(error.value)
    app.close()


def test_a_task_that_is_not_in_the_route_is_refused_at_its_birth():
    with pytest.raises(ValueError, match="flow"):
        bus.task("color.paint_it_black")(lambda message, context: [])

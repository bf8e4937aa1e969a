"""Photos as an operator sees them: by state, and those that did not get on, by reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from services.gateway.access import Gateway
from services.gateway.answers import Asked, once
from services.gateway.operations.photo_views import (
    OldestPhoto,
    PhotoCounts,
    PhotosOverview,
    ReasonView,
    RetryIn,
    RetryView,
    Troubled,
    TroubledPhoto,
)
from services.gateway.problems import RefusedError, not_found
from services.gateway.views import PhotoLinks
from shared import flow
from shared.bus import publish
from shared.contracts.photos import PhotosStored
from shared.errors import RetryableError
from shared.logging import logger
from shared.records.ingestion import Photo
from shared.records.photo_ledger import (
    BURIED,
    FAILED,
    WELL_ENDED,
    dig_up_within,
    photo_states,
    still_failed,
)
from shared.records.trends import Settlement

log = logger(__name__)

MOST: Final = 1000
"""Photos that one retry puts back at most: a request may not take a minute."""
_REASONS: Final = 50
_STAGES: Final = frozenset(
    flow.queue_of(task) for tasks in (*flow.ROUTE.values(), tuple(flow.SCHEDULE)) for task in tasks
)
_BURIED: Final = and_(BURIED, ~WELL_ENDED)


@dataclass(frozen=True)
class Choice:
    """Photos of one state; of one stage and reason where they are given."""

    state: Troubled
    stage: str | None = None
    reason: str | None = None


def overview(session: Session) -> PhotosOverview:
    """Count the photos, and why some did not get on."""
    states = photo_states(session)
    oldest = states.oldest_pending
    counts = {name: getattr(states, name) for name in PhotoCounts.model_fields}
    reasons = [*_buried_reasons(session), *_failed_reasons(session)]
    reasons.sort(key=lambda one: -one.photos)
    return PhotosOverview(
        counts=PhotoCounts(**counts),
        oldest_pending=OldestPhoto(id=oldest[0], since=oldest[1]) if oldest else None,
        reasons=reasons[:_REASONS],
    )


def list_troubled(
    session: Session, choice: Choice, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[TroubledPhoto]:
    """Return up to ``limit`` photos that did not get on, the latest first."""
    buried = choice.state == "buried"
    at = Photo.buried_at if buried else Settlement.settled_at
    query = select(Photo, Settlement).outerjoin(
        Settlement, Settlement.photo_id == Photo.photo_id
    )  # fmt: skip
    query = query.where(_buried(choice) if buried else and_(still_failed(), _of(choice)))
    if before is not None:
        last, last_id = before
        query = query.where(or_(at < last, and_(at == last, Photo.photo_id < last_id)))
    query = query.order_by(at.desc(), Photo.photo_id.desc()).limit(limit)
    return [_troubled(photo, settlement, buried) for photo, settlement in session.execute(query)]


def retry(gateway: Gateway, asked: Asked, wanted: RetryIn) -> RetryView:
    """Give photos all their attempts again and announce them, one message each.

    Raises RetryableError while the broker is away: then nothing was changed. A broker that goes
    away in the middle only delays: the photos are noted, and the reconciler announces them.
    """
    which = _which(gateway, wanted)
    gateway.context.broker.ping()
    messages: list[PhotosStored] = []

    def write(session: Session) -> dict[str, Any]:
        messages.extend(dig_up_within(gateway.database, session, which, limit=MOST))
        session.flush()
        left = session.scalar(select(func.count()).select_from(Photo).where(which, ~WELL_ENDED))
        told = RetryView(retried=len(messages), announced=len(messages), left=left or 0)
        return told.model_dump()

    body, fresh = once(gateway.database, asked, write, status=202)
    view = RetryView.model_validate(body)
    if not fresh:
        return view
    return view.model_copy(update={"announced": _announce(gateway, messages)})


def _announce(gateway: Gateway, messages: Sequence[PhotosStored]) -> int:
    for number, message in enumerate(messages):
        try:
            publish(message, gateway.context)
        except RetryableError as error:
            log.warning("the reconciler announces the rest", error=str(error))
            return number
    return len(messages)


def _which(gateway: Gateway, wanted: RetryIn) -> ColumnElement[bool]:
    if (wanted.photo_ids is None) == (wanted.state is None):
        raise RefusedError(
            422,
            "name either `photo_ids` or a `state`",
            text_ko="`photo_ids`와 `state` 가운데 하나만 정하세요",
            reason="which_photos",
        )
    if wanted.photo_ids is not None:
        _check_known(gateway, wanted.photo_ids)
        return and_(Photo.photo_id.in_(wanted.photo_ids), FAILED)
    assert wanted.state is not None  # noqa: S101 - one of the two, see above
    choice = Choice(wanted.state, wanted.stage, wanted.reason)
    if choice.state == "buried":
        return _buried(choice)
    of_it = exists().where(Settlement.photo_id == Photo.photo_id, still_failed(), _of(choice))
    return of_it.correlate(Photo)


def _check_known(gateway: Gateway, photo_ids: Sequence[str]) -> None:
    with gateway.database.reading() as session:
        known = session.scalars(select(Photo.photo_id).where(Photo.photo_id.in_(photo_ids))).all()
    strangers = [photo_id for photo_id in photo_ids if photo_id not in known]
    if strangers:
        raise not_found(
            f"photo {strangers[0]}",
            f"사진 {strangers[0]}",
            reason="unknown_photo",
            hint="GET /v1/operations/photos/troubled",
        )


def _buried(choice: Choice) -> ColumnElement[bool]:
    # The stage of a buried photo is told by its reason.
    if choice.reason is None:
        return _BURIED
    return and_(_BURIED, Photo.buried_reason == choice.reason)


def _of(choice: Choice) -> ColumnElement[bool]:
    parts = [
        column == value
        for column, value in (
            (Settlement.stage, choice.stage),
            (func.coalesce(Settlement.reason, ""), choice.reason),
        )
        if value is not None
    ]
    return and_(True, *parts)


def _buried_reasons(session: Session) -> list[ReasonView]:
    query = (
        select(
            Photo.buried_reason, func.count(), func.min(Photo.buried_at), func.max(Photo.buried_at)
        )
        .where(_BURIED)
        .group_by(Photo.buried_reason)
        .order_by(func.count().desc())
        .limit(_REASONS)
    )
    return [
        _reason("buried", (_stage(reason), reason), photos, (first, last))
        for reason, photos, first, last in session.execute(query)
    ]


def _failed_reasons(session: Session) -> list[ReasonView]:
    at = Settlement.settled_at
    query = (
        select(Settlement.stage, Settlement.reason, func.count(), func.min(at), func.max(at))
        .join(Photo, Photo.photo_id == Settlement.photo_id)
        .where(still_failed())
        .group_by(Settlement.stage, Settlement.reason)
        .order_by(func.count().desc())
        .limit(_REASONS)
    )
    return [
        _reason("failed", (stage, reason), photos, (first, last))
        for stage, reason, photos, first, last in session.execute(query)
    ]


def _reason(
    state: Troubled,
    why: tuple[str | None, str | None],
    photos: int,
    period: tuple[datetime | None, datetime | None],
) -> ReasonView:
    first, last = period
    assert first is not None and last is not None  # noqa: S101 - each has a moment
    return ReasonView(
        state=state, stage=why[0], reason=why[1] or "", photos=photos, first_at=first, last_at=last
    )


def _troubled(photo: Photo, settlement: Settlement | None, buried: bool) -> TroubledPhoto:
    path = f"/v1/photos/{photo.photo_id}"
    reason = photo.buried_reason if buried or settlement is None else settlement.reason
    at = photo.buried_at if buried or settlement is None else settlement.settled_at
    assert at is not None  # noqa: S101 - the query asked for it
    return TroubledPhoto(
        id=photo.photo_id,
        state="buried" if buried else "failed",
        stage=_stage(reason) if buried or settlement is None else settlement.stage,
        reason=reason or "",
        at=at,
        received_at=photo.received_at,
        source=photo.source,
        attempts=photo.attempts,
        links=PhotoLinks(self=path, picture=f"{path}/picture.jpg"),
    )


def _stage(reason: str | None) -> str | None:
    """Return the service whose task a burial's reason begins with."""
    queue = flow.queue_of((reason or "").partition(": ")[0])
    return queue if queue in _STAGES else None

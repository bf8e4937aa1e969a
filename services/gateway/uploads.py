"""Taking a photo in: looked at, stored as it came, announced to ingestion."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from services.gateway.access import Caller, Gateway
from services.gateway.answers import Asked, hash_of, once, recall
from services.gateway.outbox import announce_upload
from services.gateway.photo_records import find_photo
from services.gateway.photo_views import photo_accepted
from services.gateway.problems import RefusedError
from shared.imaging import decode
from shared.photo_checks import MAX_BYTES, PhotoError
from shared.quoting import quotable
from shared.records.deletion_queries import deleted_among
from shared.records.gateway import Upload
from shared.records.ingestion import Photo
from shared.storage.keys import upload_key

_TIME: Final = TypeAdapter(AwareDatetime)
_CLOCK_SKEW: Final = timedelta(days=1)


@dataclass(frozen=True)
class Sent:
    """A photo as a client sent it."""

    name: str
    data: bytes
    posted_at: str | None
    idempotency_key: str | None


def _read_time(text: str | None) -> datetime:
    """Return the time of a form field, now without one; RefusedError where it is none."""
    now = datetime.now(UTC)
    if not text:
        return now
    try:
        moment = _TIME.validate_python(text)
    except ValidationError:
        moment = None
    if moment is None or moment > now + _CLOCK_SKEW:
        raise RefusedError(
            422,
            f"posted_at: {quotable(text)!r} is no past time with a zone; "
            "write it like 2026-03-01T18:00:00+09:00",
            text_ko=f"posted_at: {quotable(text)!r}: 시간대가 있는 과거 시각이 아닙니다. "
            "2026-03-01T18:00:00+09:00처럼 쓰세요",
            reason="bad_posted_at",
        )
    return moment.astimezone(UTC)


def accept(gateway: Gateway, caller: Caller, sent: Sent) -> dict[str, Any]:
    """Take ``sent`` in and return the body of the answer; PhotoError where it is no photo.

    Stored and written down before it is announced: a broker that is away delays, no more.
    """
    if len(sent.data) > MAX_BYTES:
        raise PhotoError(sent.name, "too_large")
    photo_id = hashlib.sha256(sent.data).hexdigest()
    request_hash = hash_of(photo_id.encode(), (sent.posted_at or "").encode())
    asked = Asked(caller.key_id, sent.idempotency_key, request_hash)
    kept = recall(gateway.database, asked)
    if kept is not None:
        return kept
    _refuse_deleted(gateway, photo_id, name=sent.name)
    upload = _upload(photo_id, sent, caller)
    arrived = _has_arrived(gateway, upload)
    if not arrived:
        decode(sent.data, name=sent.name)
        gateway.context.storage.put(
            upload.object_key, sent.data, content_type="application/octet-stream"
        )
    body, _ = once(
        gateway.database,
        asked,
        lambda session: _write(gateway, session, upload, caller),
        status=202,
    )
    if not arrived:
        announce_upload(gateway, upload)
    return body


def _refuse_deleted(gateway: Gateway, photo_id: str, *, name: str) -> None:
    with gateway.database.reading() as session:
        gone = deleted_among(session, "photo", [photo_id])
    if gone:
        raise RefusedError(
            410,
            f"{quotable(name)}: this photo was deleted on request and is not taken in again",
            text_ko=f"{quotable(name)}: 요청에 따라 삭제된 사진이라 다시 받지 않습니다",
            reason="deleted",
        )


def _upload(photo_id: str, sent: Sent, caller: Caller) -> Upload:
    return Upload(
        photo_id=photo_id,
        key_id=caller.key_id,
        object_key=upload_key(photo_id),
        name=quotable(sent.name),
        posted_at=_read_time(sent.posted_at),
        created_at=datetime.now(UTC),
        published_at=None,
        publications=0,
    )


def _has_arrived(gateway: Gateway, upload: Upload) -> bool:
    """Tell whether this key's upload of the photo was already taken over by ingestion."""
    with gateway.database.reading() as session:
        own = session.get(Upload, (upload.photo_id, upload.key_id))
        return own is not None and session.get(Photo, upload.photo_id) is not None


def _write(gateway: Gateway, session: Session, upload: Upload, caller: Caller) -> dict[str, Any]:
    columns = {column.key: getattr(upload, column.key) for column in Upload.__table__.columns}
    session.execute(gateway.database.insert(Upload).values(columns).on_conflict_do_nothing())
    known = find_photo(session, upload.photo_id, caller)
    assert known is not None  # noqa: S101 - its row was just written
    return photo_accepted(known).model_dump(mode="json")

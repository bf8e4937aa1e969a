"""Reading what is known of photos: from ingestion's and trends' rows, never written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from services.gateway.access import Caller
from services.gateway.domain import PhotoState, from_cursor, photo_state, to_cursor
from shared.contracts.garments import Analysis
from shared.records.gateway import Upload
from shared.records.ingestion import Photo
from shared.records.trends import Settlement
from shared.storage import ObjectStore


@dataclass(frozen=True)
class KnownPhoto:
    """A photo, and how far it is."""

    photo_id: str
    received_at: datetime
    photo: Photo | None
    settlement: Settlement | None

    @property
    def state(self) -> PhotoState:
        """Where the photo is on its way."""
        return photo_state(
            arrived=self.photo is not None,
            outcome=self.settlement.outcome if self.settlement else None,
            buried=self.photo is not None and self.photo.buried_at is not None,
        )

    @property
    def cursor(self) -> str:
        """The photo's place in the list, latest first."""
        return to_cursor(self.received_at, self.photo_id)

    @property
    def reason(self) -> str | None:
        """Why it failed or was buried; None otherwise."""
        if self.settlement is not None:
            return self.settlement.reason
        return self.photo.buried_reason if self.photo is not None else None


def photo_place(cursor: str) -> tuple[datetime, str]:
    """Return the place in the list that ``KnownPhoto.cursor`` names; UsageError if none."""
    received_at, photo_id = from_cursor(cursor, datetime, str)
    return cast("datetime", received_at), str(photo_id)


def find_photo(session: Session, photo_id: str, caller: Caller) -> KnownPhoto | None:
    """Return a photo that ``caller`` may see, or None."""
    upload = session.scalar(
        select(Upload)
        .where(Upload.photo_id == photo_id, _is_own(caller))
        .order_by(Upload.created_at)
        .limit(1)
    )
    photo = session.get(Photo, photo_id)
    if upload is None and not (caller.is_admin and photo is not None):
        return None
    received = [row for row in (upload and upload.created_at, photo and photo.received_at) if row]
    return KnownPhoto(photo_id, min(received), photo, session.get(Settlement, photo_id))


def list_photos(
    session: Session,
    caller: Caller,
    *,
    state: PhotoState | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[KnownPhoto]:
    """Return up to ``limit`` photos that ``caller`` may see, latest first.

    A user sees the own uploads. An admin sees all photos that ingestion has, but no shop's; those
    it has not yet taken over with the state ``received``.
    """
    if caller.is_admin and state != "received":
        at, photo_id = Photo.received_at, Photo.photo_id
        rows = select(photo_id, at, Photo, Settlement).select_from(Photo)
        rows = rows.where(Photo.catalogued.is_(False))  # what shops sell is listed as items
    else:
        at, photo_id = Upload.created_at, Upload.photo_id
        rows = select(photo_id, at, Photo, Settlement).select_from(Upload)
        rows = rows.outerjoin(Photo, Photo.photo_id == photo_id).where(_is_own(caller))
    rows = rows.outerjoin(Settlement, Settlement.photo_id == photo_id)
    if state is not None:
        rows = rows.where(_in_state(state))
    if before is not None:
        last, last_id = before
        rows = rows.where(or_(at < last, and_(at == last, photo_id < last_id)))
    rows = rows.order_by(at.desc(), photo_id.desc()).limit(limit)
    return [KnownPhoto(*row) for row in session.execute(rows)]


def analysis_of(storage: ObjectStore, known: KnownPhoto) -> Analysis:
    """Return the stored analysis of an analysed photo."""
    assert known.settlement is not None and known.settlement.analysis_key  # noqa: S101
    return Analysis.model_validate_json(storage.get(known.settlement.analysis_key))


def _is_own(caller: Caller) -> ColumnElement[bool]:
    return Upload.key_id == caller.key_id if not caller.is_admin else Upload.key_id.is_not(None)


def _in_state(state: PhotoState) -> ColumnElement[bool]:
    """The condition under which ``photo_state`` says ``state``."""
    settled = Settlement.photo_id.is_not(None)
    if state in ("analyzed", "not_fashion"):
        return Settlement.outcome == state
    if state == "failed":
        return and_(settled, Settlement.outcome.not_in(("analyzed", "not_fashion")))
    if state == "received":
        return and_(~settled, Photo.photo_id.is_(None))
    buried = Photo.buried_at.is_not(None)
    arrived = Photo.photo_id.is_not(None)
    return and_(~settled, arrived, buried if state == "buried" else ~buried)

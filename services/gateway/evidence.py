"""The photos behind a number, with masks, models and licences, as one caller may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gateway.access import Caller, Gateway
from services.gateway.domain import Language, from_cursor, to_cursor
from services.gateway.showing import posts_of
from services.gateway.trend_models import (
    EvidenceLinks,
    EvidencePage,
    EvidenceView,
    SeenGarment,
)
from services.gateway.views import PostView
from shared.contracts.garments import Analysis
from shared.records.gateway import Upload
from shared.records.trend_evidence import Evidence, EvidenceQuery, find_evidence
from shared.records.trends import Settlement
from shared.storage import ObjectStore
from shared.storage.base import ObjectNotFoundError


def evidence_page(
    gateway: Gateway,
    caller: Caller,
    query: EvidenceQuery,
    *,
    language: Language,
    cursor: str | None,
    limit: int,
) -> EvidencePage:
    """Return one page of the photos that ``query`` asks for, latest week first."""
    with gateway.database.reading() as session:
        found = find_evidence(session, query, after=_place(cursor), limit=limit + 1)
        shown = found[:limit]
        ids = [photo.photo_id for photo in shown]
        keys = _analysis_keys(session, ids)
        posts = posts_of(session, ids)
        visible = set(ids) if caller.is_admin else _own(session, caller, ids)
    photos = [
        _view(
            photo,
            _analysis(gateway.context.storage, keys.get(photo.photo_id)),
            posts=posts.get(photo.photo_id, []),
            visible=photo.photo_id in visible,
            language=language,
        )
        for photo in shown
    ]
    last = shown[-1] if len(found) > limit else None
    return EvidencePage(
        photos=photos, next=to_cursor(last.week.isoformat(), last.photo_id) if last else None
    )


def _view(
    photo: Evidence,
    analysis: Analysis | None,
    *,
    posts: Sequence[PostView],
    visible: bool,
    language: Language,
) -> EvidenceView:
    path = f"/v1/photos/{photo.photo_id}"
    garments = analysis.garments if analysis else ()
    return EvidenceView(
        photo_id=photo.photo_id,
        week=photo.week,
        style=photo.style,
        counted=photo.counted,
        garments=[SeenGarment.of(one, language) for one in garments if one.category in photo.items],
        models=list(analysis.models) if analysis else [],
        posts=list(posts),
        links=EvidenceLinks(
            photo=path if visible else None, overlay=f"{path}/overlay.png" if visible else None
        ),
    )


def _analysis(storage: ObjectStore, key: str | None) -> Analysis | None:
    """Return a photo's analysis; None where it was removed meanwhile."""
    if key is None:
        return None
    try:
        return Analysis.model_validate_json(storage.get(key))
    except ObjectNotFoundError:
        return None


def _analysis_keys(session: Session, ids: Sequence[str]) -> dict[str, str]:
    rows = session.execute(
        select(Settlement.photo_id, Settlement.analysis_key).where(Settlement.photo_id.in_(ids))
    )
    return {photo_id: key for photo_id, key in rows if key}


def _own(session: Session, caller: Caller, ids: Sequence[str]) -> set[str]:
    rows = session.scalars(
        select(Upload.photo_id).where(Upload.key_id == caller.key_id, Upload.photo_id.in_(ids))
    )
    return set(rows)


def _place(cursor: str | None) -> tuple[date, str] | None:
    if cursor is None:
        return None
    week, photo_id = from_cursor(cursor, str, str)
    return date.fromisoformat(cast("str", week)), cast("str", photo_id)

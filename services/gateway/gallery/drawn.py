"""Drawings and boards of one's own, as looks; nobody else's are ever read here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast

from sqlalchemy import and_, or_, select

from services.gateway.access import Caller, Gateway
from services.gateway.domain import Language, from_cursor, job_state, to_cursor
from services.gateway.gallery.asking import COUNTED, Wanted, bad_cursor
from services.gateway.gallery.models import LookColor, LookGarment, LookLinks, LookPage, LookView
from services.gateway.gallery.street import seen_view, unknown_look
from services.gateway.looks import KnownLook
from shared.contracts.garments import Garment
from shared.contracts.generation import SeenPicture, WornGarment
from shared.contracts.vocabulary import label
from shared.records.gateway import Wish
from shared.records.generation import Job
from shared.records.trend_queries import monday
from shared.storage import ObjectNotFoundError
from shared.storage.keys import generation_key

_BATCH: Final = 200
_SURE: Final = 0.5
"""A garment below this score is not told as seen."""
_GONE: Final = ("failed", "cancelled")


@dataclass(frozen=True)
class _Place:
    created_at: datetime
    job_id: str


def drawn_page(
    gateway: Gateway,
    caller: Caller,
    wanted: Wanted,
    *,
    today: date,
    cursor: str | None,
    limit: int,
    language: Language,
) -> LookPage:
    """Return a page of one's own pictures, the latest first, by what was asked of them.

    Those that failed or were called off are left out.
    """
    fitting = (look for look in _own(gateway, caller, _place(cursor)) if _fits(look, wanted, today))
    shown: list[KnownLook] = []
    for look in fitting:
        shown.append(look)
        if len(shown) > limit:
            break
    count = None
    if cursor is None:
        count = len(shown)
        if len(shown) > limit:
            count += sum(1 for _, _ in zip(range(COUNTED - len(shown)), fitting, strict=False))
    last = shown[limit - 1] if len(shown) > limit else None
    return LookPage(
        looks=[drawn_view(look, language) for look in shown[:limit]],
        count=count,
        next=to_cursor("drawn", last.wish.created_at, last.wish.job_id) if last else None,
    )


def find_drawn(gateway: Gateway, caller: Caller, job_id: str) -> KnownLook:
    """Return one's own picture; RefusedError with 404 where it is another's or none."""
    with gateway.database.reading() as session:
        row = session.execute(
            select(Wish, Job)
            .outerjoin(Job, Job.job_id == Wish.job_id)
            .where(Wish.job_id == job_id, Wish.key_id == caller.key_id)
        ).one_or_none()
    if row is None:
        raise unknown_look(job_id)
    return KnownLook(*row)


def seen_garments(gateway: Gateway, look: KnownLook) -> list[Garment]:
    """Return what is surely seen in the best picture; nothing where nobody looked."""
    if not look.is_done:
        return []
    try:
        data = gateway.context.storage.get(generation_key(look.wish.job_id, "1.json"))
    except ObjectNotFoundError:
        return []
    seen = SeenPicture.model_validate_json(data).garments
    return [garment for garment in seen if garment.score >= _SURE]


def drawn_view(look: KnownLook, language: Language, seen: list[Garment] | None = None) -> LookView:
    """Return a picture as a look; ``seen`` instead of what was asked for."""
    job_id, wish = look.wish.job_id, look.look
    path, drawing = f"/v1/looks/{job_id}", f"/v1/generations/{job_id}"
    style = wish.scene.style
    garments = (
        [seen_view(one, language) for one in seen]
        if seen
        else [worn_view(one, language) for one in wish.wear]
    )
    return LookView(
        id=job_id,
        kind="drawn",
        created_at=look.wish.created_at,
        style=style,
        style_label=label(style, language) if style else None,
        garments=garments,
        state=job_state(look.job.state if look.job else None),
        served_by=wish.backend,
        parent=wish.edit.of if wish.edit else None,
        pictures=max(1, len(look.pictures)),
        links=LookLinks(
            self=path,
            similar=f"{path}/similar",
            picture=f"{drawing}/picture.webp" if look.is_done else None,
            generation=drawing,
        ),
    )


def worn_view(worn: WornGarment, language: Language) -> LookGarment:
    """Return a garment that was asked for."""
    colors = []
    if worn.color is not None:
        told = label(worn.color, language)
        colors = [LookColor(name=told, basic=worn.color, basic_label=told, hex=worn.hex)]
    return LookGarment(
        category=worn.category,
        label=label(worn.category, language),
        pattern=worn.pattern,
        pattern_label=label(worn.pattern, language) if worn.pattern else None,
        colors=colors,
    )


def _own(gateway: Gateway, caller: Caller, after: _Place | None) -> Iterator[KnownLook]:
    """Return one's own wishes behind a place, the latest first, read as they are needed."""
    at, key = Wish.created_at, Wish.job_id
    rows = select(Wish, Job).outerjoin(Job, Job.job_id == key).where(Wish.key_id == caller.key_id)
    while True:
        batch = rows
        if after is not None:
            earlier = and_(at == after.created_at, key < after.job_id)
            batch = rows.where(or_(at < after.created_at, earlier))
        with gateway.database.reading() as session:
            found = session.execute(batch.order_by(at.desc(), key.desc()).limit(_BATCH)).all()
        yield from (KnownLook(*row) for row in found)
        if len(found) < _BATCH:
            return
        after = _Place(found[-1].Wish.created_at, found[-1].Wish.job_id)


def _fits(look: KnownLook, wanted: Wanted, today: date) -> bool:
    week = monday(look.wish.created_at.date())
    if look.state in _GONE or not wanted.since(today) <= week <= wanted.until(today):
        return False
    if wanted.style is not None and look.look.scene.style != wanted.style:
        return False
    if wanted.item is None and wanted.color is None and wanted.pattern is None:
        return True
    return any(_has(worn, wanted) for worn in look.look.wear)


def _has(worn: WornGarment, wanted: Wanted) -> bool:
    return (
        (wanted.items is None or worn.category in wanted.items)
        and wanted.color in (None, worn.color)
        and wanted.pattern in (None, worn.pattern)
    )


def _place(cursor: str | None) -> _Place | None:
    if cursor is None:
        return None
    kind, created_at, job_id = from_cursor(cursor, str, datetime, str)
    if kind != "drawn":
        raise bad_cursor()
    return _Place(cast("datetime", created_at), str(job_id))

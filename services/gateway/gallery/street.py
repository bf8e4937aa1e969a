"""Looks that were counted, as one caller may see them.

What was posted somewhere and counted is for everyone who may ask: garments, colours, weeks, where
it was posted; its photo is for admins. What somebody uploaded is for them and for admins alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gateway.access import Caller, Gateway
from services.gateway.domain import Language
from services.gateway.gallery.asking import COUNTED, Wanted, place_of, place_to
from services.gateway.gallery.models import LookColor, LookGarment, LookLinks, LookPage, LookView
from services.gateway.problems import RefusedError, not_found
from services.gateway.showing import posts_of
from services.gateway.views import PostView
from shared.contracts.garments import Analysis, Color, Garment
from shared.contracts.vocabulary import UNKNOWN, UPLOAD, label
from shared.records.gateway import Upload
from shared.records.trend_evidence import Evidence, count_evidence, find_evidence, weeks_with_looks
from shared.records.trends import Fact, Settlement
from shared.storage import ObjectNotFoundError


@dataclass(frozen=True)
class StreetLook:
    """A counted look, with all that was seen of it."""

    photo_id: str
    look_id: str
    week: date
    style: str
    analysis: Analysis | None
    """None where it was removed meanwhile."""
    posts: Sequence[PostView]
    visible: bool
    """The caller may see the photo."""


def street_page(
    gateway: Gateway,
    caller: Caller,
    wanted: Wanted,
    *,
    today: date,
    cursor: str | None,
    limit: int,
    language: Language,
) -> LookPage:
    """Return a page of looks, latest week first; how many there are, on the first one."""
    with gateway.database.reading() as session:
        found = _find(session, wanted, today=today, after=place_of(cursor), limit=limit + 1)
        count = _count(session, wanted, today) if cursor is None else None
    shown = found[:limit]
    looks = looks_of(gateway, caller, [photo.photo_id for photo in shown])
    last = shown[-1] if len(found) > limit else None
    return LookPage(
        looks=[street_view(look, language) for look in looks.values()],
        count=count,
        next=place_to(last.week, last.photo_id) if last else None,
    )


def find_street(gateway: Gateway, caller: Caller, photo_id: str) -> StreetLook:
    """Return a counted look; RefusedError with 404 where there is none."""
    found = looks_of(gateway, caller, [photo_id]).get(photo_id)
    if found is None:
        raise unknown_look(photo_id)
    return found


def unknown_look(look_id: str) -> RefusedError:
    """Return the 404 of a look that is not there, or somebody else's."""
    return not_found(
        f"look {look_id}", f"룩 {look_id}", reason="unknown_look", hint="GET /v1/looks"
    )


def looks_of(gateway: Gateway, caller: Caller, ids: Sequence[str]) -> dict[str, StreetLook]:
    """Return counted looks by photo id, as ``ids`` order them, without those that are gone."""
    with gateway.database.reading() as session:
        facts = session.execute(
            select(Fact.photo_id, Fact.look_id, Fact.week, Fact.style, Fact.source).where(
                Fact.photo_id.in_(ids)
            )
        )
        counted = {row.photo_id: row for row in facts}
        found = session.execute(
            select(Settlement.photo_id, Settlement.analysis_key).where(
                Settlement.photo_id.in_(counted)
            )
        )
        keys = {row.photo_id: row.analysis_key for row in found}
        posts = posts_of(session, list(counted))
        visible = set(counted) if caller.is_admin else _own(session, caller, list(counted))
    return {
        photo_id: StreetLook(
            photo_id, row.look_id, row.week, row.style, analysis_at(gateway, keys.get(photo_id)),
            posts.get(photo_id, []), photo_id in visible,
        )
        for photo_id in ids
        if (row := counted.get(photo_id)) is not None
        and (row.source != UPLOAD or photo_id in visible)
    }  # fmt: skip


def analysis_at(gateway: Gateway, key: str | None) -> Analysis | None:
    """Return a stored analysis; None where it was removed."""
    if key is None:
        return None
    try:
        return Analysis.model_validate_json(gateway.context.storage.get(key))
    except ObjectNotFoundError:
        return None


def street_view(look: StreetLook, language: Language, *, likeness: float | None = None) -> LookView:
    """Return a look as clients see it."""
    path, photo = f"/v1/looks/{look.photo_id}", f"/v1/photos/{look.photo_id}"
    analysis = look.analysis
    return LookView(
        id=look.photo_id,
        kind="street",
        week=look.week,
        style=None if look.style == UNKNOWN else look.style,
        style_label=None if look.style == UNKNOWN else label(look.style, language),
        garments=[seen_view(one, language) for one in analysis.garments] if analysis else [],
        posts=list(look.posts),
        models=list(analysis.models) if analysis else [],
        likeness=likeness,
        links=LookLinks(
            self=path,
            similar=f"{path}/similar",
            picture=f"{photo}/picture.jpg" if look.visible else None,
            overlay=f"{photo}/overlay.png" if look.visible and analysis else None,
            figure=f"{path}/figure.png" if analysis else None,
        ),
    )


def seen_view(garment: Garment, language: Language) -> LookGarment:
    """Return a garment that was seen, as clients see it."""
    return LookGarment(
        category=garment.category,
        label=label(garment.category, language),
        pattern=garment.pattern,
        pattern_label=label(garment.pattern, language) if garment.pattern else None,
        colors=[_color(color, language) for color in garment.colors],
    )


def _color(color: Color, language: Language) -> LookColor:
    return LookColor(
        name=color.name_ko if language == "ko" else color.name,
        basic=color.basic,
        basic_label=label(color.basic, language),
        hex=color.hex,
        share=round(color.share, 4),
    )


def _find(
    session: Session,
    wanted: Wanted,
    *,
    today: date,
    after: tuple[date, str] | None,
    limit: int,
) -> list[Evidence]:
    """Return photos week by week: the latest few are found without sorting all that fit."""
    found: list[Evidence] = []
    for week in _weeks(session, wanted, today, before=after[0] if after else None):
        query = wanted.evidence(week, week)
        found += find_evidence(session, query, after=after, limit=limit - len(found))
        if len(found) >= limit:
            break
    return found


def _count(session: Session, wanted: Wanted, today: date) -> int:
    count = 0
    for week in _weeks(session, wanted, today, before=None):
        count += count_evidence(session, wanted.evidence(week, week), most=COUNTED - count)
        if count >= COUNTED:
            break
    return count


def _weeks(session: Session, wanted: Wanted, today: date, *, before: date | None) -> Sequence[date]:
    last = wanted.until(today)
    return weeks_with_looks(session, wanted.since(today), min(last, before or last))


def _own(session: Session, caller: Caller, ids: Sequence[str]) -> set[str]:
    rows = session.scalars(
        select(Upload.photo_id).where(Upload.key_id == caller.key_id, Upload.photo_id.in_(ids))
    )
    return set(rows)

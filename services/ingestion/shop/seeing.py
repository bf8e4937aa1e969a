"""Items whose photo was analysed (or ended otherwise): what was seen becomes part of the item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from pydantic import ValidationError
from sqlalchemy import String, case, cast, literal, or_, select, update
from sqlalchemy.orm import Session

from services.ingestion.shop.choosing import Chosen, choose
from services.ingestion.shop.offers import Offer
from shared.contracts.garments import Analysis
from shared.embeddings import unpack
from shared.logging import logger
from shared.records import Database
from shared.records.ingestion import Photo
from shared.records.items import ShopItem
from shared.records.photo_ledger import HAS_ENDED
from shared.records.shop_book import grow_version
from shared.records.trends import Settlement
from shared.storage import ObjectNotFoundError, ObjectStore

log = logger(__name__)

TOGETHER: Final = 200
_MARK: Final = case(
    (Settlement.outcome == "analyzed", Settlement.analysis_key),
    (Settlement.photo_id.is_not(None), cast(Settlement.outcome, String)),
    else_=literal("buried"),
)
"""What an item's look is told from: an analysis, or how else its photo ended."""


class _Due(NamedTuple):
    item_id: str
    feed: str
    offer: dict[str, object]
    photo_id: str
    analysis_key: str | None
    mark: str


def see_items(database: Database, storage: ObjectStore, *, most: int = 2000) -> int:
    """Bring items up to their photos' analyses; return how many were.

    Safe to repeat and to run beside another: the last word on each item is the same.
    """
    seen = 0
    while seen < most and (due := _due(database)):
        chosen = [(one, _choose(one, storage)) for one in due]
        _write(database, chosen)
        seen += len(due)
    _let_go(database)
    return seen


def _due(database: Database) -> list[_Due]:
    query = (
        select(
            ShopItem.item_id,
            ShopItem.feed,
            ShopItem.offer,
            ShopItem.photo_id,
            Settlement.analysis_key,
            _MARK,
        )
        .join(Photo, Photo.photo_id == ShopItem.photo_id)
        .outerjoin(Settlement, Settlement.photo_id == ShopItem.photo_id)
        .where(
            ShopItem.gone.is_(False),
            or_(ShopItem.seen.is_(None), ShopItem.seen != _MARK),
            or_(HAS_ENDED, Photo.buried_at.is_not(None)),
        )
        .limit(TOGETHER)
    )
    with database.reading() as session:
        return [_Due(*row) for row in session.execute(query)]


def _choose(due: _Due, storage: ObjectStore) -> tuple[Chosen, dict[str, float]]:
    offer = Offer.model_validate(due.offer)
    analysis = _analysis(storage, due.analysis_key) if due.analysis_key else None
    return choose(offer, analysis), dict(analysis.styles) if analysis is not None else {}


def _analysis(storage: ObjectStore, key: str) -> Analysis | None:
    try:
        return Analysis.model_validate_json(storage.get(key))
    except (ObjectNotFoundError, ValidationError) as error:
        log.warning("an item's analysis cannot be read", key=key, reason=str(error)[:200])
        return None


def _write(
    database: Database, seen: Sequence[tuple[_Due, tuple[Chosen, dict[str, float]]]]
) -> None:
    by_feed: defaultdict[str, list[tuple[_Due, tuple[Chosen, dict[str, float]]]]]
    by_feed = defaultdict(list)
    for one in seen:
        by_feed[one[0].feed].append(one)
    for feed, some in sorted(by_feed.items()):
        with database.transaction() as session:
            version = grow_version(session, feed)
            for due, (chosen, styles) in some:
                _note(session, due, chosen, styles, version=version)


def _note(
    session: Session, due: _Due, chosen: Chosen, styles: dict[str, float], *, version: int
) -> None:
    looks = {
        "colors": [color.model_dump(mode="json") for color in chosen.colors],
        "pattern": chosen.pattern,
        "styles": styles,
    }
    session.execute(
        update(ShopItem)
        .where(ShopItem.item_id == due.item_id, ShopItem.photo_id == due.photo_id)
        .values(
            seen=due.mark,
            category=chosen.category,
            garment=chosen.garment,
            looks=looks,
            embedding=unpack(chosen.embedding) if chosen.embedding is not None else None,
            note=chosen.note,
            version=version,
        )
        .execution_options(synchronize_session=False)
    )


def _let_go(database: Database) -> None:
    """Take items off their photo where it was deleted on request: they are shown no more."""
    gone = select(Photo.photo_id).where(Photo.photo_id == ShopItem.photo_id).exists()
    query = select(ShopItem.feed).where(ShopItem.photo_id.is_not(None), ~gone).distinct()
    with database.reading() as session:
        feeds = session.scalars(query).all()
    for feed in feeds:
        with database.transaction() as session:
            version = grow_version(session, feed)
            session.execute(
                update(ShopItem)
                .where(ShopItem.feed == feed, ShopItem.photo_id.is_not(None), ~gone)
                .values(photo_id=None, photo_state="refused", seen=None, version=version)
                .execution_options(synchronize_session=False)
            )

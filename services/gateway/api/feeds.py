"""Shops' feeds on a schedule: add, list, remove. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from services.gateway.access import ByAdmin, Here, Spoken
from services.gateway.answers import Asked, IdempotencyKey, hash_of, once, recall
from services.gateway.api.replies import ERRORS, NOT_FOUND, Cursor, PageSize, problem, reply
from services.gateway.domain import Language, from_cursor, to_cursor
from services.gateway.feed_views import FeedChange, FeedIn, FeedPage, FeedView, feed_view
from services.gateway.problems import RefusedError, not_found
from shared.errors import UsageError
from shared.records.items import ShopFeed
from shared.records.shop_book import (
    add_feed,
    disagreements_of,
    list_feeds,
    pause_feed,
    refusals_of,
    remove_feed,
    resume_feed,
)

router = APIRouter(
    prefix="/v1/feeds",
    tags=["feeds"],
    responses={**ERRORS, 403: problem("not an admin key")},
)
Name = Annotated[str, Path(max_length=64, description="the feed's name")]
_SHOWN: Final = 100


@router.post(
    "",
    status_code=201,
    response_model=FeedView,
    responses={409: problem("there is a feed of that name")},
)
def add(
    request: Request,
    asked_for: FeedIn,
    caller: ByAdmin,
    gateway: Here,
    language: Spoken,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add a shop's feed; it is read within a minute, and then on its schedule."""
    now = datetime.now(UTC)
    asked = Asked(caller.key_id, idempotency_key, hash_of(asked_for.model_dump_json().encode()))
    if (kept := recall(gateway.database, asked)) is not None:
        return reply(request, FeedView.model_validate(kept), status=201)

    def write(session: Session) -> dict[str, Any]:
        try:
            feed = add_feed(session, asked_for, now=now)
        except UsageError as error:
            raise RefusedError(
                409, error.text, text_ko=error.text_ko, reason=error.reason
            ) from error
        return _view(session, feed, language, now).model_dump(mode="json")

    body, _ = once(gateway.database, asked, write, status=201)
    return reply(request, FeedView.model_validate(body), status=201)


@router.get("", response_model=FeedPage)
def list_all(
    request: Request,
    caller: ByAdmin,
    gateway: Here,
    language: Spoken,
    *,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """List the feeds by name: state, trouble with its fix, figures, refused lines."""
    after = str(from_cursor(cursor, str)[0]) if cursor is not None else ""
    now = datetime.now(UTC)
    with gateway.database.reading() as session:
        known = [feed for feed in list_feeds(session) if feed.name > after]
        views = [_view(session, feed, language, now) for feed in known[:limit]]
    more = to_cursor(known[limit - 1].name) if len(known) > limit else None
    return reply(request, FeedPage(feeds=views, next=more))


@router.get("/{name}", response_model=FeedView, responses=NOT_FOUND)
def get_feed(
    request: Request, name: Name, caller: ByAdmin, gateway: Here, language: Spoken
) -> Response:
    """Tell how a feed is."""
    with gateway.database.reading() as session:
        view = _view(session, _found(session, name), language, datetime.now(UTC))
    return reply(request, view)


@router.patch("/{name}", response_model=FeedView, responses=NOT_FOUND)
def change(
    request: Request,
    name: Name,
    wanted: FeedChange,
    caller: ByAdmin,
    gateway: Here,
    language: Spoken,
) -> Response:
    """Pause a feed, or let it be read again, now; its items stay as they are."""
    now = datetime.now(UTC)
    with gateway.database.transaction() as session:
        feed = _found(session, name)
        if wanted.paused:
            pause_feed(feed)
        else:
            resume_feed(feed, now=now)
        view = _view(session, feed, language, now)
    return reply(request, view)


@router.delete("/{name}", status_code=204, responses=NOT_FOUND)
def remove(name: Name, caller: ByAdmin, gateway: Here) -> Response:
    """Forget a feed and its items; their photos stay in the store and are shown to nobody."""
    with gateway.database.transaction() as session:
        remove_feed(session, _found(session, name))
    return Response(status_code=204)


def _view(session: Session, feed: ShopFeed, language: Language, now: datetime) -> FeedView:
    refusals = refusals_of(session, feed.name, limit=_SHOWN)
    doubtful = disagreements_of(session, feed.name, limit=_SHOWN)
    return feed_view(feed, refusals, doubtful, language=language, now=now)


def _found(session: Session, name: str) -> ShopFeed:
    feed = session.get(ShopFeed, name)
    if feed is None:
        raise not_found(f"feed {name}", f"피드 {name}", reason="unknown_feed", hint="GET /v1/feeds")
    return feed

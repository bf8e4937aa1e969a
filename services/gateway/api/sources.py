"""Scheduled sources: add, list, pause, resume, remove. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from services.gateway.access import ByAdmin, Here, Spoken
from services.gateway.answers import Asked, IdempotencyKey, hash_of, once, recall
from services.gateway.api.replies import ERRORS, NOT_FOUND, Cursor, PageSize, problem, reply
from services.gateway.domain import Language, from_cursor, to_cursor
from services.gateway.problems import RefusedError, not_found
from services.gateway.source_views import (
    SourceChange,
    SourceIn,
    SourcePage,
    SourceView,
    source_view,
)
from shared.records.source_book import (
    add_source,
    calls_of,
    list_sources,
    pause_source,
    quota_of,
    remove_source,
    resume_source,
)
from shared.records.sources import ScheduledSource

router = APIRouter(
    prefix="/v1/sources",
    tags=["sources"],
    responses={**ERRORS, 403: problem("not an admin key")},
)
Name = Annotated[str, Path(max_length=64, description="the source's name")]


@router.post(
    "",
    status_code=201,
    response_model=SourceView,
    responses={409: problem("there is a source of that name")},
)
def add(
    request: Request,
    asked_for: SourceIn,
    caller: ByAdmin,
    gateway: Here,
    language: Spoken,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Add a source; it is read within a minute, and then on its schedule.

    Ingestion asks the url that is given here: only an operator should hold an admin key.
    """
    now = datetime.now(UTC)
    asked = Asked(caller.key_id, idempotency_key, hash_of(asked_for.model_dump_json().encode()))
    if (kept := recall(gateway.database, asked)) is not None:
        return reply(request, SourceView.model_validate(kept), status=201)

    def write(session: Session) -> dict[str, Any]:
        if session.get(ScheduledSource, asked_for.name) is not None:
            raise RefusedError(
                409,
                f"there is a source {asked_for.name} already; take another name",
                text_ko=f"출처 {asked_for.name}이(가) 이미 있습니다. 다른 이름을 쓰세요",
                reason="source_exists",
            )
        source = add_source(session, asked_for, now=now)
        return _view(session, source, language, now).model_dump(mode="json")

    body, _ = once(gateway.database, asked, write, status=201)
    return reply(request, SourceView.model_validate(body), status=201)


@router.get("", response_model=SourcePage)
def list_all(
    request: Request,
    caller: ByAdmin,
    gateway: Here,
    language: Spoken,
    *,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """List the sources by name: state, trouble with its fix, figures, terms."""
    after = str(from_cursor(cursor, str)[0]) if cursor is not None else ""
    with gateway.database.reading() as session:
        known = [source for source in list_sources(session) if source.name > after]
        now = datetime.now(UTC)
        views = [_view(session, source, language, now) for source in known[:limit]]
    page = SourcePage(
        sources=views,
        next=to_cursor(known[limit - 1].name) if len(known) > limit else None,
    )
    return reply(request, page)


@router.get("/{name}", response_model=SourceView, responses=NOT_FOUND)
def get_source(
    request: Request, name: Name, caller: ByAdmin, gateway: Here, language: Spoken
) -> Response:
    """Tell how a source is."""
    with gateway.database.reading() as session:
        view = _view(session, _found(session, name), language, datetime.now(UTC))
    return reply(request, view)


@router.patch("/{name}", response_model=SourceView, responses=NOT_FOUND)
def change(
    request: Request,
    name: Name,
    wanted: SourceChange,
    caller: ByAdmin,
    gateway: Here,
    language: Spoken,
) -> Response:
    """Pause a source, or let it go on from where it was; the others are not touched."""
    now = datetime.now(UTC)
    with gateway.database.transaction() as session:
        source = _found(session, name)
        (pause_source if wanted.paused else resume_source)(session, name, now=now)
        view = _view(session, source, language, now)
    return reply(request, view)


@router.delete("/{name}", status_code=204, responses=NOT_FOUND)
def remove(name: Name, caller: ByAdmin, gateway: Here) -> Response:
    """Forget a source and how far it was read. Its posts stay: see `/v1/deletions`."""
    with gateway.database.transaction() as session:
        _found(session, name)
        remove_source(session, name)
    return Response(status_code=204)


def _view(
    session: Session, source: ScheduledSource, language: Language, now: datetime
) -> SourceView:
    quota = quota_of(session, source, now=now)
    calls = calls_of(session, source, now=now)
    return source_view(source, language=language, now=now, calls=calls, quota=quota)


def _found(session: Session, name: str) -> ScheduledSource:
    source = session.get(ScheduledSource, name)
    if source is None:
        raise not_found(
            f"source {name}", f"출처 {name}", reason="unknown_source", hint="GET /v1/sources"
        )
    return source

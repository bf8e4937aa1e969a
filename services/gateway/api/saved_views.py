"""Saved views: trend queries under names, of each API key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from services.gateway import alert_book
from services.gateway.access import By, Caller, Here
from services.gateway.alert_views import SavedViewList, SavedViewView, ViewIn, saved_view
from services.gateway.api.replies import ERRORS, NOT_FOUND, reply
from services.gateway.problems import not_found
from shared.records.alerts import SavedView
from shared.records.trend_queries import check_style, parse_dimensions

router = APIRouter(prefix="/v1/views", tags=["views"], responses=ERRORS)
ViewId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.post("", status_code=201, response_model=SavedViewView)
def add_view(request: Request, view: ViewIn, caller: By, gateway: Here) -> Response:
    """Save a trend query under a name; the same name again gets the new query."""
    parse_dimensions(view.query.by)
    check_style(view.query.style)
    with gateway.database.transaction() as session:
        row = alert_book.save_view(session, view.name, view.query, key_id=caller.key_id)
        session.flush()
        return reply(request, saved_view(row), status=201)


@router.get("", response_model=SavedViewList)
def list_views(request: Request, caller: By, gateway: Here) -> Response:
    """List the key's views by name."""
    with gateway.database.reading() as session:
        views = [saved_view(row) for row in alert_book.views_of(session, caller.key_id)]
    return reply(request, SavedViewList(views=views))


@router.get("/{view_id}", response_model=SavedViewView, responses=NOT_FOUND)
def get_view(request: Request, view_id: ViewId, caller: By, gateway: Here) -> Response:
    """Tell a view; its links ask its query."""
    with gateway.database.reading() as session:
        return reply(request, saved_view(_found(session, view_id, caller)))


@router.delete("/{view_id}", status_code=204, responses=NOT_FOUND)
def remove_view(view_id: ViewId, caller: By, gateway: Here) -> Response:
    """Forget a view."""
    with gateway.database.transaction() as session:
        session.delete(_found(session, view_id, caller))
    return Response(status_code=204)


def _found(session: Session, view_id: str, caller: Caller) -> SavedView:
    row = alert_book.find_view(session, view_id, caller.key_id)
    if row is None:
        raise not_found(
            f"view {view_id}", f"보기 {view_id}", reason="unknown_view", hint="GET /v1/views"
        )
    return row

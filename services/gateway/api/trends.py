"""Trends: what is worn how often, week by week. Reads touch only the weekly rollup."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.gateway.access import By, Gateway, Here, Spoken
from services.gateway.api.replies import ERRORS, Cursor, PageSize, reply
from services.gateway.trend_views import series_view, trend_view
from services.gateway.views import SeriesView, TrendView
from shared.records.trend_queries import (
    MAX_WEEKS,
    TrendQuery,
    check_style,
    parse_dimensions,
    read_trends,
)
from shared.trend_figures import TrendTable

router = APIRouter(prefix="/v1/trends", tags=["trends"], responses=ERRORS)


def _query(
    by: Annotated[
        str, Query(max_length=80, description="item, color, style, source: any, with commas")
    ] = "item,color",
    weeks: Annotated[int, Query(ge=1, le=MAX_WEEKS)] = 12,
    source: Annotated[str | None, Query(max_length=64)] = None,
    style: Annotated[str | None, Query(max_length=32)] = None,
) -> TrendQuery:
    return TrendQuery(by=parse_dimensions(by), weeks=weeks, style=check_style(style), source=source)


Asked = Annotated[TrendQuery, Depends(_query)]


@router.get("", response_model=TrendView)
def get_trends(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    query: Asked,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """Rank what is worn: looks by week, shares, and the change to the week before."""
    table = read_table(gateway, query)
    return reply(request, trend_view(table, language=language, cursor=cursor, limit=limit))


@router.get("/series", response_model=SeriesView)
def get_series(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    query: Asked,
    cursor: Cursor = None,
    limit: PageSize = 20,
) -> Response:
    """Return the same figures as curves: looks and share by week, without holes."""
    table = read_table(gateway, query)
    return reply(request, series_view(table, language=language, cursor=cursor, limit=limit))


def read_table(gateway: Gateway, query: TrendQuery) -> TrendTable:
    """Return the trend table as of today."""
    with gateway.database.reading() as session:
        return read_trends(session, query, today=datetime.now(UTC).date())

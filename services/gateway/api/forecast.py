"""The coming weeks of the trends, with intervals, and how good such forecasts were."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.gateway.access import By, Here, Spoken
from services.gateway.api.replies import ERRORS, Cursor, PageSize, reply
from services.gateway.api.trends import Asked, read_table
from services.gateway.forecast_views import ForecastView, forecast_view
from shared.records.trend_queries import MAX_WEEKS, monday
from shared.trend_forecast import HISTORY, forecast_table

router = APIRouter(prefix="/v1/trends", tags=["trends"], responses=ERRORS)


@router.get("/forecast", response_model=ForecastView)
def get_forecast(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    query: Asked,
    horizon: Annotated[int, Query(ge=1, le=104, description="weeks ahead")] = 12,
    history: Annotated[
        int, Query(ge=13, le=MAX_WEEKS, description="weeks to learn from")
    ] = HISTORY,
    cursor: Cursor = None,
    limit: PageSize = 20,
) -> Response:
    """Tell the shares of the coming weeks; `weeks` is how much of the past comes along."""
    learnt = max(history, query.weeks)
    table = read_table(gateway, replace(query, weeks=learnt, since=None))
    told = forecast_table(table, horizon)
    since = monday(query.since) if query.since else None
    shown = sum(week >= since for week in table.weeks) if since else query.weeks
    view = forecast_view(table, told, shown=shown, language=language, cursor=cursor, limit=limit)
    return reply(request, view)

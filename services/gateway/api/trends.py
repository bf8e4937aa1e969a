"""Trends: what is worn how often, week by week. Reads touch only the weekly rollup."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.gateway.access import By, Gateway, Here, Spoken
from services.gateway.api.replies import ERRORS, Cursor, PageSize, reply
from services.gateway.evidence import evidence_page
from services.gateway.pair_models import HarmoniesView, PairsView
from services.gateway.pair_views import harmonies_view, pairs_view
from services.gateway.trend_models import EvidencePage, SeriesView, TrendView
from services.gateway.trend_views import series_view, trend_view
from shared.errors import UsageError
from shared.records.trend_evidence import EvidenceQuery
from shared.records.trend_pairs import read_harmonies, read_pairs
from shared.records.trend_queries import (
    MAX_WEEKS,
    TrendQuery,
    check,
    check_period,
    monday,
    parse_dimensions,
    sources_of_market,
)
from shared.trend_figures import TrendTable

router = APIRouter(prefix="/v1/trends", tags=["trends"], responses=ERRORS)

Word = Annotated[str | None, Query(max_length=32)]
Source = Annotated[str | None, Query(max_length=64, description="only looks of this source")]
Stage = Literal["emerging", "rising", "peak", "falling", "steady", "seasonal"]


def _cut(
    gateway: Here,
    *,
    weeks: Annotated[int, Query(ge=1, le=MAX_WEEKS, description="weeks of the window")] = 12,
    since: Annotated[date | None, Query(description="instead of `weeks`: first day")] = None,
    until: Annotated[date | None, Query(description="last day; unset: today")] = None,
    item: Word = None,
    color: Word = None,
    style: Word = None,
    source: Source = None,
    market: Annotated[str | None, Query(max_length=32, description="of MAPSI_MARKETS")] = None,
) -> TrendQuery:
    check_period(since, until)
    return TrendQuery(
        weeks=weeks,
        since=since,
        until=until,
        item=check("item", item),
        color=check("color", color),
        style=check("style", style),
        source=source,
        sources=_market(gateway, market),
    )


Cut = Annotated[TrendQuery, Depends(_cut)]


def _query(
    cut: Cut,
    *,
    by: Annotated[
        str,
        Query(
            max_length=80,
            description="item, family, color, pattern, style, source: any, with commas",
        ),
    ] = "item,color",
    pattern: Word = None,
    stage: Annotated[Stage | None, Query(description="only rows in this stage")] = None,
) -> TrendQuery:
    fields = vars(cut) | {"by": parse_dimensions(by), "stage": stage}
    return TrendQuery(**fields | {"pattern": check("pattern", pattern)})


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
    """Rank what is worn: looks by week, shares, growth, and the stage each row is in."""
    table = read_table(gateway, query)
    return reply(request, trend_view(table, query, language=language, cursor=cursor, limit=limit))


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


@router.get("/pairs", response_model=PairsView)
def get_pairs(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    cut: Cut,
    of: Annotated[Literal["item", "item,color"], Query(description="pairs of what")] = "item",
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """Tell what is worn with what: lift, with its support and interval, strongest first.

    Pairs are not counted by style: a `style` is refused.
    """
    if cut.style:
        raise UsageError(
            "style: pairs are not counted by style; leave it out",
            text_ko="style: 함께 입은 옷은 스타일별로 세지 않습니다. style을 빼 주세요",
            reason="no_pairs_by_style",
        )
    with gateway.database.reading() as session:
        table = read_pairs(session, cut, colored=of == "item,color", today=today())
    return reply(request, pairs_view(table, language=language, cursor=cursor, limit=limit))


@router.get("/harmonies", response_model=HarmoniesView)
def get_harmonies(
    request: Request, caller: By, gateway: Here, language: Spoken, *, cut: Cut
) -> Response:
    """Tell how the colours of looks go together, by week."""
    with gateway.database.reading() as session:
        table = read_harmonies(session, cut, today=today())
    return reply(request, harmonies_view(table, language=language))


@router.get("/photos", response_model=EvidencePage)
def get_evidence(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    cut: Cut,
    week: Annotated[date | None, Query(description="a day of the week; unset: a period")] = None,
    pattern: Word = None,
    shade: Annotated[
        str | None, Query(max_length=64, description="a colour's own name: dusty rose")
    ] = None,
    counted: Annotated[
        bool, Query(description="false: near-duplicates and looks over an author's cap, too")
    ] = True,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=50, description="photos a page")] = 20,
) -> Response:
    """Show the photos behind a number: garments with masks, models, posts and licences."""
    last = monday(week or cut.until or today())
    first = last if week else monday(cut.since) if cut.since else _back(last, cut.weeks)
    query = EvidenceQuery(
        first=first, last=last, item=cut.item, color=cut.color, shade=shade,
        pattern=check("pattern", pattern), style=cut.style, source=cut.source,
        sources=cut.sources, counted=counted,
    )  # fmt: skip
    page = evidence_page(gateway, caller, query, language=language, cursor=cursor, limit=limit)
    return reply(request, page)


def read_table(gateway: Gateway, query: TrendQuery) -> TrendTable:
    """Return the trend table as of today."""
    with gateway.database.reading() as session:
        return gateway.trends.read(session, query, today=today())


def _market(gateway: Gateway, market: str | None) -> tuple[str, ...] | None:
    if market is None:
        return None
    with gateway.database.reading() as session:
        return sources_of_market(session, gateway.context.settings.markets, market)


def today() -> date:
    """Return the day it is, in UTC."""
    return datetime.now(UTC).date()


def _back(last: date, weeks: int) -> date:
    return date.fromordinal(last.toordinal() - 7 * (weeks - 1))

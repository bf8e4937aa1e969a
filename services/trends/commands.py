"""The ``mapsi trends`` command."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from sqlalchemy import make_url

from services.trends import recount as recounting
from services.trends.empty import Advice, explain, nothing_ingested
from services.trends.export import export_table
from services.trends.settings import TrendsSettings
from services.trends.table import as_json, draw, draw_differences, heading, legend, say
from shared.analytics.movement import STAGES
from shared.records import open_database, upgrade
from shared.records.trend_queries import (
    MAX_WEEKS,
    TrendQuery,
    check,
    parse_dimensions,
    sources_of_market,
)
from shared.records.trend_reader import read_trends
from shared.settings import Settings, read
from shared.trend_figures import TrendTable

TOP = 20


@click.command()
@click.option(
    "--weeks",
    type=click.IntRange(1, MAX_WEEKS),
    default=12,
    show_default=True,
    help="Weeks shown; they end with the last one that has looks. 표시할 주 수.",
)
@click.option(
    "--by",
    "dimensions",
    default="item,color",
    show_default=True,
    help="One or more of item, family, color, pattern, style, source. 집계 기준.",
)
@click.option("--item", help="Only rows of this item or family. 아이템 하나만.")
@click.option("--color", help="Only rows of this basic colour. 색 하나만.")
@click.option("--pattern", help="Only rows of this pattern. 무늬 하나만.")
@click.option("--style", help="Only looks of this style. 스타일 하나만.")
@click.option("--source", help="Only looks of this source. 출처 하나만.")
@click.option("--market", help="Only looks of this market (MAPSI_MARKETS). 시장 하나만.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day. 마지막 날.")
@click.option("--stage", type=click.Choice(STAGES), help="Only rows in this stage. 단계 하나만.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help=f"Rows shown; {TOP} in the table, all in JSON. 표시할 줄 수.",
)
@click.option("--json", "wants_json", is_flag=True, help="One JSON object. JSON으로 출력.")
@click.option(
    "--export",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all rows to a .csv, .parquet or .xlsx file. 파일로 저장.",
)
@click.option(
    "--recount",
    "wants_recount",
    is_flag=True,
    help="Count all again from the facts and repair what differs. 다시 집계.",
)
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
def trends(
    *, weeks: int, dimensions: str, item: str | None, color: str | None, pattern: str | None,
    style: str | None, source: str | None, market: str | None, until: datetime | None,
    stage: str | None, top: int | None, wants_json: bool, file: Path | None, wants_recount: bool,
    lang: str | None,
) -> None:  # fmt: skip
    """Show weekly looks by item and colour: share, growth, stage. 주별 아이템·색 트렌드."""
    query = TrendQuery(
        by=parse_dimensions(dimensions),
        weeks=weeks,
        item=check("item", item),
        color=check("color", color),
        pattern=check("pattern", pattern),
        style=check("style", style),
        source=source,
        until=until.date() if until else None,
        stage=stage,
    )
    settings = read(Settings)
    language = lang or settings.language
    if wants_recount:
        _recount(settings, language)
        return
    table, advice = _look_up(settings, query, market=market)
    if file:
        number = export_table(table, file, language)
        click.echo(say("exported", language, path=file, number=number))
    elif wants_json:
        click.echo(as_json(table, query, top=top))
    elif table.rows:
        _print(table, top=top or TOP, language=language)
    if advice:
        click.echo(advice.in_language(language), err=wants_json)


def _look_up(
    settings: Settings, query: TrendQuery, *, market: str | None
) -> tuple[TrendTable, Advice | None]:
    """Return the table, and what to do next where it is empty."""
    empty = TrendTable(by=query.by, weeks=(), totals=(), running=False, rows=())
    place = _place(settings)
    if not _exists(settings):
        return empty, nothing_ingested(place)
    with closing(open_database(settings.database)) as database, database.reading() as session:
        query = replace(query, sources=sources_of_market(session, settings.markets, market))
        table = read_trends(session, query, today=datetime.now(UTC).date())
        return table, None if table.rows else explain(session, query, place=place)


def _recount(settings: Settings, language: str) -> None:
    if not _exists(settings):
        click.echo(nothing_ingested(_place(settings)).in_language(language))
        return
    upgrade(settings.database)
    cap = read(TrendsSettings).author_cap
    with closing(open_database(settings.database)) as database:
        differences = recounting.recount(database, author_cap=cap)
    if differences:
        _console().print(draw_differences(differences, top=TOP, language=language))
    click.echo(say("repaired" if differences else "equal", language, number=len(differences)))


def _exists(settings: Settings) -> bool:
    """A command that only reads makes no new SQLite file where there is none."""
    url = make_url(settings.database)
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).is_file()


def _place(settings: Settings) -> str:
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        return str(Path(str(url.database)).parent)
    return url.render_as_string(hide_password=True)


def _print(table: TrendTable, *, top: int, language: str) -> None:
    console = _console()
    console.print(heading(table, language))
    console.print(draw(table, top=top, language=language))
    console.print(legend(table, top=top, language=language))


def _console() -> Console:
    # A pipe has no width: rows must not be cut at a terminal's 80 columns there.
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)

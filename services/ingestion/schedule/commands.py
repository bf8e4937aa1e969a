"""``mapsi sources``: add, list, pause, resume, remove, plan and run scheduled sources."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.ingestion.author_key import author_key
from services.ingestion.console import data_option, lang_option, open_stores, settings_for
from services.ingestion.intake import Intake
from services.ingestion.report import say
from services.ingestion.runs import Run, fetch_photo
from services.ingestion.schedule import hashtag_plan, rounds
from services.ingestion.schedule.report import (
    Outlook,
    as_dict,
    as_lines,
    outlook_dict,
    outlook_lines,
    tell,
)
from services.ingestion.schedule.rounds import Desk
from services.ingestion.settings import IngestionSettings
from services.ingestion.sources.robots import Robots
from shared.bus import Context
from shared.errors import MapsiError, UsageError
from shared.records import Database
from shared.records.source_book import (
    add_source,
    find_source,
    list_sources,
    pause_source,
    remove_source,
    resume_source,
)
from shared.records.sources import ScheduledSource, SourceCursor
from shared.settings import read
from shared.source_kinds import KINDS, SourceSpec

_name = click.argument("name", metavar="NAME")
_json = click.option("--json", "wants_json", is_flag=True, help="JSON lines. JSON으로 출력.")


@click.group()
def sources() -> None:
    """Read hashtags and feeds on a schedule. 해시태그와 피드를 주기적으로 읽습니다."""


@sources.command("list")
@_json
@data_option
@lang_option
def list_all(*, wants_json: bool, data: Path | None, lang: str | None) -> None:
    """Show every source: its state, its figures, its trouble and the fix. 출처 목록."""
    with _reading(data, lang) as (session, language):
        known, now = list_sources(session), datetime.now(UTC)
        if not known and not wants_json:
            click.echo(tell("none", language))
        for source in known:
            for line in _lines(source, language, now=now, wants_json=wants_json):
                click.echo(line)


@sources.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@_name
@click.option("--url", help="The instance or the feed. 인스턴스나 피드 주소.")
@click.option("--user-id", help="Instagram business account. 인스타그램 비즈니스 계정 ID.")
@click.option("--hashtag", "hashtags", multiple=True, help="Only these; repeat it. 이 해시태그만.")
@click.option("--every", type=int, metavar="MINUTES", help="How often. 확인 주기(분).")
@data_option
@lang_option
def add(
    *, kind: str, name: str, url: str | None, user_id: str | None, hashtags: tuple[str, ...],
    every: int | None, data: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Add a source; `mapsi sources terms` says what each kind needs and allows. 출처 추가."""
    spec = _spec(
        name=name, kind=kind, url=url, user_id=user_id, hashtags=hashtags or None,
        every_minutes=every,
    )  # fmt: skip
    with _writing(data, lang) as (session, language):
        add_source(session, spec, now=datetime.now(UTC))
        click.echo(tell("added", language, name=name))


@sources.command()
@_name
@data_option
@lang_option
def pause(*, name: str, data: Path | None, lang: str | None) -> None:
    """Let a source rest; the others go on. 출처 멈춤."""
    with _writing(data, lang) as (session, language):
        pause_source(session, name, now=datetime.now(UTC))
        click.echo(tell("paused", language, name=name))


@sources.command()
@_name
@data_option
@lang_option
def resume(*, name: str, data: Path | None, lang: str | None) -> None:
    """Let a paused source go on from where it was. 출처 다시 시작."""
    with _writing(data, lang) as (session, language):
        resume_source(session, name, now=datetime.now(UTC))
        click.echo(tell("resumed", language, name=name))


@sources.command()
@_name
@data_option
@lang_option
def remove(*, name: str, data: Path | None, lang: str | None) -> None:
    """Forget a source; the posts it brought stay. 출처 삭제(게시물은 남음)."""
    with _writing(data, lang) as (session, language):
        remove_source(session, name)
        click.echo(tell("removed", language, name=name))


@sources.command()
@click.argument("name", metavar="[NAME]", required=False)
@_json
@data_option
@lang_option
def plan(*, name: str | None, wants_json: bool, data: Path | None, lang: str | None) -> None:
    """Say what each source will look at next, and what it will miss. 확인 계획과 놓칠 것."""
    with _reading(data, lang) as (session, language):
        for source in [find_source(session, name)] if name else list_sources(session):
            outlook = _outlook(session, source)
            if wants_json:
                click.echo(json.dumps(outlook_dict(outlook), ensure_ascii=False))
            else:
                click.echo("\n".join(outlook_lines(outlook, language)))


@sources.command()
@lang_option
def terms(*, lang: str | None) -> None:
    """Say what each kind needs, and what its owner allows. 종류별 준비물과 약관."""
    language = settings_for(None, lang).language
    for kind in KINDS.values():
        click.echo(f"{kind.name}: {kind.terms_ko if language == 'ko' else kind.terms}")


@sources.command()
@click.argument("names", metavar="[NAME…]", nargs=-1)
@_json
@data_option
@lang_option
def run(*, names: tuple[str, ...], wants_json: bool, data: Path | None, lang: str | None) -> None:
    """Look at sources now, whatever their schedule says; all unless some are named. 지금 확인.

    Exit code 1 when one of them had trouble.
    """
    settings = settings_for(data, lang)
    with open_stores(settings) as (context, database):
        with database.reading() as session:
            chosen = [find_source(session, name) for name in names] or list_sources(session)
            wanted = [source.name for source in chosen if names or source.paused_at is None]
        desk = open_desk(context, database)
        desk.run.check_broker()
        troubled = [name for name in wanted if look_now(desk, name, language=settings.language)]
        with database.reading() as session:
            now = datetime.now(UTC)
            for name in wanted:
                source = find_source(session, name)
                click.echo(
                    "\n".join(_lines(source, settings.language, now=now, wants_json=wants_json))
                )
    sys.exit(1 if troubled else 0)


def open_desk(
    context: Context, database: Database, *, fetch: Callable[[str], bytes] = fetch_photo
) -> Desk:
    """Return what the work on sources needs; ``fetch`` may stand in for the guarded one."""
    own, language = read(IngestionSettings), context.settings.language
    key = author_key(context.settings, own)
    intake = Intake(database, context.storage, own, key=key)

    def warn(error: MapsiError) -> None:
        click.echo(f"mapsi: {error.in_language(language)}; {say('later', language)}", err=True)

    return Desk(Run(context, database, intake, own, warn=warn), key, Robots(fetch))


def look_now(desk: Desk, name: str, *, language: str) -> bool:
    """Bring one source up to date; True where it had trouble.

    Where a process that died still holds it, its lease is waited for.
    """
    rounds.make_due(desk.database, name, now=datetime.now(UTC))
    told = False
    while True:
        source = rounds.claim(desk, name=name, now=datetime.now(UTC))
        if source is not None:
            return rounds.work_on(desk, source, until=lambda: False) is not None
        with desk.database.reading() as session:
            held = find_source(session, name)
        if held.paused_at is not None:
            return True
        if not told and held.leased_until is not None:
            told = True
            seconds = (held.leased_until - datetime.now(UTC)).total_seconds()
            click.echo(f"mapsi: {tell('held', language, name=name, seconds=seconds)}", err=True)
        time.sleep(0.2)


@contextmanager
def _reading(data: Path | None, lang: str | None) -> Iterator[tuple[Session, str]]:
    settings = settings_for(data, lang)
    with open_stores(settings) as (_, database), database.reading() as session:
        yield session, settings.language


@contextmanager
def _writing(data: Path | None, lang: str | None) -> Iterator[tuple[Session, str]]:
    settings = settings_for(data, lang)
    with open_stores(settings) as (_, database), database.transaction() as session:
        yield session, settings.language


def _spec(**given: Any) -> SourceSpec:
    try:
        return SourceSpec.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        text = f"{where}: {said}" if where else said
        raise UsageError(
            f"{text}; see `mapsi sources add --help`",
            text_ko=f"값이 올바르지 않습니다({text}). `mapsi sources add --help`를 보세요",
            reason="bad_source",
        ) from error


def _lines(
    source: ScheduledSource, language: str, *, now: datetime, wants_json: bool
) -> Sequence[str]:
    if wants_json:
        return [json.dumps(as_dict(source, now=now), ensure_ascii=False)]
    return list(as_lines(source, language, now=now))


def _outlook(session: Session, source: ScheduledSource) -> Outlook:
    settings, now = read(IngestionSettings), datetime.now(UTC)
    rationed = source.kind == "instagram"
    cursors = select(SourceCursor).where(SourceCursor.source == source.name)
    return Outlook(
        source=source,
        cursors=session.scalars(cursors.order_by(SourceCursor.hashtag)).all(),
        plan=hashtag_plan.plan_of(session, source, settings, now=now) if rationed else None,
    )

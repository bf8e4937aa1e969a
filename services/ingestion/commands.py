"""``mapsi ingest`` and ``mapsi retry``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.ingestion import reconciler
from services.ingestion.author_key import author_key
from services.ingestion.console import data_option, lang_option, open_stores, settings_for
from services.ingestion.intake import Intake
from services.ingestion.report import as_json, draw, say
from services.ingestion.runs import Report, Run, ingest_all
from services.ingestion.settings import IngestionSettings
from services.ingestion.waiting import wait_until_ended
from shared.bus import Context, publish
from shared.errors import MapsiError
from shared.records import Database
from shared.records.ingestion import Photo
from shared.settings import read


@click.command()
@click.argument("places", metavar="SOURCE…", nargs=-1, required=True)
@click.option("--source", help="What the posts come from (default: the SOURCE's name). 출처 이름.")
@click.option("--json", "wants_json", is_flag=True, help="One JSON object. JSON으로 출력.")
@click.option("--wait", is_flag=True, help="Wait until all is analysed. 분석이 끝날 때까지 대기.")
@data_option
@lang_option
def ingest(
    *, places: tuple[str, ...], source: str | None, wants_json: bool, wait: bool,
    data: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Take in photos: a folder, ZIP, photo, URL, list of URLs, CSV or JSONL manifest. 사진 넣기.

    Running it again takes in only what is new. 다시 실행하면 새것만 넣습니다.
    """
    settings = settings_for(data, lang)
    with open_stores(settings) as (context, database):
        report = _ingest(places, context, database, source=source)
        ended = _wait(report, database, settings.language) if wait else Counter[str]()
    if wants_json:
        click.echo(as_json(report, ended))
    else:
        _show(report, ended, places=places, language=settings.language)
    worked = ended["analyzed"] + ended["not_fashion"] if wait else report.taken
    sys.exit(0 if worked else 1)


@click.command()
@click.option("--photo", "photo_ids", multiple=True, metavar="ID", help="This photo. 이 사진만.")
@click.option("--buried", is_flag=True, help="Only photos that were given up. 포기한 사진만.")
@data_option
@lang_option
def retry(*, photo_ids: tuple[str, ...], buried: bool, data: Path | None, lang: str | None) -> None:
    """Try failed photos again: those that were given up, and those that failed. 다시 시도.

    Photos that are analysed or no fashion stay as they are. 분석이 끝난 사진은 그대로 둡니다.
    """
    settings = settings_for(data, lang)
    which = reconciler.BURIED if buried else reconciler.FAILED
    if photo_ids:
        which = Photo.photo_id.in_(photo_ids)
    with open_stores(settings) as (context, database):
        context.broker.ping()
        messages = reconciler.dig_up(database, which)
        for message in messages:
            publish(message, context)
    said = "retried" if messages else "no_retry"
    click.echo(say(said, settings.language, count=len(messages)))
    sys.exit(1 if photo_ids and not messages else 0)


def _ingest(
    places: tuple[str, ...], context: Context, database: Database, *, source: str | None
) -> Report:
    own, language = read(IngestionSettings), context.settings.language
    intake = Intake(database, context.storage, own, key=author_key(context.settings, own))
    run = Run(context, database, intake, own, warn=partial(_warn, language=language))
    run.check_broker()
    with _bar(say("taking", language)) as (counted, progress):
        ingest_all(places, run, source=source, counted=counted, progress=progress)
    return run.report


def _warn(error: MapsiError, *, language: str) -> None:
    click.echo(f"mapsi: {error.in_language(language)}; {say('later', language)}", err=True)


def _wait(report: Report, database: Database, language: str) -> Counter[str]:
    """Return how the photos of this run ended; none where nobody was told of them."""
    if report.unannounced is not None:
        return Counter()
    with _bar(say("waiting", language)) as (counted, progress):
        counted(len(report.photo_ids))
        return wait_until_ended(database, report.photo_ids, progress=progress)


def _show(report: Report, ended: Counter[str], *, places: tuple[str, ...], language: str) -> None:
    if not (report.taken or report.refused):
        click.echo(f"mapsi: {say('nothing', language, places=', '.join(places))}", err=True)
    console = Console(highlight=False)
    if not console.is_terminal:  # a pipe has no width to fit into
        console = Console(highlight=False, width=300)
    console.print(draw(report, ended, language=language))


@contextmanager
def _bar(what: str) -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """Show a progress bar on a terminal; yield how to tell it the total, and the steps."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda total: bar.update(task, total=total), lambda done: bar.advance(task, done)

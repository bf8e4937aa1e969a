"""``mapsi ingest`` and ``mapsi retry``."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.ingestion import reanalysis
from services.ingestion.author_key import author_key
from services.ingestion.console import data_option, lang_option, open_stores, settings_for
from services.ingestion.intake import Intake
from services.ingestion.reanalysis import Which
from services.ingestion.report import as_json, draw, say
from services.ingestion.runs import Report, Run, ingest_all
from services.ingestion.settings import IngestionSettings
from services.ingestion.shop.command import as_json as as_shop_json
from services.ingestion.shop.command import check_shop, read_shop
from services.ingestion.shop.command import show as show_shop
from services.ingestion.shop.seeing import see_items
from services.ingestion.waiting import wait_until_ended
from services.registry import models_in_use
from shared.bus import Context, publish
from shared.errors import MapsiError, UsageError
from shared.records import Database
from shared.records.ingestion import Photo
from shared.records.photo_ledger import BURIED, FAILED, dig_up
from shared.settings import Settings, read


@click.command()
@click.argument("places", metavar="SOURCE…", nargs=-1)
@click.option("--source", help="What the posts come from (default: the SOURCE's name). 출처 이름.")
@click.option(
    "--shop",
    metavar="NAME",
    help="SOURCE is that shop's product feed: a file, folder or address. 상점 상품 피드.",
)
@click.option("--reanalyze", is_flag=True,
              help="Instead: analyse anew what other models than today's have analysed; "
              "--source takes one source's. 새 모델로 다시 분석.")  # fmt: skip
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]),
              help="With --reanalyze: posts since that day (UTC). 이 날짜 이후만.")  # fmt: skip
@click.option("--all", "same_models_too", is_flag=True,
              help="With --reanalyze: what today's models analysed too. With --shop: items are "
              "gone, however many the feed lists no more. 모두.")  # fmt: skip
@click.option("--json", "wants_json", is_flag=True, help="One JSON object. JSON으로 출력.")
@click.option("--wait", is_flag=True, help="Wait until all is analysed. 분석이 끝날 때까지 대기.")
@data_option
@lang_option
def ingest(
    *, places: tuple[str, ...], source: str | None, shop: str | None, reanalyze: bool,
    since: datetime | None, same_models_too: bool, wants_json: bool, wait: bool,
    data: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Take in photos: a folder, ZIP, photo, URL, list of URLs, CSV or JSONL manifest. 사진 넣기.

    Running it again takes in only what is new. 다시 실행하면 새것만 넣습니다.
    """
    only_anew = since is not None or (same_models_too and shop is None)
    _check_usage(places, reanalyze=reanalyze, only_anew=only_anew)
    settings = settings_for(data, lang)
    if shop is not None:
        check_shop(places, shop)
        _ingest_shop(
            settings, places[0], shop, everything=same_models_too, wait=wait, wants_json=wants_json
        )
        return
    if reanalyze:
        which = Which(
            models_in_use(settings), source=source, same_models_too=same_models_too,
            since=since.replace(tzinfo=UTC) if since else None,
        )  # fmt: skip
        _reanalyze(settings, which, wait=wait, wants_json=wants_json)
        return
    with open_stores(settings) as (context, database):
        report = _ingest(places, context, database, source=source)
        # Where the broker was away nobody was told of the photos: there is nothing to wait for.
        waits = wait and report.unannounced is None
        photo_ids = [*report.photo_ids]
        ended = _wait(photo_ids, database, settings.language) if waits else Counter[str]()
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
    which = BURIED if buried else FAILED
    if photo_ids:
        which = Photo.photo_id.in_(photo_ids)
    with open_stores(settings) as (context, database):
        context.broker.ping()
        messages = dig_up(database, which)
        for message in messages:
            publish(message, context)
    said = "retried" if messages else "no_retry"
    click.echo(say(said, settings.language, count=len(messages)))
    sys.exit(1 if photo_ids and not messages else 0)


def _ingest_shop(
    settings: Settings, place: str, shop: str, *, everything: bool, wait: bool, wants_json: bool
) -> None:
    language = settings.language
    with open_stores(settings) as (context, database):
        run = _run(context, database)
        with _bar(say("taking", language)) as (_, progress):
            reading = read_shop(place, shop, run, even_if_mostly_gone=everything, progress=progress)
        ended = Counter[str]()
        if wait and run.report.unannounced is None:
            ended = _wait([*run.report.photo_ids], database, language)
            see_items(database, context.storage)
    if wants_json:
        click.echo(as_shop_json(reading, run, ended))
    else:
        show_shop(reading, run, ended, language=language)
    taken = sum(reading.outcomes[name] for name in ("added", "changed", "unchanged", "gone"))
    sys.exit(0 if taken and reading.trouble is None else 1)


def _run(context: Context, database: Database) -> Run:
    own, language = read(IngestionSettings), context.settings.language
    intake = Intake(database, context.storage, own, key=author_key(context.settings, own))
    run = Run(context, database, intake, own, warn=partial(_warn, language=language))
    run.check_broker()
    return run


def _ingest(
    places: tuple[str, ...], context: Context, database: Database, *, source: str | None
) -> Report:
    run = _run(context, database)
    with _bar(say("taking", context.settings.language)) as (counted, progress):
        ingest_all(places, run, source=source, counted=counted, progress=progress)
    return run.report


def _check_usage(places: tuple[str, ...], *, reanalyze: bool, only_anew: bool) -> None:
    if reanalyze and places:
        raise UsageError(
            "--reanalyze takes no SOURCE: it is about photos that are here",
            text_ko="--reanalyze는 이미 있는 사진을 다시 분석하므로 SOURCE를 받지 않습니다",
        )
    if not (reanalyze or places):
        raise UsageError(
            "name a SOURCE, or --reanalyze",
            text_ko="SOURCE를 지정하거나 --reanalyze를 쓰세요",
        )
    if only_anew and not reanalyze:
        raise UsageError(
            "--since and --all belong to --reanalyze",
            text_ko="--since와 --all은 --reanalyze와 함께 씁니다",
        )


def _reanalyze(settings: Settings, which: Which, *, wait: bool, wants_json: bool) -> None:
    language = settings.language
    with open_stores(settings) as (context, database):
        context.broker.ping()
        photo_ids = reanalysis.due(database, which)
        with _bar(say("anew", language)) as (counted, progress):
            counted(len(photo_ids))
            for number in reanalysis.ask_anew(database, context, photo_ids):
                progress(number)
        ended = _wait(photo_ids, database, language) if wait else Counter[str]()
    if wants_json:
        click.echo(json.dumps({"reanalyzed": len(photo_ids), **ended}))
    else:
        click.echo(say("asked" if photo_ids else "up_to_date", language, count=len(photo_ids)))
        for outcome, count in ended.items():
            click.echo(f"  {say(outcome, language)}: {count:,}")


def _warn(error: MapsiError, *, language: str) -> None:
    click.echo(f"mapsi: {error.in_language(language)}; {say('later', language)}", err=True)


def _wait(photo_ids: Sequence[str], database: Database, language: str) -> Counter[str]:
    """Return how the photos ended."""
    with _bar(say("waiting", language)) as (counted, progress):
        counted(len(photo_ids))
        return wait_until_ended(database, photo_ids, progress=progress)


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

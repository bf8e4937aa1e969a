"""``mapsi delete``: posts, with their photos and all that was made and counted of them, for good.

It does itself what the workers do for ``POST /v1/deletions``, and needs none of them to run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.gateway.forgetting import forget_deleted
from services.ingestion.author_key import author_key
from services.ingestion.console import data_option, lang_option, open_stores, settings_for
from services.ingestion.deletion.orders import close, open_order, pending
from services.ingestion.deletion.steps import delete_some
from services.ingestion.deletion.targets import Kind, find_known, plain_target
from services.ingestion.settings import IngestionSettings
from services.trends.forgetting import forget_withdrawn
from services.trends.parquet import export_facts
from services.trends.settings import TrendsSettings
from shared.bus import Context
from shared.records import Database
from shared.records.deletion import Deletion
from shared.settings import read

_TEXTS: Final = {
    "found": (
        "This deletes {posts:,} posts and {photos:,} photos with their masks, analyses and "
        "counts. They cannot be brought back and are not taken in again.",
        "게시물 {posts:,}개와 사진 {photos:,}장을 마스크, 분석, 집계와 함께 삭제합니다. "
        "되돌릴 수 없고 다시 들어오지 않습니다.",
    ),
    "sure": ("Delete them?", "삭제할까요?"),
    "kept": ("Nothing was deleted.", "아무것도 삭제하지 않았습니다."),
    "deleting": ("Deleting posts", "게시물 삭제 중"),
    "done": (
        "Deleted: {posts:,} posts and {photos:,} photos (order {order}).",
        "삭제 완료: 게시물 {posts:,}개, 사진 {photos:,}장 (요청 {order}).",
    ),
}


@click.command()
@click.argument("kind", type=click.Choice(["post", "author", "source"]))
@click.argument("target")
@click.option("--dry-run", is_flag=True, help="Only count. 개수만 확인.")
@click.option("--yes", is_flag=True, help="Do not ask. 확인 없이 실행.")
@click.option(
    "--json", "wants_json", is_flag=True, help="One JSON object; with --yes or --dry-run. JSON."
)
@data_option
@lang_option
def delete(
    *, kind: Kind, target: str, dry_run: bool, yes: bool, wants_json: bool, data: Path | None,
    lang: str | None,
) -> None:  # fmt: skip
    """Delete the posts of TARGET for good, and the photos that are left without one. 영구 삭제.

    post: its address or id, or a photo's id. author: the name as the source writes it, or
    pseudonym:HEX. source: its name. Cut off, it goes on when it is run again.
    post: 주소나 ID, 또는 사진 ID. author: 출처에 적힌 이름. source: 출처 이름.
    중단되면 다시 실행해 이어 갑니다.
    """
    if wants_json and not (yes or dry_run):
        raise click.UsageError("--json asks nothing: add --yes or --dry-run")
    settings = settings_for(data, lang)
    with open_stores(settings) as (context, database):
        key = author_key(settings, read(IngestionSettings))
        plain = plain_target(kind, target, key=key)
        with database.reading() as session:
            found = find_known(session, kind, plain, asked=target)
        figures = {"posts": found.posts, "photos": found.photos}
        if not wants_json:
            click.echo(_say("found", settings.language, **figures))
        if dry_run:
            _print(figures | {"deleted": False}, wants_json)
            return
        if not (yes or click.confirm(_say("sure", settings.language))):
            click.echo(_say("kept", settings.language))
            sys.exit(1)
        order = delete_all(context, database, kind=kind, target=plain, say=settings.language)
    done = {"posts": order.posts, "photos": order.photos, "order": order.deletion_id}
    _print(done | {"deleted": True}, wants_json)
    if not wants_json:
        click.echo(_say("done", settings.language, **done))


def delete_all(
    context: Context, database: Database, *, kind: Kind, target: str, say: str
) -> Deletion:
    """Carry an order for a plain target out to its end and return it.

    Raises RetryableError where the database or the store is away; a later call goes on.
    """
    with database.transaction() as session:
        order = open_order(session, kind, target, by="cli", state="running")
    with _bar(_say("deleting", say), order.posts_found) as progress:
        while delete_some(database, context.storage, order.deletion_id):
            progress(_posts(database, order.deletion_id))
        progress(_posts(database, order.deletion_id))
    settings = read(TrendsSettings)
    while left := pending(database, order.deletion_id):
        forget_withdrawn(database, context.storage, left, author_cap=settings.author_cap)
    if settings.parquet:
        export_facts(database, context.storage)
    forget_deleted(database, context.storage, since=order.created_at)
    close(database, order.deletion_id)
    with database.reading() as session:
        return session.get_one(Deletion, order.deletion_id)


def _posts(database: Database, deletion_id: str) -> int:
    with database.reading() as session:
        return session.get_one(Deletion, deletion_id).posts


def _say(text: str, language: str, **values: object) -> str:
    english, korean = _TEXTS[text]
    return (korean if language == "ko" else english).format(**values)


def _print(figures: dict[str, object], wants_json: bool) -> None:
    if wants_json:
        click.echo(json.dumps(figures))


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)

"""``mapsi backup`` and ``mapsi restore``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from services.backup.form import Manifest, folder_of, read_manifest, whole_backups
from services.backup.making import Source, Tell, drop_old, figures, make_backup
from services.backup.restoring import check_backup, restore
from services.backup.settings import BackupSettings
from services.ingestion.console import data_option, lang_option, settings_for
from shared.backup_mark import note_backup
from shared.errors import UsageError
from shared.logging import configure
from shared.records import open_database
from shared.settings import Settings, read
from shared.storage import ObjectStore, open_storage, open_url

_SAID: Final = {
    "tables": ("Tables", "테이블"),
    "objects": ("Objects", "객체"),
    "made": (
        "Backup {name}: {rows:,} rows of {tables} tables, {objects:,} objects ({size}).",
        "백업 {name}: 테이블 {tables}개 {rows:,}행, 객체 {objects:,}개({size}).",
    ),
    "dropped": ("{count} older backups were deleted.", "오래된 백업 {count}개를 삭제했습니다."),
    "none": ("There is no whole backup there.", "온전한 백업이 없습니다."),
    "sound": ("Backup {name} is whole: every hash fits.", "백업 {name}: 해시가 모두 맞습니다."),
    "restored": (
        "Restored {name}: {rows:,} rows, {objects:,} objects. Start the processes; then "
        "`mapsi trends --recount` counts all anew and should find nothing to repair.",
        "복구 완료 {name}: {rows:,}행, 객체 {objects:,}개. 프로세스를 시작한 뒤 "
        "`mapsi trends --recount`로 다시 세어 고칠 것이 없는지 확인하세요.",
    ),
}


@click.command()
@click.option("--to", "place", metavar="PLACE", help="A folder, or s3://host/bucket. 백업 위치.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N",
              help="Then delete all but the newest N. 최근 N개만 남김.")  # fmt: skip
@click.option("--tables-only", is_flag=True,
              help="Leave the objects out: they are copied otherwise. 테이블만.")  # fmt: skip
@click.option("--list", "only_list", is_flag=True, help="Name the backups there are. 목록.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a backup. JSON으로 출력.")
@data_option
@lang_option
def backup(
    *, place: str | None, keep: int | None, tables_only: bool, only_list: bool, as_json: bool,
    data: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Save tables and objects while everything runs. 실행 중에도 전체를 백업합니다.

    What an earlier backup holds already is not stored twice. What waits in the queue is not in it:
    the ledger announces it anew. Nor are keys that are given as settings.
    """
    settings = settings_for(data, lang)
    configure(settings)
    target = _place(place, settings)
    if only_list:
        _list(target, settings.language, as_json=as_json)
        return
    with _source(settings) as source, _bars(settings.language) as tell:
        made = make_backup(source, target, tell=tell, with_objects=not tables_only)
        dropped = drop_old(target, keep=keep) if keep else 0
        note_backup(source.storage, datetime.now(UTC))
    _say("made", settings.language, made, as_json=as_json)
    if dropped and not as_json:
        click.echo(_text("dropped", settings.language).format(count=dropped))


@click.command("restore")
@click.option("--from", "place", metavar="PLACE", help="A folder, or s3://host/bucket. 백업 위치.")
@click.option("--which", metavar="NAME", help="A backup's name; default: the newest. 백업 이름.")
@click.option("--check", "only_check", is_flag=True,
              help="Only read it and compare every hash. 검사만.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object. JSON으로 출력.")
@data_option
@lang_option
def restore_command(
    *, place: str | None, which: str | None, only_check: bool, as_json: bool, data: Path | None,
    lang: str | None,
) -> None:  # fmt: skip
    """Bring a backup back into an empty installation. 빈 환경에 백업을 복구합니다.

    The database may be another one than before: SQLite's backup fits PostgreSQL, and the reverse.
    Start no process before it is done. Cut off, run it again.
    """
    settings = settings_for(data, lang)
    configure(settings)
    target = _place(place, settings)
    names = whole_backups(target)
    if not (which or names):
        raise UsageError(
            "there is no whole backup there; check --from",
            text_ko="온전한 백업이 없습니다. --from을 확인하세요",
            reason="no_backup",
        )
    manifest = read_manifest(target, which or names[-1])
    with _bars(settings.language) as tell:
        if only_check:
            check_backup(target, manifest, tell=tell)
        else:
            with _source(settings) as into:
                restore(manifest, target, into, tell=tell)
    _say("sound" if only_check else "restored", settings.language, manifest, as_json=as_json)


@contextmanager
def _source(settings: Settings) -> Iterator[Source]:
    with closing(open_database(settings.database)) as database:
        yield Source(database, open_storage(settings), settings.data_dir / "author.key")


def _place(place: str | None, settings: Settings) -> ObjectStore:
    """Open where backups lie: the option, else the setting."""
    own = read(BackupSettings)
    url = place or own.url
    if not url:
        raise UsageError(
            "where to? name a folder or s3://host/bucket, here or by MAPSI_BACKUP_URL",
            text_ko="백업 위치를 지정하세요: 폴더나 s3://host/bucket, 또는 MAPSI_BACKUP_URL",
            reason="no_place",
        )
    if "://" not in url:
        url = Path(url).resolve().as_uri()
    if url.rstrip("/") == settings.storage.rstrip("/"):
        raise UsageError(
            "a backup beside what it saves is lost with it; name another folder or bucket",
            text_ko="원본과 같은 곳에 백업하면 함께 잃습니다. 다른 폴더나 버킷을 지정하세요",
            reason="same_place",
        )
    secret = own.secret_key or settings.storage_secret_key
    return open_url(
        url,
        access_key=own.access_key or settings.storage_access_key,
        secret_key=secret.get_secret_value() if secret else None,
        named="the backup's place",
    )


def _list(target: ObjectStore, language: str, *, as_json: bool) -> None:
    names = whole_backups(target)
    for name in names:
        _say("made", language, read_manifest(target, name), as_json=as_json)
    if not names and not as_json:
        click.echo(_text("none", language))


def _say(what: str, language: str, manifest: Manifest, *, as_json: bool) -> None:
    found = {"name": folder_of(manifest.made_at), **figures(manifest)}
    if as_json:
        click.echo(json.dumps(found | {"version": manifest.version}))
        return
    size = f"{manifest.object_bytes / 1e6:,.1f} MB"
    click.echo(_text(what, language).format(size=size, **found))


def _text(what: str, language: str) -> str:
    return _SAID[what][language == "ko"]


@contextmanager
def _bars(language: str) -> Iterator[Tell]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bars = {
            what: progress.add_task(_text(what, language), total=None)
            for what in ("objects", "tables")
        }
        yield lambda what, done, of: progress.update(bars[what], completed=done, total=of)

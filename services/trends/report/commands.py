"""The ``mapsi report`` command."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click
from sqlalchemy import make_url

from services.trends.report.digest import EMPTY, Digest, gather
from services.trends.report.page import render
from services.trends.report.weekly import WEEKS
from shared.errors import MapsiError
from shared.records import open_database
from shared.settings import Settings, read

MAX_WEEKS: Final = 104


@click.command("report")
@click.option("--weeks", type=click.IntRange(2, MAX_WEEKS), default=WEEKS, show_default=True,
              help="Whole weeks that it tells of. 다룰 주 수.")  # fmt: skip
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
@click.option("--format", "form", type=click.Choice(["html", "md"]), default="html",
              show_default=True, help="A page, or Markdown. 형식.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder to write it to; else standard output. 저장할 폴더.")  # fmt: skip
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]),
              help="As of this day. 기준 날짜.")  # fmt: skip
def report(
    *, weeks: int, lang: str | None, form: str, out: Path | None, until: datetime | None
) -> None:
    """Tell what the last weeks brought: rises, falls, colours, forecast. 주간 트렌드 보고서."""
    settings = read(Settings)
    language = lang or settings.language
    today = datetime.now(UTC).date()
    digest = _gather(settings, weeks=weeks, today=until.date() if until else today)
    text = render(digest, language=language, form=form, day=today)
    if out is None:
        click.echo(text, nl=False)
        return
    path = out / file_name(digest, language=language, form=form, today=today)
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MapsiError(
            f"{path}: cannot be written ({error.strerror}); name another folder with --out",
            text_ko=f"{path}: 쓸 수 없습니다({error.strerror}). --out에 다른 폴더를 지정하세요",
            reason="not_written",
        ) from error
    click.echo(path)


def file_name(digest: Digest, *, language: str, form: str, today: date) -> str:
    """Return ``mapsi-2026-02-16.ko.html``, by the report's last week."""
    last = digest.weeks[-1] if digest.weeks else today
    return f"mapsi-{last}.{language}.{form}"


def _gather(settings: Settings, *, weeks: int, today: date) -> Digest:
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        return EMPTY  # a command that only reads makes no new SQLite file
    with closing(open_database(settings.database)) as database, database.reading() as session:
        return gather(session, weeks=weeks, today=today)

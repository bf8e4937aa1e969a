"""``mapsi migrate``: bring the database's tables to this version, before its processes start."""

from __future__ import annotations

import time

import click

from shared.errors import RetryableError
from shared.records.schema import revision, upgrade
from shared.settings import Settings, read

_SAID = {
    "en": "the tables are of version {}",
    "ko": "테이블 버전은 {}입니다",
}


@click.command()
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a database that does not answer yet.",
)
def migrate(wait: float) -> None:
    """Make or alter the database's tables; nothing to do is fine, and several may run at once.

    The other processes then need no right to alter tables. What a later version made is left.
    """
    settings = read(Settings)
    until = time.monotonic() + wait
    while True:
        try:
            upgrade(settings.database)
            break
        except RetryableError:
            if time.monotonic() > until:
                raise
        time.sleep(1.0)
    click.echo(_SAID[settings.language].format(revision(settings.database)))

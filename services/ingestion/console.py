"""What the commands of ingestion share: their options, and the stores they open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from shared.bus import Context, connect
from shared.logging import configure
from shared.records import Database, open_database, upgrade
from shared.settings import Settings, read

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of `mapsi up` (default: MAPSI_DATA_DIR, else ./mapsi-data). 데이터 폴더.",
)
lang_option = click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")


def settings_for(data: Path | None, lang: str | None) -> Settings:
    """Return the settings under the options of one command."""
    settings = read(Settings)
    given = {"data_dir": data or settings.data_dir, "lang": lang or settings.lang}
    # The report says what went wrong, once; log lines would only tear the progress bar.
    quiet = {"log_level": "critical", "log_format": "text"}
    return settings.model_copy(update=given | quiet)


@contextmanager
def open_stores(settings: Settings) -> Iterator[tuple[Context, Database]]:
    """Open what a command works with; the database is brought to this version."""
    configure(settings)
    upgrade(settings.database)
    with closing(open_database(settings.database)) as database:
        yield connect(settings), database

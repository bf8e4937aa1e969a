"""Which version a database's tables are of, and Alembic's migrations between versions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from shared.records.database import Database, open_database

_MIGRATIONS = Path(__file__).with_name("migrations")


def newest_revision() -> str | None:
    """Return the version of the tables that this program makes."""
    return _scripts().get_current_head()


def known_revisions() -> frozenset[str]:
    """Return the versions of tables that this program can make and alter."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def revision_of(session: Session) -> str | None:
    """Return the version of a database's tables; None where there are none."""
    found: str | None = MigrationContext.configure(session.connection()).get_current_revision()
    return found


def revision(url: str) -> str | None:
    """``revision_of`` the database at a SQLAlchemy URL."""
    with closing(open_database(url)) as database, database.reading() as session:
        return revision_of(session)


def migrate(database: Database, session: Session, *, to: str = "head") -> None:
    """Bring the tables to the version ``to``, or back to it, as part of a transaction.

    No other process migrates until it ends.
    """
    database.alone(session, "mapsi-migrations")
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = session.connection()
    turn = command.downgrade if to == "base" else command.upgrade
    turn(config, to)


def upgrade(url: str) -> None:
    """Bring the schema to this version; one that a later version made is left as it is.

    Safe to call from several processes at once.
    """
    with closing(open_database(url)) as database, database.transaction() as session:
        database.alone(session, "mapsi-migrations")
        done = revision_of(session)
        # Where there is nothing to alter no right to do so is needed, and while a later version is
        # rolled out the processes of this one live on with its tables.
        if done == newest_revision() or (done is not None and done not in known_revisions()):
            return
        migrate(database, session)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_MIGRATIONS))

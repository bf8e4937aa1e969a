"""The schema that migrations make is the one the code works with, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import ModuleType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url, text

from shared.records import Database, every, open_database, upgrade
from shared.records.base import Base
from shared.records.schema import migrate, revision

pytestmark = pytest.mark.integration


def test_migrations_make_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(migration, Base.metadata) == []


def test_every_table_says_whose_it_is() -> None:
    owners = {mapper.class_.__module__ for mapper in Base.registry.mappers}
    known = {one.__name__ for one in vars(every).values() if isinstance(one, ModuleType)}
    assert owners == known


def test_an_upgraded_database_is_left_as_it_is(database_url: str) -> None:
    upgrade(database_url)
    upgrade(database_url)
    with closing(open_database(database_url)) as database:
        assert inspect(database.engine).has_table("cells")


def test_tables_of_a_later_version_are_left_as_they_are(database: Database) -> None:
    """While a version is rolled out, a process of the one before may start again."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    url = database.engine.url.render_as_string(hide_password=False)
    upgrade(url)
    assert revision(url) == "later"


def test_where_nothing_is_to_do_no_right_to_alter_tables_is_needed(
    postgres_database_url: str,
) -> None:
    upgrade(postgres_database_url)
    url = make_url(postgres_database_url)
    reader = f"reader_{url.database}"
    with closing(open_database(postgres_database_url)) as database:
        with database.engine.begin() as connection:
            connection.execute(text(f"CREATE ROLE {reader} LOGIN PASSWORD 'secret'"))
            connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}"))
        upgrade(url.set(username=reader, password="secret").render_as_string(hide_password=False))
        with database.engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {reader}"))
            connection.execute(text(f"DROP ROLE {reader}"))


def test_processes_that_start_together_upgrade_once(database_url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(upgrade, [database_url] * 6))
    with closing(open_database(database_url)) as database:
        assert inspect(database.engine).has_table("settlements")


def test_migrations_can_be_taken_back(database: Database) -> None:
    with database.transaction() as session:
        migrate(database, session, to="base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]

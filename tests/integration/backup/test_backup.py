"""Backups are whole, cheap after the first, and come back anywhere: nothing is lost with a disk."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.backup.form import ROOT, blob_key, listed, read_manifest, whole_backups
from services.backup.making import Source, drop_old, make_backup
from services.backup.restoring import check_backup, restore
from services.trends.recount import recount
from shared.errors import PermanentError, UsageError
from shared.records.ingestion import Refusal
from shared.storage import ObjectStore, open_url
from tests.integration.backup.conftest import Opens, in_silence, live, objects_of, rows_of
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, running_s3

pytestmark = pytest.mark.integration
MORNING = datetime(2026, 9, 28, 3, 0, tzinfo=UTC)


@pytest.fixture
def target(tmp_path: Path) -> ObjectStore:
    """Where backups go."""
    return open_url((tmp_path / "backups").as_uri())


@pytest.fixture
def elsewhere(opens: Opens, tmp_path: Path) -> Source:
    """An empty installation on one machine."""
    return opens(f"sqlite:///{tmp_path}/after/mapsi.db", "after")


@pytest.fixture
def in_a_cluster(opens: Opens, postgres_database_url: str) -> Source:
    """An empty installation on PostgreSQL."""
    return opens(postgres_database_url, "cluster")


@pytest.mark.parametrize("way", ["same", "to the cluster", "back from it"])
def test_everything_comes_back_on_whichever_database(
    request: pytest.FixtureRequest, target: ObjectStore, way: str
) -> None:
    """One machine's backup fits a cluster, and the reverse."""
    moved, into = {
        "same": ("lived_in", "elsewhere"),
        "to the cluster": ("lived_in", "in_a_cluster"),
        "back from it": ("in_a_cluster", "elsewhere"),
    }[way]
    source: Source = request.getfixturevalue(moved)
    if way == "back from it":
        live(source)
    after: Source = request.getfixturevalue(into)
    before = rows_of(source), objects_of(source)
    restore(make_backup(source, target, tell=in_silence), target, after, tell=in_silence)
    assert (rows_of(after), objects_of(after)) == before
    assert before[0]["facts"]
    assert after.author_key.read_text() == "5ec7e7"
    assert stat.S_IMODE(after.author_key.stat().st_mode) == 0o600
    assert recount(after.database, author_cap=3) == []


def test_work_goes_on_after_a_restore(
    lived_in: Source, target: ObjectStore, in_a_cluster: Source
) -> None:
    """Numbers that PostgreSQL gives itself go on after the highest that came back."""
    restore(make_backup(lived_in, target, tell=in_silence), target, in_a_cluster, tell=in_silence)
    with in_a_cluster.database.transaction() as session:
        late = Refusal(
            name="b.jpg", source="street", reason="r", text="t", text_ko="ㅌ", refused_at=MORNING
        )
        session.add(late)
        session.flush()
        assert late.refusal_id == 2


def test_a_second_backup_stores_only_what_is_new(lived_in: Source, target: ObjectStore) -> None:
    make_backup(lived_in, target, tell=in_silence, now=MORNING)
    first = set(target.list("blobs/"))
    lived_in.storage.put("photos/ab/ce/new.jpg", b"new", content_type="image/jpeg")
    lived_in.storage.put("reports/2026-03-02/ko.html", b"anew", content_type="text/html")
    later = make_backup(lived_in, target, tell=in_silence, now=MORNING + timedelta(days=1))
    assert len(set(target.list("blobs/")) - first) == 2
    assert later.object_count == len(objects_of(lived_in))


def test_old_backups_go_and_take_along_what_only_they_held(
    lived_in: Source, target: ObjectStore
) -> None:
    """What a person had deleted is gone from the backups too, once the old ones are."""
    for day in range(3):
        make_backup(lived_in, target, tell=in_silence, now=MORNING + timedelta(days=day))
        for key in sorted(lived_in.storage.list("photos/"))[:5]:
            lived_in.storage.delete(key)
    target.put(f"{ROOT}2026-09-01T00-00-00Z/tables/x.gz", b"cut off", content_type="x/y")
    assert drop_old(target, keep=1) == 3
    (left,) = whole_backups(target)
    held = {blob_key(digest) for _, digest, _ in listed(target, read_manifest(target, left))}
    assert set(target.list("blobs/")) == held
    check_backup(target, read_manifest(target, left), tell=in_silence)
    assert drop_old(target, keep=1) == 0


def test_an_installation_with_rows_is_not_written_over(
    lived_in: Source, target: ObjectStore
) -> None:
    manifest = make_backup(lived_in, target, tell=in_silence)
    before = rows_of(lived_in), objects_of(lived_in)
    lived_in.storage.delete("reports/2026-03-02/ko.html")
    with pytest.raises(UsageError, match="not empty"):
        restore(manifest, target, lived_in, tell=in_silence)
    assert rows_of(lived_in) == before[0]
    assert "reports/2026-03-02/ko.html" not in objects_of(lived_in)


def test_a_restore_that_was_cut_off_is_begun_again(
    lived_in: Source, target: ObjectStore, elsewhere: Source
) -> None:
    manifest = make_backup(lived_in, target, tell=in_silence)

    def stop_late(what: str, done: int, of: int) -> None:
        if what == "tables" and done == of - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(manifest, target, elsewhere, tell=stop_late)
    restore(manifest, target, elsewhere, tell=in_silence)
    assert rows_of(elsewhere) == rows_of(lived_in)


@pytest.mark.parametrize("what", ["blob", "table"])
def test_damage_is_found_and_named(lived_in: Source, target: ObjectStore, what: str) -> None:
    manifest = make_backup(lived_in, target, tell=in_silence)
    facts = next(table for table in manifest.tables if table.name == "facts")
    key = next(iter(target.list("blobs/"))) if what == "blob" else facts.parts[0].key
    target.put(key, b"rotten", content_type="x/y")
    with pytest.raises(PermanentError, match="damaged"):
        check_backup(target, manifest, tell=in_silence)


def test_a_backup_without_a_manifest_is_none(lived_in: Source, target: ObjectStore) -> None:
    def stop(what: str, done: int, of: int) -> None:
        if what == "objects":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_backup(lived_in, target, tell=stop)
    assert whole_backups(target) == []


def test_a_backup_of_an_earlier_version_is_brought_to_this_one(
    lived_in: Source, target: ObjectStore, elsewhere: Source
) -> None:
    """As written before the page had sessions: migration 0011 runs over the restored rows."""
    made = make_backup(lived_in, target, tell=in_silence)
    tables = tuple(table for table in made.tables if table.name != "page_sessions")
    older = made.model_copy(update={"revision": "0010", "tables": tables})
    restore(older, target, elsewhere, tell=in_silence)
    assert rows_of(elsewhere) == rows_of(lived_in)


def test_a_backup_of_a_later_version_is_refused(
    lived_in: Source, target: ObjectStore, elsewhere: Source
) -> None:
    made = make_backup(lived_in, target, tell=in_silence)
    later = made.model_copy(update={"revision": "9999", "version": "9.9"})
    with pytest.raises(UsageError, match=r"Mapsi 9\.9"):
        restore(later, target, elsewhere, tell=in_silence)


def test_rows_that_are_written_meanwhile_do_not_tear_the_tables(
    lived_in: Source, target: ObjectStore
) -> None:
    """The tables are one view: rows of a transaction are in all of them or in none."""

    def delete_all(what: str, done: int, of: int) -> None:
        if what == "tables" and done == 1:
            with lived_in.database.transaction() as session:
                session.execute(text("DELETE FROM facts"))
                session.execute(text("DELETE FROM settlements"))

    before = rows_of(lived_in)
    made = make_backup(lived_in, target, tell=delete_all)
    rows = {table.name: table.rows for table in made.tables}
    assert rows["facts"] == len(before["facts"])
    assert rows["settlements"] == len(before["settlements"])


def test_a_bucket_keeps_backups_too(
    lived_in: Source, elsewhere: Source, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_s3(tmp_path_factory.mktemp("s3")) as endpoint:
        url = f"s3://{endpoint}/mapsi-backups?secure=false"
        bucket = open_url(url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
        made = make_backup(lived_in, bucket, tell=in_silence)
        assert read_manifest(bucket, whole_backups(bucket)[-1]) == made
        restore(made, bucket, elsewhere, tell=in_silence)
    assert objects_of(elsewhere) == objects_of(lived_in)

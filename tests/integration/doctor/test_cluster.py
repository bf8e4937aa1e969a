"""``mapsi doctor --cluster`` on real stores: silent where all is well, and it finds each fault."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from minio import Minio
from minio.commonconfig import ENABLED
from minio.lifecycleconfig import (
    Expiration,
    LifecycleConfig,
    NoncurrentVersionExpiration,
    Rule,
)
from minio.versioningconfig import VersioningConfig
from redis import Redis
from sqlalchemy import create_engine, text

from services.alike import fingerprint, must_be_alike
from services.checkup import Finding
from services.cluster_checkup.clocks import clock
from services.cluster_checkup.examine import examine_cluster
from services.doctor import doctor
from services.registry import WORKERS
from shared import presence
from shared.backup_mark import note_backup
from shared.broker import Broker
from shared.presence import Alive, clocks
from shared.records import open_database, upgrade
from shared.records.ingestion import Photo
from shared.settings import Settings
from shared.storage import open_storage
from tests.servers.postgres import FAST, running_postgres
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, running_s3
from tests.servers.valkey import running_valkey

pytestmark = pytest.mark.integration
HOSTS = [name for name in WORKERS if not name.startswith("generation.")]
ALIKE = {"MAPSI_DRAWER": "lookbook"}


def live(broker: Broker, *hosts: str, pid: int = 1, **more: object) -> None:
    """Give a sign for a process that is not there."""
    now = datetime.now(UTC)
    told = {"version": "1.0", "alike": ALIKE, "told_at": now} | more
    sign = Alive(hosts=hosts, machine="m", pid=pid, since=now, **told)
    broker.give_sign(sign.name, sign.model_dump_json(), seconds=presence.KEPT)


@pytest.fixture
def settings(
    tmp_path: Path, postgres_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """An installation in which all is well, but for PostgreSQL, which is set up for tests."""
    monkeypatch.setattr(presence, "KEPT", 3600)  # nobody renews these signs
    settings = Settings(data_dir=tmp_path, database_url=postgres_database_url, lang="en")
    upgrade(postgres_database_url)
    note_backup(open_storage(settings), datetime.now(UTC))
    with running_valkey(settings):
        broker = Broker(settings)
        for host in (*HOSTS, "beat", "gateway"):
            live(broker, host)
        yield settings


def server(settings: Settings) -> Redis:
    return Redis(unix_socket_path=str(settings.valkey_socket))


def troubles(settings: Settings) -> dict[str, Finding]:
    """Return what is found to be not well."""
    found = {finding.name: finding for finding in examine_cluster(settings)}
    return {name: finding for name, finding in found.items() if finding.state != "ok"}


def test_where_all_is_well_only_the_tests_own_postgresql_is_told(settings):
    found = troubles(settings)
    assert list(found) == ["durability"]
    assert "fsync" in found["durability"].found
    assert "전" in found["durability"].found_ko


def test_a_broker_that_throws_away_or_has_no_file_is_told(settings):
    with server(settings) as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")
        redis.config_set("maxmemory", "1mb")
        redis.config_set("appendonly", "no")
        found = troubles(settings)
    assert {"broker eviction", "broker memory", "broker disk"} <= set(found)
    assert "noeviction" in found["broker eviction"].fix
    assert found["broker eviction"].required
    assert not found["broker disk"].required


def test_a_queue_without_a_worker_and_two_beats_are_told(settings):
    broker = Broker(settings)
    live(broker, "beat", pid=2)
    broker.take_sign_back("color@m-1")
    broker.take_sign_back("gateway@m-1")
    found = troubles(settings)
    assert found["queue:color"].fix == "mapsi worker color"
    assert "beat@m-1, beat@m-2" in found["beat"].found
    assert found["gateway"].required


def test_who_draws_needs_workers_that_draw(settings):
    draws = settings.model_copy(update={"drawer": "openai"})
    assert {"queue:generation.gpu", "queue:generation.review"} <= set(troubles(draws))


def test_a_process_of_another_version_or_with_another_setting_is_named(settings):
    broker = Broker(settings)
    live(broker, "color", pid=2, version="2.0", alike={"MAPSI_DRAWER": "sdxl"})
    found = troubles(settings)
    assert "2.0: color@m-2" in found["version"].found
    assert "sdxl: color@m-2" in found["alike:MAPSI_DRAWER"].found


def test_a_clock_that_runs_ahead_is_told(settings):
    broker = Broker(settings)
    live(broker, "color", pid=2, told_at=datetime.now(UTC) + timedelta(minutes=3))
    found = troubles(settings)
    assert "clock:color@m-2" in found
    assert clocks(broker)["color@m-2"] == pytest.approx(180, abs=5)


def test_clocks_are_compared_either_way():
    assert clock("a", 4.0).state == "ok"
    assert (clock("a", -60.0).state, clock("a", -60.0).found) == ("broken", "-60.0 s")


def test_tables_of_another_version_and_rights_that_lack_are_told(settings):
    with closing(open_database(settings.database)) as database, database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        session.execute(text("CREATE ROLE reader LOGIN"))
        session.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    try:
        url = settings.database.replace("//mapsi@", "//reader@")
        found = troubles(settings.model_copy(update={"database_url": url}))
        assert found["tables"].fix == "mapsi migrate"
        assert "reader may not use" in found["rights"].found
        assert found["rights"].fix.startswith("GRANT ")
    finally:
        with closing(open_database(settings.database)) as database, database.transaction() as ours:
            ours.execute(text("DROP OWNED BY reader"))
            ours.execute(text("DROP ROLE reader"))


def test_a_backup_that_is_old_or_never_was_is_told(settings):
    note_backup(open_storage(settings), datetime.now(UTC) - timedelta(days=3))
    assert troubles(settings)["backup"].found == "72 hours ago"
    open_storage(settings).delete("operations/last-backup.txt")
    assert troubles(settings)["backup"].found == "never"


def test_what_is_away_keeps_nothing_else_from_being_looked_at(settings):
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    found = troubles(away)
    assert {"broker", "processes", "durability"} == set(found)


def in_bucket(settings: Settings, endpoint: str) -> Settings:
    """Return the settings of an installation that keeps its objects in a bucket there."""
    keys = {
        "storage_url": f"s3://{endpoint}/mapsi?secure=false",
        "storage_access_key": ACCESS_KEY,
        "storage_secret_key": SECRET_KEY,
    }
    return Settings(**settings.model_dump(exclude=set(keys)) | keys)


def test_a_bucket_that_deletes_by_itself_or_never_forgets_is_told(settings, tmp_path):
    folder = tmp_path / "s3"
    folder.mkdir()
    with running_s3(folder) as endpoint:
        client = Minio(endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY, secure=False)
        client.make_bucket("mapsi")
        there = settings.model_copy(
            update={
                "storage_url": f"s3://{ACCESS_KEY}:secret@{endpoint}/mapsi?secure=false",
            }
        )
        assert "storage" in troubles(there), "a wrong key was not noticed"
        there = in_bucket(settings, endpoint)
        assert "bucket" not in troubles(there)
        rule = Rule(ENABLED, rule_id="tidy", expiration=Expiration(days=30))
        client.set_bucket_lifecycle("mapsi", LifecycleConfig([rule]))
        assert "tidy" in troubles(there)["bucket"].found


def test_a_versioned_bucket_that_never_forgets_is_told_one_that_forgets_is_not(settings, tmp_path):
    folder = tmp_path / "s3"
    folder.mkdir()
    with running_s3(folder) as endpoint:
        client = Minio(endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY, secure=False)
        client.make_bucket("mapsi")
        client.set_bucket_versioning("mapsi", VersioningConfig(ENABLED))
        there = in_bucket(settings, endpoint)
        found = troubles(there)["bucket"]
        assert "old version" in found.found and "이전 버전" in found.found_ko
        assert "noncurrent" in found.fix and not found.required
        old = NoncurrentVersionExpiration(noncurrent_days=1)
        forgets = Rule(ENABLED, rule_id="forget", noncurrent_version_expiration=old)
        client.set_bucket_lifecycle("mapsi", LifecycleConfig([forgets]))
        assert "bucket" not in troubles(there)


def test_a_database_whose_connections_are_nearly_used_up_is_told(settings):
    with running_postgres(*FAST, "max_connections=20") as url, ExitStack() as held:
        upgrade(url)
        there = settings.model_copy(update={"database_url": url})
        for _ in range(8):
            hold(url, held)
        assert "connections" not in troubles(there)
        for _ in range(8):
            hold(url, held)
        found = troubles(there)["connections"]
        assert re.fullmatch(r"1[789] of 20 in use", found.found)
        assert "max_connections" in found.fix and not found.required


def hold(url: str, held: ExitStack) -> None:
    """Hold a connection to a database."""
    engine = create_engine(url)
    held.callback(engine.dispose)
    held.enter_context(engine.connect())


def test_a_photo_that_is_under_way_for_hours_is_told_with_its_name_and_time(settings):
    take_in(settings, "a" * 64, since=timedelta(minutes=50))
    assert "photos" not in troubles(settings)
    take_in(settings, "b" * 64, since=timedelta(hours=3))
    found = troubles(settings)["photos"]
    assert found.found == "2 under way, the oldest (bbbbbbbbbbbb) for 180 minutes"
    assert "180분째" in found.found_ko
    assert "queues" in found.fix and not found.required


def test_photos_that_were_given_up_are_told_with_how_to_retry_them(settings):
    for letter in "ab":
        take_in(settings, letter * 64, since=timedelta(hours=3), buried_at=datetime.now(UTC))
    found = troubles(settings)
    assert "photos" not in found, "a photo that was given up is not under way"
    assert (found["buried"].found, found["buried"].fix) == ("2 given up", "mapsi retry --buried")
    assert not found["buried"].required


def take_in(
    settings: Settings, photo_id: str, *, since: timedelta, buried_at: datetime | None = None
) -> None:
    """Have a photo announced some time ago, of which nothing was heard since."""
    at = datetime.now(UTC) - since
    photo = Photo(
        photo_id=photo_id, key=f"photos/{photo_id}.jpg", width=640, height=800,
        perceptual_hash=1, fine_hash=bytes(32), look_id=photo_id, posted_at=at, source="street",
        received_at=at, published_at=at, attempts=1, buried_at=buried_at,
    )  # fmt: skip
    with closing(open_database(settings.database)) as database, database.transaction() as session:
        session.add(photo)


def test_the_exit_code_and_the_words_are_for_scripts_and_people(settings, monkeypatch):
    monkeypatch.setenv("MAPSI_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("MAPSI_DATABASE_URL", settings.database)
    told = CliRunner().invoke(doctor, ["--cluster", "--lang", "ko"])
    assert told.exit_code == 1  # PostgreSQL's durability
    assert "대기열 color" in told.output
    lines = CliRunner().invoke(doctor, ["--cluster", "--json"]).output.splitlines()
    assert all(json.loads(line)["name"] for line in lines)


def test_a_secret_is_told_as_a_fingerprint_only(tmp_path, monkeypatch):
    monkeypatch.setenv("MAPSI_INGESTION_AUTHOR_KEY", "a secret that nobody sees")
    told = must_be_alike(Settings(data_dir=tmp_path), ("ingestion", "classification"))
    assert told["MAPSI_INGESTION_AUTHOR_KEY"] == fingerprint(b"a secret that nobody sees")
    assert len(told["MAPSI_INGESTION_AUTHOR_KEY"]) == 8
    assert {"model classification", "model style"} <= set(told)
    assert "nobody sees" not in str(told)

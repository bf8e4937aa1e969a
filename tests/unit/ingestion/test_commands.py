"""``mapsi ingest`` and ``mapsi retry`` as a person or a script uses them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from services.ingestion import commands, console, waiting
from shared.broker import Broker
from shared.records import open_database
from shared.records.ingestion import Photo
from shared.records.trends import Settlement
from tests.hostile.sources import photo_bytes


@pytest.fixture
def home(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a data folder and two photos, one of them bad; the broker takes everything."""
    (tmp_path / "data").mkdir()
    shutil.copy(empty_database, tmp_path / "data" / "mapsi.db")
    (tmp_path / "looks").mkdir()
    (tmp_path / "looks" / "good.jpg").write_bytes(photo_bytes())
    (tmp_path / "looks" / "bad.jpg").write_bytes(b"no photo")
    (tmp_path / "looks" / ".hidden").write_bytes(b"")
    monkeypatch.setattr(console, "upgrade", lambda url: None)
    monkeypatch.setattr(console, "configure", lambda settings: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A broker that is there; the ids that were announced."""
    sent: list[str] = []

    def publish(message, context):
        sent.extend(photo.photo_id for photo in message.photos)

    monkeypatch.setattr(Broker, "ping", lambda self: None)
    monkeypatch.setattr("services.ingestion.runs.publish", publish)
    monkeypatch.setattr(commands, "publish", publish)
    return sent


def run(command: str, *arguments: str) -> Result:
    called = getattr(commands, command)
    return CliRunner().invoke(called, [*arguments, "--data", "data"], catch_exceptions=False)


def settle(outcome: str) -> None:
    database = open_database(f"sqlite:///{Path('data/mapsi.db').resolve()}")
    with database.transaction() as session:
        photo = session.query(Photo).one()
        session.merge(
            Settlement(
                photo_id=photo.photo_id, outcome=outcome, stage="color", models={},
                settled_at=datetime.now(UTC),
            )
        )  # fmt: skip
    database.close()


def test_the_report_says_what_was_new_and_what_was_refused_why(home, broker):
    told = run("ingest", "looks", "--lang", "en")
    assert told.exit_code == 0 and len(broker) == 1
    lines = [line.split() for line in told.stdout.splitlines()]
    assert ["new", "photos", "1"] in lines and ["refused", "1"] in lines
    assert ["hidden", "files", "passed", "over", "1"] in lines
    assert ["not_an_image", "1"] in lines
    assert "looks/bad.jpg: this is not a picture" in told.stdout


def test_the_report_speaks_korean(home, broker):
    told = run("ingest", "looks", "--lang", "ko")
    assert (
        "새 사진" in told.stdout
        and "looks/bad.jpg: 이름과 달리 그림 파일이 아닙니다" in told.stdout
    )
    assert "new photos" not in told.stdout


def test_a_script_gets_one_json_object(home, broker):
    told = json.loads(run("ingest", "looks", "--json").stdout)
    (refused,) = told.pop("refused")
    assert (refused["name"], refused["reason"]) == ("looks/bad.jpg", "not_an_image")
    assert told == {
        "new": 1, "near_duplicates": 0, "known": 0, "reposts": 0,
        "passed": ["looks/.hidden"], "announced": True,
    }  # fmt: skip


def test_all_known_is_success_and_all_refused_is_failure(home, broker):
    assert run("ingest", "looks/good.jpg").exit_code == 0
    assert run("ingest", "looks/good.jpg").exit_code == 0
    assert run("ingest", "looks/bad.jpg").exit_code == 1
    assert run("ingest", "gone").exit_code == 1


def test_an_empty_folder_is_said_to_be_empty(home, broker):
    (home / "empty").mkdir()
    told = run("ingest", "empty", "--lang", "en")
    assert told.exit_code == 1 and "nothing was found in: empty" in told.stderr


def test_without_a_broker_one_line_says_that_nothing_is_lost(home):
    told = run("ingest", "looks/good.jpg", "--lang", "en")
    assert told.exit_code == 0
    (line,) = told.stderr.splitlines()
    assert line.startswith("mapsi: the broker at ") and "the photos are stored" in line
    assert json.loads(run("ingest", "looks", "--json").stdout)["announced"] is False


def test_waiting_without_a_broker_fails_at_once(home):
    assert run("ingest", "looks/good.jpg", "--wait").exit_code == 1


@pytest.mark.parametrize(("outcome", "code"), [("analyzed", 0), ("not_fashion", 0), ("failed", 1)])
def test_waiting_ends_with_how_the_photos_ended(home, broker, monkeypatch, outcome, code):
    monkeypatch.setattr(waiting.time, "sleep", lambda pause: settle(outcome))
    told = run("ingest", "looks", "--wait", "--json")
    assert json.loads(told.stdout)[outcome] == 1
    assert told.exit_code == code


def test_waiting_ends_when_a_photo_is_buried(home, broker, monkeypatch):
    def bury(pause: float) -> None:
        database = open_database(f"sqlite:///{Path('data/mapsi.db').resolve()}")
        with database.transaction() as session:
            session.execute(update(Photo).values(buried_at=datetime.now(UTC)))
        database.close()

    monkeypatch.setattr(waiting.time, "sleep", bury)
    told = run("ingest", "looks", "--wait", "--json")
    assert json.loads(told.stdout)["buried"] == 1 and told.exit_code == 1
    assert run("retry", "--buried", "--lang", "en").stdout == "photos put back: 1\n"
    assert "no photo was put back" in run("retry", "--buried", "--lang", "en").stdout
    assert len(broker) == 2


def test_retry_puts_back_failed_photos_and_no_others(home, broker):
    run("ingest", "looks")
    settle("failed")
    assert run("retry", "--buried").stdout == run("retry", "--buried").stdout
    assert "1" in run("retry", "--lang", "ko").stdout and len(broker) == 2
    settle("analyzed")
    (photo_id,) = set(broker)
    assert run("retry", "--photo", photo_id).exit_code == 1
    assert len(broker) == 2


def test_retry_can_put_back_one_photo_that_seems_stuck(home, broker):
    run("ingest", "looks")
    assert run("retry", "--photo", broker[0]).exit_code == 0
    assert len(broker) == 2
    assert run("retry", "--photo", "a" * 64).exit_code == 1

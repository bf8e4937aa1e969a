"""``mapsi backup`` and ``mapsi restore``, as a person or a CronJob calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.backup.commands import backup, restore_command
from shared.backup_mark import last_backup
from shared.errors import UsageError
from shared.records import upgrade
from tests.integration.backup.conftest import Opens, rows_of

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with tables."""
    folder = tmp_path / "home"
    upgrade(f"sqlite:///{folder}/mapsi.db")
    return folder


def call(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments], catch_exceptions=False)  # type: ignore[arg-type]


def test_a_data_folder_goes_and_comes_back(home: Path, tmp_path: Path, opens: Opens) -> None:
    to = tmp_path / "backups"
    assert "33" in call(backup, "--to", to, "--data", home, "--keep", 2).output
    named = json.loads(call(backup, "--to", to, "--list", "--json").output)
    assert (named["tables"], named["rows"]) == (33, 0)
    found = call(restore_command, "--from", to, "--data", tmp_path / "new", "--lang", "ko")
    assert found.exit_code == 0
    assert "복구 완료" in found.output
    one, other = (
        opens(f"sqlite:///{folder}/mapsi.db", folder.name) for folder in (home, tmp_path / "new")
    )
    assert rows_of(one) == rows_of(other)


def test_when_it_was_finished_is_kept_for_the_metric(
    home: Path, tmp_path: Path, opens: Opens
) -> None:
    source = opens(f"sqlite:///{home}/mapsi.db", "home")
    assert last_backup(source.storage) is None
    call(backup, "--to", tmp_path / "backups", "--data", home)
    assert last_backup(source.storage) is not None


@pytest.mark.parametrize(
    ("place", "told"),
    [(None, "where to"), ("ftp://host/x", "file:// or s3://"), ("home/objects", "beside what")],
)
def test_an_unusable_place_is_one_clear_error(
    home: Path, tmp_path: Path, place: str | None, told: str
) -> None:
    to = ["--to", place if place and "://" in place else tmp_path / str(place)] if place else []
    with pytest.raises(UsageError, match=told):
        call(backup, *to, "--data", home)


def test_where_there_is_no_backup_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no whole backup"):
        call(restore_command, "--from", tmp_path / "nothing")
    (tmp_path / "b").mkdir()
    with pytest.raises(UsageError, match="no such backup"):
        call(restore_command, "--from", tmp_path / "b", "--which", "2026-01-01T00-00-00Z")

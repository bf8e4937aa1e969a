"""``mapsi delete`` counts, asks, deletes, and says what it did."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services import delete as command
from services.ingestion.console import settings_for
from services.ingestion.deletion.orders import open_order
from services.ingestion.deletion.steps import delete_some
from shared.errors import UsageError
from shared.records.deletion import Deletion, Tombstone
from shared.records.ingestion import Photo, Refusal
from tests.samples.wardrobe import photo_bytes
from tests.unit.ingestion.conftest import KEY, Installation


@pytest.fixture
def run(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command beside two photos from the folder ``photos``."""
    monkeypatch.setenv("MAPSI_INGESTION_AUTHOR_KEY", KEY.decode())
    for number in range(2):
        path = installation.folder / f"{number}.jpg"
        path.write_bytes(photo_bytes(shade=50 * number))
    installation.ingest(installation.folder)
    data = str(installation.context.settings.data_dir)

    def invoke(*words: str, answer: str = "") -> Result:
        return CliRunner().invoke(
            command.delete, [*words, "--data", data], input=answer, standalone_mode=False
        )

    return invoke


def test_dry_run_only_counts(run: Any, installation: Installation) -> None:
    told = run("source", "photos", "--dry-run", "--lang", "en").output
    assert "2 posts and 2 photos" in told
    assert len(installation.rows(Photo)) == 2 and installation.rows(Deletion) == []


def test_no_is_no(run: Any, installation: Installation) -> None:
    result = run("source", "photos", "--lang", "ko", answer="n\n")
    assert result.exit_code == 1 and "아무것도 삭제하지 않았습니다" in result.output
    assert len(installation.rows(Photo)) == 2


def test_yes_deletes_and_tells_the_order(run: Any, installation: Installation) -> None:
    result = run("source", "photos", "--lang", "ko", answer="y\n")
    (order,) = installation.rows(Deletion)
    assert "게시물 2개와 사진 2장" in result.output and order.deletion_id in result.output
    assert installation.rows(Photo) == []
    assert {row.kind for row in installation.rows(Tombstone)} == {"photo", "post"}


def test_json_is_for_programs_and_never_asks(run: Any) -> None:
    assert "--yes" in str(run("source", "photos", "--json").exception)
    counted = json.loads(run("source", "photos", "--json", "--dry-run").output)
    assert counted == {"posts": 2, "photos": 2, "deleted": False}
    done = json.loads(run("source", "photos", "--json", "--yes").output)
    assert (done["posts"], done["photos"], done["deleted"]) == (2, 2, True)


@pytest.mark.parametrize(
    ("kind", "target", "said"),
    [
        ("source", "nobody", ("there is no source 'nobody'", "'nobody' 출처가 없습니다")),
        ("author", "@nobody", ("no post is by the author '@nobody'", "게시물이 없습니다")),
        ("post", "https://p.example/1", ("there is no post 'https", "게시물이 없습니다")),
    ],
)
def test_what_is_not_there_is_said_and_nothing_is_asked(
    run: Any, installation: Installation, kind: str, target: str, said: tuple[str, str]
) -> None:
    for words in ((), ("--dry-run",), ("--yes",), ("--yes", "--json")):
        result = run(kind, target, *words)
        assert isinstance(result.exception, UsageError) and result.output == ""
        assert said[0] in result.exception.text and said[1] in result.exception.text_ko
    assert installation.rows(Deletion) == installation.rows(Tombstone) == []


def test_deleting_again_says_that_nothing_is_left_but_an_order_cut_off_goes_on(
    run: Any, installation: Installation
) -> None:
    with installation.database.transaction() as session:
        order = open_order(session, "source", "photos", by="cli", state="running")
    delete_some(installation.database, installation.context.storage, order.deletion_id)
    done = json.loads(run("source", "photos", "--json", "--yes").output)
    assert (done["posts"], done["deleted"]) == (2, True)
    assert isinstance(run("source", "photos", "--yes").exception, UsageError)


def test_a_source_that_has_brought_nothing_yet_can_be_deleted(
    run: Any, installation: Installation
) -> None:
    with installation.database.transaction() as session:
        session.add(
            Refusal(
                name="a.jpg", source="torn", reason="torn", text="torn", text_ko="손상",
                refused_at=datetime.now(UTC),
            )
        )  # fmt: skip
    assert "0 posts" in run("source", "torn", "--dry-run", "--lang", "en").output


def test_log_lines_of_the_command_are_quiet() -> None:
    assert settings_for(None, "en").log_level == "critical"

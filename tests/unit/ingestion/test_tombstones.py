"""What was deleted is not taken in again, however it is offered."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from services.delete import delete_all
from services.ingestion import tasks
from services.ingestion.deletion.targets import plain_target
from services.ingestion.domain import PostFacts, Pseudonym, credit_of
from services.ingestion.intake import Intake
from services.ingestion.sources import Candidate
from shared.contracts.uploads import PhotoUploaded
from shared.errors import UsageError
from shared.records.ingestion import Photo, Post, Refusal
from shared.records.sources import FoundItem
from shared.storage.keys import photo_key, upload_key
from tests.samples.wardrobe import photo_bytes
from tests.unit.ingestion.conftest import KEY, Installation

ROWS = (
    ("a.jpg", "https://photos.example/1", "@kim", "CC BY 4.0"),
    ("b.jpg", "https://photos.example/2", "@lee", "all rights reserved"),
)


def manifest(installation: Installation) -> Any:
    path = installation.folder / "posts.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "url", "author", "licence"])
        for number, row in enumerate(ROWS):
            (installation.folder / row[0]).write_bytes(photo_bytes(shade=50 * number))
            rows.writerow(row)
    return path


def delete(installation: Installation, kind: Any, target: str) -> Any:
    context: Any = installation.context
    plain = plain_target(kind, target, key=KEY)
    return delete_all(context, installation.database, kind=kind, target=plain, say="en")


@pytest.mark.parametrize(
    ("kind", "target"),
    [("author", "Kim"), ("post", "https://photos.example/1"), ("source", "posts")],
)
def test_deleted_post_is_refused_when_it_is_ingested_again(
    installation: Installation, kind: str, target: str
) -> None:
    place = manifest(installation)
    assert installation.ingest(place).outcomes.total() == 2
    order = delete(installation, kind, target)
    report = installation.ingest(place)
    assert [entry.error.reason for entry in report.refused] == ["deleted"] * order.posts
    assert len(installation.rows(Photo)) == len(installation.rows(Post)) == 2 - order.posts


def test_deleted_photo_is_refused_under_another_name_too(installation: Installation) -> None:
    installation.ingest(manifest(installation))
    delete(installation, "author", "kim")
    copy = installation.folder / "elsewhere"
    copy.mkdir()
    (copy / "x.jpg").write_bytes(photo_bytes())
    report = installation.ingest(copy)
    assert [entry.error.reason for entry in report.refused] == ["deleted"]
    (refusal,) = [row for row in installation.rows(Refusal) if row.reason == "deleted"]
    assert "삭제" in refusal.text_ko


def test_post_is_not_fetched_where_its_address_is_deleted(installation: Installation) -> None:
    installation.ingest(manifest(installation))
    delete(installation, "post", "https://photos.example/1")

    def read() -> bytes:
        raise AssertionError("it was fetched")

    intake = Intake(installation.database, installation.context.storage, installation.settings,
                    key=KEY)  # fmt: skip
    candidate = Candidate("again", read, facts=PostFacts(url="https://photos.example/1"))
    with pytest.raises(Exception, match="deleted on request"):
        intake.prepare(candidate, source="posts")


def test_photo_that_is_deleted_while_it_is_taken_in_leaves_nothing(
    installation: Installation,
) -> None:
    storage = installation.context.storage
    intake = Intake(installation.database, storage, installation.settings, key=KEY)
    candidate = Candidate("kim's", photo_bytes, facts=PostFacts(author="kim"))
    arrival = intake.prepare(candidate, source="street")
    assert storage.exists(photo_key(arrival.photo_id))
    delete(installation, "author", "kim")
    assert intake.save([arrival]) == ["deleted"]
    assert installation.rows(Photo) == [] and not storage.exists(photo_key(arrival.photo_id))


def test_near_duplicate_of_a_deleted_photo_is_a_look_of_its_own(
    installation: Installation,
) -> None:
    storage = installation.context.storage
    intake = Intake(installation.database, storage, installation.settings, key=KEY)
    first, second, third = (
        intake.prepare(
            Candidate(author, partial(photo_bytes, shade=shade), facts=PostFacts(author=author)),
            source="street",
        )
        for shade, author in enumerate(("kim", "lee", "park"))
    )
    assert intake.save([first, second]) == ["new", "near_duplicate"]
    delete(installation, "author", "kim")
    assert intake.save([third]) == ["near_duplicate"]
    looks = {photo.look_id for photo in installation.rows(Photo)}
    assert looks == {second.photo_id}


def test_upload_of_a_deleted_photo_is_refused_and_its_bytes_go(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "author_key", lambda settings, own: KEY)
    installation.ingest(manifest(installation))
    photo_id = next(p.photo_id for p in installation.rows(Post) if p.url == ROWS[0][1])
    delete(installation, "post", photo_id)
    storage = installation.context.storage
    storage.put(upload_key(photo_id), photo_bytes(), content_type="image/jpeg")
    message = PhotoUploaded(
        photo_id=photo_id, key=upload_key(photo_id), name="look.jpg",
        posted_at="2026-03-01T00:00:00Z", author="key-1",
    )  # fmt: skip
    assert tasks.accept_upload(message, installation.context) == []
    assert not storage.exists(upload_key(photo_id))
    assert photo_id not in {photo.photo_id for photo in installation.rows(Photo)}


def test_deleted_uploader_may_upload_other_photos(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "author_key", lambda settings, own: KEY)
    delete(installation, "author", "key-1")
    data, storage = photo_bytes(), installation.context.storage
    intake = Intake(installation.database, storage, installation.settings, key=KEY)
    candidate = Candidate("mine", lambda: data, facts=PostFacts(author="key-1"))
    intake.prepare(candidate, source="upload")
    with pytest.raises(Exception, match="deleted on request"):
        intake.prepare(candidate, source="street")


def test_name_is_kept_only_where_the_licence_asks_for_it(installation: Installation) -> None:
    installation.ingest(manifest(installation))
    credits = {post.licence: post.credit for post in installation.rows(Post)}
    assert credits == {"CC BY 4.0": "@kim", "all rights reserved": None}


@pytest.mark.parametrize(
    ("licence", "asks"),
    [
        ("CC BY 4.0", True), ("cc-by-sa-3.0", True), ("CC BY-NC-ND", True),
        ("https://creativecommons.org/licenses/by/4.0/", True),
        ("Creative Commons Attribution 4.0", True),
        ("CC0", False), ("https://creativecommons.org/publicdomain/zero/1.0/", False),
        ("MIT", False), ("author's own; see permalink", False), ("owned by Kim", False),
        (None, False),
    ],
)  # fmt: skip
def test_licences_that_ask_for_a_name(licence: str | None, asks: bool) -> None:
    assert (credit_of("Kim", licence) == "Kim") is asks
    assert credit_of(Pseudonym("ab" * 16), licence) is None


def test_photos_that_a_deleted_source_had_listed_are_not_fetched_any_more(
    installation: Installation,
) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with installation.database.transaction() as session:
        for source in ("street", "shop"):
            session.add(
                FoundItem(
                    source=source, item_id="1", state="waiting", found={"facts": {"author": "x"}},
                    attempts=0, due_at=now, seen_at=now,
                )
            )  # fmt: skip
    delete(installation, "source", "street")
    left = {item.source: (item.state, item.found) for item in installation.rows(FoundItem)}
    assert left["street"] == ("refused", None)
    assert left["shop"] == ("waiting", {"facts": {"author": "x"}})


def test_deletion_of_nothing_is_told(installation: Installation) -> None:
    with pytest.raises(UsageError, match="name what is to be deleted"):
        plain_target("author", "  ", key=KEY)


def test_author_may_be_named_by_the_pseudonym() -> None:
    assert plain_target("author", f"pseudonym:{'ab' * 16}", key=KEY) == "ab" * 16

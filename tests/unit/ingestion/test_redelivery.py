"""Every task may get its message twice, and does its work once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from services.ingestion import tasks
from shared.contracts.clock import Tick
from shared.contracts.failures import PhotosFailed
from shared.contracts.uploads import PhotoUploaded
from shared.records.ingestion import Photo, Post, Refusal
from shared.storage.keys import upload_key
from tests.hostile.sources import photo_bytes

POSTED = datetime(2026, 11, 2, tzinfo=UTC)


def upload(installation, data: bytes, author: str = "key1", **changes: object) -> PhotoUploaded:
    photo_id = hashlib.sha256(data).hexdigest()
    key = upload_key(photo_id)
    installation.context.storage.put(key, data, content_type="image/jpeg")
    message = PhotoUploaded(
        photo_id=photo_id, key=key, name="me.jpg", posted_at=POSTED, author=author
    )
    return message.model_copy(update=changes)


def accept(installation, message: PhotoUploaded) -> list[str]:
    messages = tasks.accept_upload(message, installation.context)
    return [photo.photo_id for sent in messages for photo in sent.photos]


def test_redelivery_of_an_upload_stores_it_once_and_announces_it_again(installation):
    message = upload(installation, photo_bytes())
    assert accept(installation, message) == [message.photo_id]
    assert not installation.context.storage.exists(message.key)
    assert accept(installation, message) == [message.photo_id]
    (photo,), (post,) = installation.rows(Photo), installation.rows(Post)
    assert (photo.attempts, photo.source, photo.posted_at) == (1, "upload", POSTED)
    assert post.author == photo.author != "key1"


def test_an_upload_of_a_settled_photo_is_a_post_and_is_not_announced(installation):
    first = upload(installation, photo_bytes())
    accept(installation, first)
    installation.settle(first.photo_id)
    again = upload(installation, photo_bytes(), author="key2")
    assert accept(installation, again) == []
    assert len(installation.rows(Photo)) == 1 and len(installation.rows(Post)) == 2
    assert not installation.context.storage.exists(again.key)


@pytest.mark.parametrize(
    ("data", "changes", "reason"),
    [
        (b"no photo", {}, "not_an_image"),
        (photo_bytes(), {"photo_id": "a" * 64}, "upload_changed"),
    ],
)
def test_redelivery_of_a_bad_upload_refuses_it_once(installation, data, changes, reason):
    message = upload(installation, data, **changes)
    assert accept(installation, message) == accept(installation, message) == []
    (refusal,) = installation.rows(Refusal)
    assert (refusal.reason, refusal.name, refusal.source) == (reason, "me.jpg", "upload")
    assert installation.rows(Photo) == []


def test_redelivery_of_failures_keeps_the_reason_once(installation):
    message = upload(installation, photo_bytes())
    accept(installation, message)
    failed = PhotosFailed(
        photo_ids=(message.photo_id, "b" * 64), task="color.name_colors", reason="KeyError: 'x'"
    )
    for _ in range(2):
        assert tasks.note_failures(failed, installation.context) == []
    assert installation.photo(message.photo_id).last_error == "color.name_colors: KeyError: 'x'"


def test_redelivery_of_a_tick_announces_nothing_twice(installation):
    accept(installation, upload(installation, photo_bytes()))
    installation.age(130)
    assert len(tasks.republish_overdue(Tick(), installation.context)) == 1
    assert tasks.republish_overdue(Tick(), installation.context) == []

"""Each photo is stored once, without private data, and linked to the look it repeats."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from services.ingestion.author_key import author_key
from services.ingestion.exif import taken_at
from services.ingestion.settings import IngestionSettings
from shared.errors import RetryableError
from shared.records.ingestion import Photo, Post
from shared.settings import Settings
from shared.storage import StorageFullError
from shared.storage.keys import photo_key
from tests.hostile.photos import encoded, odd_photos
from tests.hostile.sources import photo_bytes


def scene(seed: int, width: int = 300, height: int = 400) -> Image.Image:
    """Draw soft blobs: like a photo, most of its detail is coarse."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (12, 9, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def write(folder, name, image, **options):
    (folder / name).write_bytes(encoded(image, "JPEG", **options))


def repost(image: Image.Image) -> Image.Image:
    """Return the picture as it comes back from a phone: cropped, smaller, brighter."""
    width, height = image.size
    cut = image.crop((3, 4, width - 3, height - 4)).resize((200, 266))
    return ImageEnhance.Brightness(cut).enhance(1.1)


def test_a_photo_is_named_by_its_bytes_and_stored_without_its_metadata(installation):
    odd = next(photo for photo in odd_photos() if photo.name == "사진 한 장 (1).jpg")
    (installation.folder / odd.name).write_bytes(odd.data)
    installation.ingest(installation.folder)
    (photo,) = installation.rows(Photo)
    assert photo.photo_id == hashlib.sha256(odd.data).hexdigest()
    assert photo.key == photo_key(photo.photo_id)
    stored = installation.context.storage.get(photo.key)
    assert b"secret" not in stored and b"Exif" not in stored
    assert Image.open(BytesIO(stored)).size == (photo.width, photo.height) == (96, 64)


def test_the_same_photo_again_is_no_second_photo(installation):
    write(installation.folder, "a.jpg", scene(1))
    write(installation.folder, "b.jpg", scene(1))
    first = installation.ingest(installation.folder, source="street")
    again = installation.ingest(installation.folder, source="street")
    assert (first.outcomes["new"], first.outcomes["known"]) == (1, 1)
    assert again.outcomes == {"known": 2}
    assert len(installation.rows(Photo)) == len(installation.rows(Post)) == 1


def test_a_known_photo_in_another_post_gets_a_post_and_stays_one_photo(installation):
    write(installation.folder, "a.jpg", scene(1))
    installation.ingest(installation.folder, source="street")
    (installation.folder / "posts.csv").write_text(
        "path,author,posted_at,hashtags,likes\n"
        "a.jpg,@kim,2026-03-01,#ootd #서울,7\n"
        "a.jpg,@lee,2026-03-02,,\n"
    )
    report = installation.ingest(installation.folder / "posts.csv")
    assert report.outcomes == {"reposted": 2}
    assert len(installation.rows(Photo)) == 1
    posts = {post.posted_at.day: post for post in installation.rows(Post) if post.author}
    assert posts[1].hashtags == ["ootd", "서울"] and posts[1].likes == 7
    assert posts[1].source == "posts" and posts[2].likes is None


def test_authors_are_kept_only_as_pseudonyms(installation):
    write(installation.folder, "a.jpg", scene(1))
    (installation.folder / "posts.csv").write_text("path,author\na.jpg,very_private_name\n")
    installation.ingest(installation.folder / "posts.csv")
    (photo,), (post,) = installation.rows(Photo), installation.rows(Post)
    assert photo.author == post.author and len(post.author) == 32
    kept = (installation.context.settings.data_dir / "mapsi.db").read_bytes()
    wal = installation.context.settings.data_dir / "mapsi.db-wal"
    assert b"very_private_name" not in kept + (wal.read_bytes() if wal.exists() else b"")


def test_a_repost_is_linked_to_the_first_look_and_another_photo_is_not(installation):
    write(installation.folder, "1.jpg", scene(1))
    write(installation.folder, "2.jpg", repost(scene(1)), quality=60)
    write(installation.folder, "3.jpg", scene(2))
    report = installation.ingest(installation.folder)
    assert report.outcomes == {"new": 2, "near_duplicate": 1}
    first, second, third = sorted(installation.rows(Photo), key=lambda photo: photo.received_at)
    assert second.look_id == first.look_id == first.photo_id
    assert third.look_id == third.photo_id


def test_a_repost_of_a_repost_leads_to_the_first_look_in_another_run_too(installation):
    for number, image in enumerate((scene(1), repost(scene(1)), scene(1).resize((150, 200)))):
        write(installation.folder, f"{number}.jpg", image, quality=70)
        installation.ingest(installation.folder)
    assert len({photo.look_id for photo in installation.rows(Photo)}) == 1
    assert len(installation.rows(Photo)) == 3


def test_photos_are_received_one_after_the_other_even_when_the_clock_is_set_back(installation):
    for number in range(5):
        write(installation.folder, f"{number}.jpg", scene(number))
    installation.ingest(installation.folder)
    ahead = datetime(2999, 1, 1, tzinfo=UTC)
    installation.change(max(installation.rows(Photo), key=_received).photo_id, received_at=ahead)
    write(installation.folder, "late.jpg", repost(scene(0)))
    report = installation.ingest(installation.folder)
    assert report.outcomes["near_duplicate"] == 1
    assert max(_received(photo) for photo in installation.rows(Photo)) > ahead


def _received(photo: Photo) -> datetime:
    return photo.received_at


def with_date(text: str, zone: str | None = None) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = text
    if zone:
        exif.get_ifd(0x8769)[0x9011] = zone
    return encoded(scene(9), "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (with_date("2024:05:06 07:08:09"), datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        (with_date("2024:05:06 07:08:09", "+09:00"), datetime(2024, 5, 5, 22, 8, 9, tzinfo=UTC)),
        (with_date("0000:00:00 00:00:00"), None),
        (with_date("not a date"), None),
        (with_date("2024:05:06 07:08:09", "nonsense"), None),
        (photo_bytes(), None),
        (b"", None),
        (b"\xff\xd8\xff\xe1\0\x10Exif\0\0II*\0\xff\xff\xff\xff", None),
    ],
)
def test_the_cameras_date_is_read_where_there_is_one(data, expected):
    assert taken_at(data) == expected


def test_broken_metadata_never_stops_a_photo():
    for photo in odd_photos():
        assert taken_at(photo.data) is None, photo.name


def test_a_photo_without_a_stated_date_is_dated_by_its_camera_then_its_file(installation):
    (installation.folder / "camera.jpg").write_bytes(with_date("2024:05:06 07:08:09"))
    write(installation.folder, "file.jpg", scene(2))
    os.utime(installation.folder / "file.jpg", (1_700_000_000, 1_700_000_000))
    installation.ingest(installation.folder)
    dates = sorted(photo.posted_at for photo in installation.rows(Photo))
    assert dates == [
        datetime.fromtimestamp(1_700_000_000, UTC),
        datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    ]


def test_a_full_disk_stops_the_run_and_blames_no_photo(installation, monkeypatch):
    write(installation.folder, "a.jpg", scene(1))

    def full(key, data, *, content_type):
        raise StorageFullError("folder")

    monkeypatch.setattr(installation.context.storage, "put", full)
    with pytest.raises(RetryableError):
        installation.ingest(installation.folder)
    assert installation.rows(Photo) == []


def test_the_author_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    settings, own = Settings(data_dir=tmp_path / "data"), IngestionSettings()
    key = author_key(settings, own)
    path = settings.data_dir / "author.key"
    assert len(key) == 64 and path.stat().st_mode & 0o777 == 0o600
    assert author_key(settings, own) == key
    assert [entry.name for entry in settings.data_dir.iterdir()] == ["author.key"]


def test_a_given_author_key_is_used_and_none_is_made(tmp_path):
    own = IngestionSettings(author_key="sixteen letters!")
    assert author_key(Settings(data_dir=tmp_path), own) == b"sixteen letters!"
    assert list(tmp_path.iterdir()) == []

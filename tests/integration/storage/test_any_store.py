"""What every store promises, on a folder and on a real S3 server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.storage import InvalidKeyError, ObjectNotFoundError, ObjectStore
from shared.storage.keys import (
    faces_key,
    mask_key,
    overlay_key,
    photo_key,
    result_key,
    upload_key,
)
from shared.storage.removal import remove_photos

pytestmark = pytest.mark.integration

KEYS = [photo_key(f"{number:064x}") for number in range(3)]


def fill(store: ObjectStore, *keys: str) -> None:
    for key in keys:
        store.put(key, key.encode(), content_type="text/plain")


def test_what_was_put_comes_back(store: ObjectStore) -> None:
    data = bytes(range(256)) * 4000
    store.put(KEYS[0], data, content_type="image/jpeg")
    assert store.get(KEYS[0]) == data
    assert store.exists(KEYS[0]) and not store.exists(KEYS[1])


def test_empty_object_is_an_object(store: ObjectStore) -> None:
    store.put("empty", b"", content_type="text/plain")
    assert store.exists("empty") and store.get("empty") == b""


def test_object_larger_than_one_part_comes_back(store: ObjectStore) -> None:
    data = b"0123456789abcdef" * 1_500_000
    store.put("large", data, content_type="application/octet-stream")
    assert store.get("large") == data


def test_second_put_replaces_the_first(store: ObjectStore) -> None:
    store.put("a", b"first, and longer", content_type="text/plain")
    store.put("a", b"second", content_type="text/plain")
    assert store.get("a") == b"second"


def test_missing_object_is_told_by_its_key(store: ObjectStore) -> None:
    fill(store, "here")
    with pytest.raises(ObjectNotFoundError, match="photos/ab") as failure:
        store.get("photos/ab")
    assert failure.value.reason == "object_not_found"


def test_store_that_was_never_written_is_empty(store: ObjectStore) -> None:
    assert not store.exists("a") and list(store.list()) == []
    store.delete("a")
    with pytest.raises(ObjectNotFoundError):
        store.get("a")


def test_deleted_object_is_gone_and_deleting_again_is_no_error(store: ObjectStore) -> None:
    fill(store, "a", "b")
    store.delete("a")
    store.delete("a")
    assert list(store.list()) == ["b"]


def test_list_gives_the_keys_of_a_prefix(store: ObjectStore) -> None:
    keys = ["photos/ab/2", "photos/ab/1", "photos/ab-c/3", "photos/abc/4", "results/x", "photo"]
    fill(store, *keys)
    assert sorted(store.list()) == sorted(keys)
    assert sorted(store.list("photos/")) == sorted(keys[:4])
    assert sorted(store.list("photos/ab")) == sorted(keys[:4])
    assert sorted(store.list("photos/ab/")) == ["photos/ab/1", "photos/ab/2"]
    assert list(store.list("photos/ab/1")) == ["photos/ab/1"]
    assert list(store.list("nothing/")) == []


def test_list_does_not_stop_at_a_thousand(store: ObjectStore) -> None:
    keys = [f"many/{number:04d}" for number in range(1005)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: fill(store, key), keys))
    assert sorted(store.list("many/")) == keys


def test_objects_may_go_while_they_are_listed(store: ObjectStore) -> None:
    fill(store, "a/1", "a/2", "b/1")
    for key in store.list():
        store.delete(key)
    assert list(store.list()) == []


def test_reader_sees_the_old_or_the_new_object_whole(store: ObjectStore) -> None:
    versions = [bytes([value]) * 200_000 for value in range(8)]
    store.put("a", versions[0], content_type="text/plain")
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(store.put, "a", v, content_type="text/plain") for v in versions * 3]
        while not all(write.done() for write in writes):
            assert store.get("a") in versions
    assert store.get("a") in versions


def test_many_first_writers_make_the_place_together(store: ObjectStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: fill(store, key), KEYS * 4))
    assert sorted(store.list()) == sorted(KEYS)


def test_store_that_works_passes_its_check(store: ObjectStore) -> None:
    store.check()
    fill(store, result_key("color", "1.0", f"{1:064x}"))
    store.check()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../secret",
        "photos/../../secret",
        "photos/./a",
        "photos//a",
        "photos/",
        ".hidden",
        "photos/.incoming",
        "a\\b",
        "a b",
        "a\nb",
        "a\0b",
        "사진.jpg",
        "a?b",
        "a%2e%2e",
        "x/" * 300 + "x",
        "y" * 201,
    ],
)
def test_what_is_no_key_never_reaches_the_store(store: ObjectStore, key: str) -> None:
    for use in (store.get, store.exists, store.delete):
        with pytest.raises(InvalidKeyError):
            use(key)
    with pytest.raises(InvalidKeyError) as refusal:
        store.put(key, b"", content_type="text/plain")
    assert str(refusal.value).isprintable() and len(str(refusal.value)) < 250


def test_folders_are_told_once_each(store: ObjectStore) -> None:
    fill(store, "results/color/1/a", "results/color/2/a", "results/color/2/b", "results/x", "other")
    assert sorted(store.folders("results/")) == ["color"]
    assert sorted(store.folders("results/color/")) == ["1", "2"]
    assert list(store.folders("nothing/")) == []


def test_photo_is_removed_with_everything_that_was_made_of_it(store: ObjectStore) -> None:
    gone, kept = (f"{number:02x}" * 32 for number in (7, 8))
    for photo_id in (gone, kept):
        fill(
            store, photo_key(photo_id), upload_key(photo_id), mask_key("3", photo_id),
            overlay_key("3", photo_id), faces_key("finder-1", photo_id),
            *(result_key(stage, version, photo_id)
              for stage, version in (("classification", "1"), ("color", "1-a"), ("color", "2-b"))),
        )  # fmt: skip
    for _ in range(2):
        remove_photos(store, [gone])
    left = list(store.list())
    assert len(left) == 8 and all(kept in key for key in left)

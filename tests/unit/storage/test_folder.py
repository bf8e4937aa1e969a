"""What only a folder can do wrong."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.errors import UsageError
from shared.settings import Settings
from shared.storage import (
    InvalidKeyError,
    StorageDeniedError,
    StorageFullError,
    StorageUnavailableError,
    open_storage,
    open_url,
)
from shared.storage.folder import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@contextmanager
def small_disk() -> Iterator[None]:
    """Let no file grow past 1,000 bytes: the write fails midway, as on a full disk.

    Only around the write at hand: pytest's own output may be a file.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_full_disk_is_told_and_leaves_nothing_half_written(
    store: FolderStore, tmp_path: Path
) -> None:
    store.put("a", b"old", content_type="text/plain")
    told = f"{tmp_path}/objects: the store is full"
    with small_disk(), pytest.raises(StorageFullError, match=told):
        store.put("a", bytes(5000), content_type="text/plain")
    assert store.get("a") == b"old"
    assert files(tmp_path) == ["objects/a"]


@pytest.mark.parametrize(
    ("number", "family"),
    [
        (errno.ENOSPC, StorageFullError),
        (errno.EDQUOT, StorageFullError),
        (errno.EACCES, StorageDeniedError),
        (errno.EROFS, StorageDeniedError),
        (errno.EIO, StorageUnavailableError),
        (errno.ESTALE, StorageUnavailableError),
    ],
)
def test_disks_failure_is_told_by_what_to_do(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch, number: int, family: type[Exception]
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(family, match="objects: the store"):
        store.put("a", b"", content_type="text/plain")
    with pytest.raises(family):
        store.check()


def test_leftover_of_a_killed_writer_is_no_object_and_goes_in_time(
    store: FolderStore, tmp_path: Path
) -> None:
    store.put("a", b"1", content_type="text/plain")
    fresh, stale = (tmp_path / "objects/.incoming" / name for name in ("fresh", "stale"))
    for left in (fresh, stale):
        left.write_bytes(b"half")
    os.utime(stale, (0, 0))
    assert list(FolderStore(tmp_path / "objects").list()) == ["a"]
    assert fresh.exists() and not stale.exists()


def test_object_and_folder_cannot_share_a_name(store: FolderStore) -> None:
    store.put("a/b", b"1", content_type="text/plain")
    with pytest.raises(InvalidKeyError):
        store.put("a", b"1", content_type="text/plain")
    with pytest.raises(InvalidKeyError):
        store.put("a/b/c", b"1", content_type="text/plain")
    assert list(store.list()) == ["a/b"]


def test_folder_may_have_any_name(tmp_path: Path) -> None:
    root = tmp_path / "옷 사진 100% #1?"
    open_url(root.as_uri()).put("a", b"1", content_type="text/plain")
    assert (root / "a").read_bytes() == b"1"


def test_settings_open_the_folder_in_the_data_folder(tmp_path: Path) -> None:
    open_storage(Settings(data_dir=tmp_path / "내 자료")).put("a", b"1", content_type="x/y")
    assert (tmp_path / "내 자료/objects/a").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "file:// or s3://"),
        ("/data", "file:// or s3://"),
        ("http://host/bucket", "file:// or s3://"),
        ("file://", "file:///the/folder"),
        ("file://host/data", "file:///the/folder"),
        ("file:///data?x=1", "file:///the/folder"),
        ("s3://host:9000/bucket", "MAPSI_STORAGE_ACCESS_KEY"),
        ("s3://key:secret@host:9000", "bucket"),
        ("s3://key:secret@host:9000/a/b", "bucket"),
        ("s3://key:secret@host:9000/BAD BUCKET", "bucket"),
        ("s3://key:secret@host:9000/bucket?secured=false", "secured"),
        ("s3://key:secret@host:9000/bucket?secure=no", "true or false"),
        ("s3://key:secret@/bucket", "host"),
    ],
)
def test_unusable_url_is_told_with_the_fix_and_without_the_secret(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as refusal:
        open_url(url)
    assert "secret" not in str(refusal.value)

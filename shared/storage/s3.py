"""Objects in a bucket of any S3-compatible server, through the MinIO client."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from xml.etree.ElementTree import ParseError  # what the client lets through of broken answers

import certifi
from minio import Minio
from minio.error import MinioException, S3Error, ServerError
from minio.lifecycleconfig import Rule
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from shared.errors import MapsiError
from shared.storage.base import (
    ObjectNotFoundError,
    StorageDeniedError,
    StorageFullError,
    StorageUnavailableError,
    check_key,
    check_prefix,
)

_MISSING: Final = {"NoSuchKey", "NoSuchBucket"}
_DENIED: Final = {
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthorizationHeaderMalformed",
    "RequestTimeTooSkewed",
}
_FULL: Final = {"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded"}
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_INSUFFICIENT_STORAGE: Final = 507


@dataclass(frozen=True)
class Habits:
    """What a bucket does by itself."""

    versioned: bool
    """What is deleted stays as an old version."""
    expires: tuple[str, ...]
    """Names of the lifecycle rules that delete current objects after a time."""
    forgets_versions: bool
    """A lifecycle rule deletes old versions after a time."""


def _expires(rule: Rule) -> bool:
    found = rule.expiration
    return found is not None and (found.days is not None or found.date is not None)


class S3Store:
    """Keeps each object in one bucket under its key."""

    def __init__(self, client: Minio, bucket: str, *, name: str, create: bool) -> None:
        self._client = client
        self._bucket = bucket
        self._name = name
        self._create = create

    @classmethod
    def connect(
        cls,
        endpoint: str,
        bucket: str,
        *,
        access_key: str,
        secret_key: str,
        secure: bool,
        region: str | None,
        create: bool,
    ) -> S3Store:
        """Prepare a store at ``endpoint`` (host:port); nothing is sent yet.

        A call waits at most 5 s for a connection and 30 s for an answer, and is tried again
        three times within about a second. Raises ValueError for names S3 does not have.
        """
        if not endpoint or not _BUCKET.fullmatch(bucket):
            raise ValueError("write s3://host:port/bucket, the bucket in 3 to 63 of a-z 0-9 . -")
        pool = PoolManager(
            maxsize=16,
            ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
            timeout=Timeout(connect=5, read=30),
            retries=Retry(total=3, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
        )
        client = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            secure=secure,
            region=region,
            http_client=pool,
        )
        return cls(client, bucket, name=f"s3://{endpoint}/{bucket}", create=create)

    def put(self, key: str, data: bytes, *, content_type: str) -> None:
        check_key(key)
        with self._told(key):
            try:
                self._put(key, data, content_type=content_type)
            except S3Error as error:
                if error.code != "NoSuchBucket":
                    raise
                self._make_bucket()
                self._put(key, data, content_type=content_type)

    def get(self, key: str) -> bytes:
        check_key(key)
        with self._told(key):
            response = self._client.get_object(self._bucket, key)
            try:
                return bytes(response.read())
            finally:
                response.close()
                response.release_conn()

    def exists(self, key: str) -> bool:
        check_key(key)
        try:
            with self._told(key):
                self._client.stat_object(self._bucket, key)
        except ObjectNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        check_key(key)
        with suppress(ObjectNotFoundError), self._told(key):
            self._client.remove_object(self._bucket, key)

    def list(self, prefix: str = "") -> Iterator[str]:
        check_prefix(prefix)
        with suppress(ObjectNotFoundError), self._told(prefix):
            for item in self._client.list_objects(self._bucket, prefix, recursive=True):
                yield str(item.object_name)

    def folders(self, prefix: str) -> Iterator[str]:
        check_prefix(prefix)
        with suppress(ObjectNotFoundError), self._told(prefix):
            for item in self._client.list_objects(self._bucket, prefix, recursive=False):
                if item.is_dir:
                    yield str(item.object_name)[len(prefix) :].rstrip("/")

    def check(self) -> None:
        with self._told("check"):
            if not self._client.bucket_exists(self._bucket):
                self._make_bucket()

    def habits(self) -> Habits:
        """Return what the bucket does by itself; MapsiError where it may not be asked."""
        with self._told("habits"):
            versioned = self._client.get_bucket_versioning(self._bucket).status == "Enabled"
            found = self._client.get_bucket_lifecycle(self._bucket)
        rules = [rule for rule in (found.rules if found else ()) if rule.status == "Enabled"]
        return Habits(
            versioned=versioned,
            expires=tuple(str(rule.rule_id or "?") for rule in rules if _expires(rule)),
            forgets_versions=any(rule.noncurrent_version_expiration for rule in rules),
        )

    def _put(self, key: str, data: bytes, *, content_type: str) -> None:
        self._client.put_object(
            self._bucket, key, BytesIO(data), len(data), content_type=content_type
        )

    def _make_bucket(self) -> None:
        if not self._create:
            raise StorageDeniedError(self._name, detail="the bucket does not exist")
        try:
            self._client.make_bucket(self._bucket)
        except S3Error as error:
            if error.code != "BucketAlreadyOwnedByYou":  # another worker was first
                raise

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """Turn the client's errors into ours, naming the bucket."""
        try:
            yield
        except (MinioException, HTTPError, ParseError) as error:
            raise self._failure(error, key=key) from error

    def _failure(self, error: Exception, *, key: str) -> MapsiError:
        code = error.code if isinstance(error, S3Error) else None
        if code in _MISSING:
            return ObjectNotFoundError(key)
        if code in _DENIED:
            return StorageDeniedError(self._name, detail=str(code))
        if code in _FULL or _status(error) == _INSUFFICIENT_STORAGE:
            return StorageFullError(self._name)
        return StorageUnavailableError(self._name, detail=code or type(error).__name__)


def _status(error: Exception) -> int | None:
    if isinstance(error, S3Error):
        return error.response.status if error.response else None
    return error.status_code if isinstance(error, ServerError) else None

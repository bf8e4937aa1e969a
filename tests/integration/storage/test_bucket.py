"""What only an S3 server can do wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.storage import StorageDeniedError, StorageFullError, StorageUnavailableError, open_url
from tests.hostile.web_server import WebServer, says, web_server
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, running_s3

pytestmark = pytest.mark.integration


def test_secret_with_signs_works_inside_the_url(s3_endpoint: str) -> None:
    secret = SECRET_KEY.replace("/", "%2F").replace("+", "%2B")
    store = open_url(f"s3://{ACCESS_KEY}:{secret}@{s3_endpoint}/in-url?secure=false")
    store.put("a", b"1", content_type="text/plain")
    assert store.get("a") == b"1"


def test_wrong_secret_is_told_without_repeating_it(s3_endpoint: str) -> None:
    store = open_url(f"s3://{ACCESS_KEY}:wrong-secret@{s3_endpoint}/in-url?secure=false")
    for use in (store.check, lambda: store.put("a", b"", content_type="text/plain")):
        with pytest.raises(StorageDeniedError, match="check its rights and keys") as failure:
            use()
        assert "wrong-secret" not in str(failure.value)


def test_missing_bucket_is_not_made_where_that_is_not_allowed(s3_endpoint: str) -> None:
    url = f"s3://{s3_endpoint}/never-made?secure=false&create=false"
    store = open_url(url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    with pytest.raises(StorageDeniedError, match="the bucket does not exist"):
        store.check()
    with pytest.raises(StorageDeniedError, match="the bucket does not exist"):
        store.put("a", b"", content_type="text/plain")


def test_server_that_went_away_and_came_back_is_used_again(tmp_path: Path) -> None:
    with running_s3(tmp_path) as endpoint:
        url = f"s3://{endpoint}/bucket?secure=false"
        store = open_url(url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
        store.put("a", b"1", content_type="text/plain")
    started = time.monotonic()
    with pytest.raises(StorageUnavailableError, match=f"s3://{endpoint}/bucket"):
        store.get("a")
    assert time.monotonic() - started < 10
    with running_s3(tmp_path, port=int(endpoint.partition(":")[2])):
        assert store.get("a") == b"1"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def broken_store(server: WebServer, status: str, body: str = "") -> object:
    for method in ("/bucket/a", "/bucket?location=", "/bucket"):
        server.scripts[method] = says(status, body.encode(), content_type="application/xml")
    url = f"s3://k:s@127.0.0.1:{server.port}/bucket?secure=false&region=us-east-1"
    return open_url(url)


@pytest.mark.parametrize(
    ("status", "code", "family"),
    [
        ("507 Insufficient Storage", "XMinioStorageFull", StorageFullError),
        ("403 Forbidden", "QuotaExceeded", StorageFullError),
        ("403 Forbidden", "AccessDenied", StorageDeniedError),
        ("503 Service Unavailable", "SlowDown", StorageUnavailableError),
        ("400 Bad Request", "SomethingNew", StorageUnavailableError),
    ],
)
def test_servers_refusal_is_told_by_what_to_do(
    server: WebServer, status: str, code: str, family: type[Exception]
) -> None:
    store = broken_store(server, status, f"<Error><Code>{code}</Code></Error>")
    with pytest.raises(family):
        store.put("a", b"1", content_type="text/plain")


def test_answer_that_is_no_s3_answer_is_told(server: WebServer) -> None:
    store = broken_store(server, "418 Teapot", "<html>proxy error")
    with pytest.raises(StorageUnavailableError):
        store.get("a")


def test_object_cut_short_on_its_way_is_not_taken_for_whole(server: WebServer) -> None:
    server.scripts["/bucket/a"] = says("200 OK", b"half", content_length="8")
    store = open_url(f"s3://k:s@127.0.0.1:{server.port}/bucket?secure=false&region=us-east-1")
    with pytest.raises(StorageUnavailableError):
        store.get("a")

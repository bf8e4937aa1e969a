"""The stores under test: a folder, and a bucket of a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from shared.storage import ObjectStore, open_url
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, running_s3


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``host:port`` of a running S3 server."""
    with running_s3(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


@pytest.fixture
def bucket_store(s3_endpoint: str) -> ObjectStore:
    """A store in a bucket that does not exist yet."""
    url = f"s3://{s3_endpoint}/test-{uuid4().hex}?secure=false"
    return open_url(url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)


@pytest.fixture
def folder_store(tmp_path: Path) -> ObjectStore:
    """A store in a folder that does not exist yet."""
    return open_url((tmp_path / "objects").as_uri())


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """Each test runs on both."""
    opened: ObjectStore = request.getfixturevalue(f"{request.param}_store")
    return opened

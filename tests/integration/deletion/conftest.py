"""An installation with counted photos, on each database and each kind of store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from services.delete import delete_all
from services.ingestion.deletion.targets import Kind
from services.ingestion.domain import pseudonym
from services.trends.recount import recount, recount_from_analyses
from services.trends.rollup import count_photos
from shared.contracts.photos import AnalyzedPhoto, PhotoRef
from shared.records import Database
from shared.records.base import Base
from shared.records.deletion import Deletion
from shared.records.ingestion import Photo, Post
from shared.records.photo_ledger import reference
from shared.records.trends import Cell
from shared.storage import ObjectStore, open_url
from shared.storage.keys import faces_key, photo_key, result_key
from tests.samples.looks import MONDAY, analysis_of, analyzed, photo_id
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, running_s3

on_every_store = pytest.mark.parametrize("store", ["folder", "bucket"], indirect=True)
KEY = b"a key of at least sixteen bytes"
CAP = 3


@dataclass
class Stores:
    """The context of a command, as far as deletions use it."""

    storage: ObjectStore
    settings: Any = None


@dataclass
class House:
    """What ingestion, the models and trends have written."""

    database: Database
    storage: ObjectStore
    worn: dict[str, Iterable[tuple[str, ...]]] = field(default_factory=dict)

    def post(
        self, name: str, *, author: str | None = "kim", source: str = "street", days: float = 0,
        photo: str | None = None, repeats: str | None = None,
        worn: Iterable[tuple[str, ...]] = (("trousers", "black"),), url: str | None = None,
    ) -> str:  # fmt: skip
        """Write a post called ``name`` of a photo, its own unless another is named."""
        ref = photo_id(photo or name)
        hidden = pseudonym(author, key=KEY) if author else None
        posted = MONDAY + timedelta(days=days)
        with self.database.transaction() as session:
            if session.get(Photo, ref) is None:
                count = session.scalar(select(func.count()).select_from(Photo)) or 0
                session.add(
                    Photo(
                        photo_id=ref, key=photo_key(ref), width=600, height=800,
                        perceptual_hash=count, fine_hash=bytes(32),
                        look_id=photo_id(repeats or photo or name), posted_at=posted,
                        source=source, author=hidden, received_at=MONDAY + timedelta(seconds=count),
                        published_at=MONDAY, attempts=1, closed_at=MONDAY,
                    )
                )  # fmt: skip
                self.worn[ref] = worn
                session.flush()
            post_id = sha256(f"post {name}".encode()).hexdigest()
            session.add(
                Post(
                    post_id=post_id, photo_id=ref, source=source,
                    url=url or f"https://photos.example/{name}", author=hidden, posted_at=posted,
                    hashtags=[], likes=None, licence=None,
                )
            )  # fmt: skip
        return post_id

    def analyze(self, *names: str) -> list[AnalyzedPhoto]:
        """Store what the models make of photos (all, unless some are named), and count them."""
        wanted = [photo_id(name) for name in names]
        with self.database.reading() as session:
            rows = session.scalars(select(Photo).order_by(Photo.received_at))
            refs = [reference(row) for row in rows if not names or row.photo_id in wanted]
        items = [self.seen(ref) for ref in refs]
        for start in range(0, len(items), 32):
            count_photos(self.database, items[start : start + 32], author_cap=CAP)
        return items

    def seen(self, ref: PhotoRef) -> AnalyzedPhoto:
        """Store a photo and everything that is made of it; return the message to trends."""
        item = analyzed(ref, self.worn[ref.photo_id])
        analysis = analysis_of(item).model_dump_json().encode()
        for key, data in (
            (photo_key(ref.photo_id), b"photo"),
            (result_key("classification", "1", ref.photo_id), b"{}"),
            (result_key("segmentation", "1-a", ref.photo_id), b"{}"),
            (result_key("color", "1", ref.photo_id), analysis),
            (faces_key("finder-1", ref.photo_id), b"[]"),
        ):
            self.storage.put(key, data, content_type="application/json")
        key = result_key("color", "1", ref.photo_id)
        return item.model_copy(update={"analysis_key": key})

    def delete(self, kind: Kind, target: str) -> Deletion:
        """Run ``mapsi delete`` on a plain target."""
        stores: Any = Stores(self.storage)
        return delete_all(stores, self.database, kind=kind, target=target, say="en")

    def rows(self, table: type[Base]) -> int:
        """Count a table's rows."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def looks(self) -> dict[tuple[Any, ...], int]:
        """Return the weekly cube."""
        columns = (Cell.week, Cell.pattern, Cell.item, Cell.color, Cell.style, Cell.source)
        with self.database.reading() as session:
            return {
                tuple(key): looks for *key, looks in session.execute(select(*columns, Cell.looks))
            }

    def stored(self, ref: str) -> list[str]:
        """Return the keys of a photo's objects."""
        return [key for key in self.storage.list() if ref in key]

    def assert_whole(self) -> None:
        """A recount from the facts, and one from the analyses, change nothing."""
        assert recount(self.database, author_cap=CAP) == []
        again = recount_from_analyses(self.database, self.storage, author_cap=CAP)
        assert {tuple(key): looks for key, looks in again.items() if looks} == self.looks()


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``host:port`` of a running S3 server."""
    with running_s3(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """A folder; tests that ask for it run on a bucket, too (``on_every_store``)."""
    if getattr(request, "param", "folder") == "folder":
        return open_url((tmp_path / "objects").as_uri())
    endpoint = request.getfixturevalue("s3_endpoint")
    url = f"s3://{endpoint}/test-{uuid4().hex}?secure=false"
    return open_url(url, access_key=ACCESS_KEY, secret_key=SECRET_KEY)


@pytest.fixture
def house(database: Database, store: ObjectStore) -> House:
    """An installation without photos yet."""
    return House(database, store)

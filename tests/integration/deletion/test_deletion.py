"""What is deleted is gone everywhere, stays away, and the counts are as if it had never come."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

import pytest
from arro3.io import read_parquet
from sqlalchemy import select

from services.ingestion.deletion.messages import overdue_orders, step
from services.ingestion.deletion.orders import close, open_order, pending
from services.ingestion.deletion.steps import delete_some
from services.ingestion.deletion.targets import find
from services.ingestion.domain import pseudonym
from services.ingestion.ledger import under_way
from services.ingestion.reconciler import reconcile
from services.ingestion.settings import IngestionSettings
from services.trends.deleted import remove_late
from services.trends.forgetting import forget_withdrawn
from services.trends.parquet import export_facts
from services.trends.rollup import count_photos, settle_photos
from shared.errors import RetryableError
from shared.records.deletion import Deletion, Tombstone
from shared.records.ingestion import Photo, Post
from shared.records.photo_ledger import reference
from shared.records.trends import Fact, Settlement
from shared.storage import ObjectStore
from tests.integration.deletion.conftest import CAP, KEY, House, on_every_store
from tests.samples.looks import photo_id, settled
from tests.together import run_together

pytestmark = pytest.mark.integration
KIM, LEE = pseudonym("kim", key=KEY), pseudonym("lee", key=KEY)


@on_every_store
def test_authors_posts_photos_results_and_counts_are_gone(house: House) -> None:
    for number in range(4):
        house.post(f"kim{number}", author="kim", worn=[("skirt", "red"), ("vest", "black")])
        house.post(f"lee{number}", author="lee", days=number)
    house.analyze()
    order = house.delete("author", KIM)
    assert (order.state, order.posts, order.photos) == ("done", 4, 4)
    assert house.rows(Photo) == house.rows(Post) == house.rows(Settlement) == 4
    assert house.rows(Fact) == 4
    assert [house.stored(photo_id(f"kim{number}")) for number in range(4)] == [[]] * 4
    assert len(house.stored(photo_id("lee0"))) == 5
    assert not any("red" in key for key in house.looks())
    house.assert_whole()


def test_nothing_that_is_kept_of_it_names_anyone(house: House) -> None:
    house.post("one", author="kim")
    order = house.delete("author", KIM)
    assert order.target == ""
    with house.database.reading() as session:
        kept = {(row.kind, row.hash) for row in session.scalars(select(Tombstone))}
    assert {kind for kind, _ in kept} == {"author", "photo", "post", "link"}
    assert all(KIM not in text and "photos.example" not in text for _, text in kept)


def test_deleting_again_finds_nothing_and_changes_nothing(house: House) -> None:
    house.post("one", author="kim")
    house.post("two", author="lee")
    house.analyze()
    house.delete("author", KIM)
    before = house.looks()
    again = house.delete("author", KIM)
    assert (again.state, again.posts, again.photos) == ("done", 0, 0)
    assert house.looks() == before


def test_counting_first_tells_what_would_go(house: House) -> None:
    house.post("one", author="kim")
    house.post("two", author="kim", source="shop")
    house.post("two again", photo="two", author="lee")
    with house.database.reading() as session:
        assert find(session, "author", KIM) == find(session, "author", KIM)
        by_author = find(session, "author", KIM)
        by_source = find(session, "source", "street")
        by_link = find(session, "post", "https://photos.example/one")
    assert (by_author.posts, by_author.photos) == (2, 1)
    assert (by_source.posts, by_source.photos) == (2, 1)
    assert (by_link.posts, by_link.photos) == (1, 1)


def test_post_by_address_by_id_and_by_photo(house: House) -> None:
    ids = [house.post(name) for name in ("one", "two", "three")]
    house.analyze()
    house.delete("post", "https://photos.example/one")
    house.delete("post", ids[1])
    house.delete("post", photo_id("three"))
    assert house.rows(Photo) == house.rows(Post) == house.rows(Fact) == 0
    assert house.looks() == {}


def test_photo_that_someone_else_posted_too_stays_under_that_post(house: House) -> None:
    house.post("one", author="kim", days=0)
    house.post("one again", photo="one", author="lee", source="shop", days=8)
    house.analyze()
    house.delete("author", KIM)
    with house.database.reading() as session:
        photo = session.get_one(Photo, photo_id("one"))
        assert (photo.author, photo.source, photo.closed_at) == (LEE, "shop", None)
    assert house.looks() == {}  # until it is counted anew
    (message,) = reconcile(house.database, IngestionSettings(), {}).messages
    assert message.photos[0].author == LEE
    count_photos(house.database, [house.seen(message.photos[0])], author_cap=CAP)
    assert {key[-1] for key in house.looks()} == {"shop"}
    house.assert_whole()


def test_near_duplicate_becomes_a_look_when_the_first_is_deleted(house: House) -> None:
    house.post("first", author="kim")
    house.post("copy", author="lee", repeats="first")
    house.post("later copy", author="park", repeats="first")
    house.analyze()
    assert max(house.looks().values()) == 1
    house.delete("author", KIM)
    messages = reconcile(house.database, IngestionSettings(), {}).messages
    refs = [ref for message in messages for ref in message.photos]
    assert {ref.look_id for ref in refs} == {photo_id("copy")}
    count_photos(house.database, [house.seen(ref) for ref in refs], author_cap=CAP)
    assert max(house.looks().values()) == 1 and house.rows(Settlement) == 2
    house.assert_whole()


@on_every_store
def test_photo_on_its_way_while_it_is_deleted_does_not_come_back(house: House) -> None:
    house.post("slow", author="kim")
    with house.database.reading() as session:
        ref = reference(session.get_one(Photo, photo_id("slow")))
    house.delete("author", KIM)
    message = house.seen(ref)  # a worker had the photo in hand and stores its results now
    assert count_photos(house.database, [message], author_cap=CAP) == 0
    assert settle_photos(house.database, [settled(ref)], author_cap=3) == 0
    remove_late(house.database, house.storage, [ref.photo_id])
    assert house.rows(Settlement) == house.rows(Fact) == 0
    assert house.looks() == {} and house.stored(ref.photo_id) == []
    with house.database.reading() as session:
        assert under_way(session, [ref.photo_id]) == []


def test_message_of_a_photo_as_it_was_is_not_counted(house: House) -> None:
    house.post("one", author="kim")
    house.post("one again", photo="one", author="lee", days=8)
    with house.database.reading() as session:
        before = reference(session.get_one(Photo, photo_id("one")))
    house.delete("author", KIM)
    with house.database.reading() as session:
        after = reference(session.get_one(Photo, photo_id("one")))
    assert count_photos(house.database, [house.seen(before)], author_cap=CAP) == 0
    assert count_photos(house.database, [house.seen(after)], author_cap=CAP) == 1
    house.assert_whole()


def test_counting_and_deleting_at_once_leave_nothing_of_it(house: House) -> None:
    for number in range(24):
        house.post(f"kim{number}", author="kim")
    with house.database.reading() as session:
        refs = [reference(photo) for photo in session.scalars(select(Photo))]
    items = [house.seen(ref) for ref in refs]

    def count() -> None:
        for item in items:
            count_photos(house.database, [item], author_cap=CAP)

    run_together(count, lambda: house.delete("author", KIM))
    forget_withdrawn(house.database, house.storage, [ref.photo_id for ref in refs], author_cap=CAP)
    assert house.looks() == {} and house.rows(Settlement) == 0


class _Breaking:
    """A store that goes away after some calls."""

    def __init__(self, store: ObjectStore, *, calls: int) -> None:
        self._store, self._left = store, calls

    def __getattr__(self, name: str) -> Any:
        self._left -= 1
        if self._left < 0:
            raise RetryableError("the store is away")
        return getattr(self._store, name)


@on_every_store
@pytest.mark.parametrize("calls", [0, 17])
def test_deletion_that_is_cut_off_goes_on(house: House, calls: int) -> None:
    for number in range(6):
        house.post(f"kim{number}", author="kim")
        house.post(f"lee{number}", author="lee")
    house.analyze()
    whole, house.storage = house.storage, _Breaking(house.storage, calls=calls)  # type: ignore[assignment]
    with pytest.raises(RetryableError):
        house.delete("author", KIM)
    house.storage = whole
    order = house.delete("author", KIM)
    assert (order.state, order.posts, order.photos) == ("done", 6, 6)
    assert house.rows(Deletion) == 1
    assert not any(house.stored(photo_id(f"kim{number}")) for number in range(6))
    house.assert_whole()


def test_workers_carry_an_order_out_step_by_step(house: House) -> None:
    for number in range(5):
        house.post(f"kim{number}", author="kim")
    house.analyze()
    with house.database.transaction() as session:
        order = open_order(session, "author", "@Kim", by="key-1", state="asked")
    assert step(house.database, house.storage, order.deletion_id, key=KEY) == ()
    with house.database.transaction() as session:
        counted = session.get_one(Deletion, order.deletion_id)
        assert (counted.state, counted.target, counted.posts_found) == ("counted", KIM, 5)
        counted.state = "running"
    assert delete_some(house.database, house.storage, order.deletion_id, limit=2)
    (withdrawn,) = step(house.database, house.storage, order.deletion_id, key=KEY)
    assert not close(house.database, order.deletion_id)
    forget_withdrawn(house.database, house.storage, withdrawn.photo_ids, author_cap=CAP)
    assert pending(house.database, order.deletion_id) == []
    assert overdue_orders(house.database) == []  # it was touched just now
    with house.database.transaction() as session:
        session.get_one(Deletion, order.deletion_id).touched_at = order.created_at.replace(
            year=2020
        )
    (again,) = overdue_orders(house.database)
    assert step(house.database, house.storage, again.deletion_id, key=KEY) == ()
    with house.database.reading() as session:
        done = session.get_one(Deletion, order.deletion_id)
        assert (done.state, done.posts, done.photos, done.target) == ("done", 5, 5, "")


@on_every_store
@pytest.mark.parametrize("seed", range(2))
def test_counts_are_as_if_what_is_deleted_had_never_come(house: House, seed: int) -> None:
    dice = random.Random(seed)
    names = [f"p{number}" for number in range(40)]
    for number, name in enumerate(names):
        again = number and dice.random() < 0.15
        house.post(
            name,
            author=dice.choice([None, "kim", "lee", "park"]),
            source=dice.choice(["street", "shop"]),
            days=dice.randrange(21),
            photo=names[dice.randrange(number)] if again else None,
            repeats=names[dice.randrange(number)] if number and dice.random() < 0.15 else None,
            worn=[(dice.choice(["vest", "skirt"]), dice.choice(["red", "black"]))],
        )
    _let_looks_be_first(house)
    house.analyze()
    for kind, target in (("author", KIM), ("source", "shop"), ("post", photo_id("p3"))):
        house.delete(kind, target)
        house.assert_whole()
        house.analyze()  # the reconciler's part: what changed is counted anew
        house.assert_whole()
    with house.database.reading() as session:
        left = {photo.photo_id: photo for photo in session.scalars(select(Photo))}
        posts = list(session.scalars(select(Post)))
    assert not any(post.author == KIM or post.source == "shop" for post in posts)
    assert {post.photo_id for post in posts} == set(left)
    assert all(photo.look_id in left for photo in left.values())
    keys = list(house.storage.list())
    named = [key for key in keys if not key.startswith("facts/")]
    assert {key.split("/")[-1].split(".")[0] for key in named} <= set(left)
    assert exported(house) <= set(left)


def exported(house: House) -> set[str]:
    """Return the photos in the Parquet files, once they are written."""
    export_facts(house.database, house.storage)
    found = set[str]()
    for key in list(house.storage.list("facts/")):
        table = read_parquet(BytesIO(house.storage.get(key))).read_all()
        found |= set(table["photo_id"].to_pylist())
    return found


def _let_looks_be_first(house: House) -> None:
    """A look's first photo is a look itself, as ingestion sees to."""
    with house.database.transaction() as session:
        photos = {photo.photo_id: photo for photo in session.scalars(select(Photo))}
        for photo in photos.values():
            first = photos.get(photo.look_id)
            photo.look_id = first.look_id if first else photo.photo_id

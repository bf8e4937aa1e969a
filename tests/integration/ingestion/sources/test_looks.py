"""What a source lists is taken in: all of it, once, with its permalink, date and licence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from services.ingestion.domain import pseudonym
from services.ingestion.schedule import finds, rounds
from shared.records.ingestion import Post, Refusal
from shared.records.sources import FoundItem, SourceCursor
from tests.servers.platforms.look import KEY
from tests.servers.platforms.platform import photo_id

pytestmark = pytest.mark.integration


class Killed(BaseException):
    """What a killed process never gets to handle."""


def dies_at(monkeypatch, module, function, number, *, after=False):
    """Let the process die at a call of ``function``, before or after it did its work."""
    works, calls = getattr(module, function), []

    def dying(*args, **kwargs):
        calls.append(args)
        if len(calls) != number:
            return works(*args, **kwargs)
        if after:
            works(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(module, function, dying)


def test_every_photo_of_every_page_is_taken_in_once(house, platform):
    platform.fill(24)
    name = house.add(platform)
    assert house.look(name) is None
    assert house.posts() == sorted(platform.expected())
    source = house.source(name)
    assert source.found == source.taken == len(platform.expected())
    assert source.videos == sum(posted.videos for posted in platform.posts)
    assert source.due_at > datetime.now(UTC) + timedelta(minutes=10)
    # Again: pages are asked for, photos are not.
    fetched = len(platform.media_calls)
    assert house.look(name) is None
    assert len(platform.media_calls) == fetched
    assert house.posts() == sorted(platform.expected())


def test_a_post_is_stored_with_permalink_date_author_hashtags_and_licence(house, platform):
    platform.fill(3)
    name = house.add(platform)
    house.look(name)
    posted = platform.posts[1]
    with house.database.reading() as session:
        wanted = Post.url == platform.permalink(posted)
        stored = session.scalars(select(Post).where(wanted)).all()
    assert len(stored) == len(posted.photos)
    post = stored[0]
    assert (post.source, post.posted_at) == (name, posted.at)
    assert {"ootd", "코디"} <= set(post.hashtags)
    expected = "Attribution-ShareAlike" if platform.kind == "pixelfed" else "author's own"
    assert post.licence is not None and post.licence.startswith(expected)
    named = {"bluesky": "did:plc:kim", "tumblr": "kim", "feed": "kim", "instagram": None}
    author = named.get(platform.kind, f"kim@{platform.url.removeprefix('http://')}")
    assert post.author == (author and pseudonym(author, key=KEY))
    # Only a licence that asks for the author's name lets it be kept.
    assert post.credit == (author if platform.kind == "pixelfed" else None)


@pytest.mark.parametrize("page", [1, 2, 3, 5])
def test_a_crash_between_a_page_and_its_cursor_loses_nothing(house, tagged, monkeypatch, page):
    tagged.page_size = 4
    tagged.fill(14)
    name = house.add(tagged)
    with monkeypatch.context() as patched:
        dies_at(patched, rounds, "_save_page", page)
        with pytest.raises(Killed):
            house.look(name, source_lease=0.01)
    # The same round goes on: no later look may be needed to mend it.
    assert house.look(name) is None
    assert house.posts() == sorted(tagged.expected())


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_photos_are_taken_in_loses_nothing(house, platform, monkeypatch, after):
    platform.fill(9)
    name = house.add(platform)
    with monkeypatch.context() as patched:
        dies_at(patched, finds, "_note_outcomes", 2, after=after)
        with pytest.raises(Killed):
            house.look(name, source_lease=0.01, batch_size=4)
    assert house.look(name) is None
    assert house.posts() == sorted(platform.expected())
    assert house.source(name).taken == len(platform.expected())


def test_posts_that_come_while_pages_are_read_are_found_by_the_next_look(house, tagged):
    tagged.page_size = 5
    tagged.fill(12)

    def somebody_posts(said):
        tagged.fill(2, start=50)
        return said

    tagged.faults += [lambda said: said, somebody_posts]
    name = house.add(tagged)
    house.look(name)
    house.look(name)
    assert house.posts() == sorted(tagged.expected())


def test_posts_that_reach_the_platform_late_are_found_within_the_overlap(house, tagged):
    tagged.fill(12)
    name = house.add(tagged)
    house.look(name)
    tagged.post(70, at=tagged.posts[0].at - timedelta(minutes=5))
    house.look(name)
    assert house.posts() == sorted(tagged.expected())


def test_a_later_look_does_not_read_the_whole_past_again(house, tagged):
    if tagged.kind == "instagram":
        pytest.skip("its pages are in no order: each look reads its 24 hours")
    ended = datetime.now(UTC) - timedelta(hours=2)
    tagged.page_size = 4
    tagged.fill(24, ending=ended)
    name = house.add(tagged, hashtags=("ootd",))
    house.look(name)
    before = len(tagged.calls)
    house.look(name, source_overlap_minutes=1)
    assert len(tagged.calls) - before <= 2


def test_the_first_look_goes_back_only_so_far(house, tagged):
    tagged.page_size = 3
    tagged.fill(6)
    tagged.fill(9, start=60, ending=datetime.now(UTC) - timedelta(days=30))
    name = house.add(tagged)
    house.look(name)
    found = {url for url, _ in house.posts()}
    assert {tagged.permalink(p) for p in tagged.posts[:6] if p.photos} <= found
    assert tagged.permalink(tagged.posts[6]) not in found


def test_a_look_with_too_many_pages_says_what_it_missed(house, tagged):
    tagged.page_size = 3
    tagged.fill(24)
    name = house.add(tagged)
    assert house.look(name, source_pages=2) is None
    positions = [cursor.position for cursor in house.rows(SourceCursor)]
    assert [position["cut"] for position in positions] == [True, True]


def test_empty_pages_are_no_trouble(house, platform):
    name = house.add(platform)
    assert house.look(name) is None
    assert house.source(name).error is None
    platform.fill(3)
    house.look(name)
    assert house.posts() == sorted(platform.expected())


def test_a_post_deleted_between_two_pages_takes_no_other_with_it(house, tagged):
    tagged.page_size = 4
    tagged.fill(14)

    def somebody_deletes(said):
        tagged.posts[9].deleted = True
        tagged.posts[3].deleted = True
        return said

    tagged.faults.append(somebody_deletes)
    name = house.add(tagged)
    assert house.look(name) is None
    found = set(house.posts())
    assert tagged.expected() <= found  # one of the deleted may have been listed before


def test_a_photo_added_to_a_post_later_is_taken_in_and_the_others_not_again(house, tagged):
    if tagged.kind == "bluesky":
        pytest.skip("posts cannot be edited there")
    tagged.fill(6)
    name = house.add(tagged)
    house.look(name)
    edited = tagged.posts[4]
    edited.photos = (*edited.photos, "added.jpg")
    fetched = len(tagged.media_calls)
    house.look(name)
    assert tagged.media_calls[fetched:] == ["added.jpg"]
    assert (tagged.permalink(edited), photo_id("added.jpg")) in house.posts()


def test_a_clock_that_is_ahead_hides_no_post_and_makes_no_future(house, tagged):
    tagged.page_size = 4
    tagged.fill(8)
    tagged.post(80, at=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3), photos=1)
    name = house.add(tagged)
    house.look(name)
    tagged.fill(4, start=90)
    house.look(name)
    assert {p for _, p in house.posts()} == {p for _, p in tagged.expected()}
    assert all(post.posted_at <= datetime.now(UTC) for post in house.rows(Post))


def test_a_photo_that_comes_late_is_fetched_later_and_holds_nothing_up(house, platform):
    platform.fill(6)
    late = platform.posts[1].photos[0]
    platform.media_faults[late] = [lambda said: type(said)({}, 503), lambda said: None]
    name = house.add(platform)
    assert house.look(name) is None
    assert len(house.posts()) == len(platform.expected()) - 1
    for _ in range(2):
        house.late_photos_are_due()
        house.look(name)
    assert house.posts() == sorted(platform.expected())


def test_a_photo_that_never_comes_is_refused_in_the_end_with_its_reason(house, platform):
    platform.fill(3)
    gone = platform.posts[1].photos[0]
    platform.media_faults[gone] = [lambda said: type(said)({}, 503)] * 9
    name = house.add(platform)
    for _ in range(3):
        house.look(name, source_attempts=3)
        house.late_photos_are_due()
    (refusal,) = house.rows(Refusal)
    assert refusal.reason == "not_fetched" and platform.permalink(platform.posts[1]) in refusal.name
    assert (house.source(name).taken, house.source(name).refused) == (len(house.posts()), 1)
    assert "waiting" not in {item.state for item in house.rows(FoundItem)}


def test_what_a_platform_gives_as_a_photo_never_leads_into_our_network(house, platform):
    platform.fill(3)
    platform.media = lambda name: f"http://169.254.169.254/{name}"
    name = house.add(platform)
    assert house.look(name) is None
    assert house.posts() == []
    allowed = {"private_address", "port"}
    assert {refusal.reason for refusal in house.rows(Refusal)} <= allowed


def test_nothing_of_an_author_is_kept_while_a_photo_waits(house, platform):
    for number in (1, 2):
        platform.post(number, at=datetime.now(UTC), author="a-name-to-forget", photos=1)
    name = house.add(platform)
    for posted in platform.posts:
        platform.media_faults[posted.photos[0]] = [lambda said: type(said)({}, 503)]
    house.look(name)
    kept = [item.found for item in house.rows(FoundItem)]
    assert len(kept) == 2 and all(item.state == "waiting" for item in house.rows(FoundItem))
    assert not any("a-name-to-forget" in str(found["facts"]["author"]) for found in kept)

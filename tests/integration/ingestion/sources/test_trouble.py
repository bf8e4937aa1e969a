"""Limits, tokens, changed forms: each is told by name, none loses a post."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from services.ingestion.sources.trouble import (
    AwayError,
    ChangedError,
    SlowDownError,
    TokenError,
)
from shared.records.ingestion import Post, Refusal
from shared.records.source_book import calls_of, resume_source
from shared.records.sources import HashtagSlot, SourceCursor
from tests.servers.platforms.bluesky import HANDLE, PASSWORD, Bluesky
from tests.servers.platforms.feed import Feed
from tests.servers.platforms.instagram import Instagram, error
from tests.servers.platforms.mastodon import Mastodon
from tests.servers.platforms.platform import GOOD_TOKEN, Said, breaks, html, says, with_headers
from tests.servers.serving import serving

pytestmark = pytest.mark.integration


def waits(house, name):
    """Return the seconds until the source is looked at again."""
    return (house.source(name).due_at - datetime.now(UTC)).total_seconds()


def pass_over(said):
    return said


def test_a_429_is_obeyed_to_the_second_and_the_look_goes_on_where_it_was(house, tagged):
    tagged.page_size = 4
    tagged.fill(14)
    tagged.faults += [pass_over, pass_over, says(429, retry_after="90")]
    name = house.add(tagged)
    trouble = house.look(name)
    assert isinstance(trouble, SlowDownError)
    assert 85 < waits(house, name) <= 90
    asked = len(tagged.calls)
    assert house.look(name) is None
    assert house.posts() == sorted(tagged.expected())
    assert tagged.calls[asked] == tagged.calls[asked - 1], "it went on elsewhere"


WAITS = {
    "date": lambda then: {"retry_after": format_datetime(then, usegmt=True)},
    "iso": lambda then: {"x_ratelimit_remaining": "0", "x_ratelimit_reset": then.isoformat()},
    "unix": lambda then: {
        "ratelimit_remaining": "0", "ratelimit_reset": str(int(then.timestamp()))
    },
    "seconds": lambda then: {
        "x_ratelimit_perhour_remaining": "0", "x_ratelimit_perhour_reset": "3600"
    },
}  # fmt: skip


@pytest.mark.parametrize("way", WAITS)
def test_every_way_to_name_a_wait_is_understood(house, stack, way):
    mastodon = stack.enter_context(serving(Mastodon))
    mastodon.faults.append(says(429, **WAITS[way](datetime.now(UTC) + timedelta(hours=1))))
    name = house.add(mastodon)
    assert isinstance(house.look(name), SlowDownError)
    assert 3500 < waits(house, name) <= 3610


def test_a_clock_that_differs_from_the_platforms_makes_no_wait_longer(house, stack):
    mastodon = stack.enter_context(serving(Mastodon))
    theirs = mastodon.clock = datetime.now(UTC) + timedelta(days=3)
    reset = (theirs + timedelta(seconds=100)).isoformat()
    mastodon.faults.append(says(429, x_ratelimit_remaining="0", x_ratelimit_reset=reset))
    name = house.add(mastodon)
    assert isinstance(house.look(name), SlowDownError)
    assert 90 < waits(house, name) <= 101


def test_the_last_call_of_an_allowance_is_followed_by_a_rest_and_is_saved(house, tagged):
    tagged.page_size = 4
    tagged.fill(14)
    spent = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "120"}
    tagged.faults += [pass_over, with_headers(**spent)]
    name = house.add(tagged)
    assert house.look(name) is None
    assert 110 < waits(house, name) <= 120
    assert house.source(name).error is None
    house.look(name)
    assert house.posts() == sorted(tagged.expected())


def test_calls_are_counted_and_what_the_platform_tells_of_its_limit_is_kept(house, stack):
    mastodon = stack.enter_context(serving(Mastodon))
    mastodon.page_size = 4
    mastodon.fill(14)
    left = {"x_ratelimit_limit": "300", "x_ratelimit_remaining": "287", "x_ratelimit_reset": "120"}
    mastodon.faults += [pass_over, with_headers(**left), says(503)]
    name = house.add(mastodon)
    before = datetime.now(UTC)
    assert isinstance(house.look(name), AwayError)
    with house.database.reading() as session:
        calls = calls_of(session, house.source(name), now=before)
    assert calls.today == len(mastodon.calls) == 3
    assert calls.allowance is not None
    assert (calls.allowance.limit, calls.allowance.remaining) == (300, 287)
    assert calls.allowance.told_at >= before
    assert calls.allowance.resets_at == calls.allowance.told_at + timedelta(seconds=120)


@pytest.mark.parametrize("fault", [says(503), says(500), breaks], ids=["503", "500", "breaks"])
def test_a_platform_that_stumbles_is_tried_again_later_and_later(house, platform, fault):
    platform.fill(6)
    name = house.add(platform)
    pauses = []
    for _ in range(3):
        platform.faults = [fault]
        assert isinstance(house.look(name), AwayError)
        pauses.append(waits(house, name))
    assert 25 < pauses[0] <= 60 and 110 < pauses[2] <= 240
    assert house.look(name) is None
    assert house.posts() == sorted(platform.expected())
    assert house.source(name).failures == 0


def test_an_expired_token_pauses_that_source_alone_and_is_never_shown(house, tagged, stack, caplog):
    caplog.set_level(logging.DEBUG)
    other = stack.enter_context(serving(Feed))
    other.fill(3)
    tagged.fill(6)
    name, feed = house.add(tagged), house.add(other)
    house.own.setdefault("tokens", {})[name] = GOOD_TOKEN + "-expired"
    trouble = house.look(name)
    assert isinstance(trouble, TokenError)
    source = house.source(name)
    assert (source.paused_at is not None, source.pause_reason) == (True, "token")
    assert f"mapsi sources resume {name}" in (source.error or "")
    assert f"mapsi sources resume {name}" in (source.error_ko or "")
    assert house.look(feed) is None and house.posts() == sorted(other.expected())
    raw = house.settings.data_dir.joinpath("mapsi.db").read_bytes()
    for place in (source.error, trouble.text_ko, caplog.text, raw.decode("latin-1")):
        assert GOOD_TOKEN not in place


def test_no_log_line_and_no_row_ever_has_a_token(house, tagged, caplog):
    caplog.set_level(logging.DEBUG)
    tagged.page_size = 4
    tagged.fill(9)
    tagged.faults += [pass_over, breaks]
    name = house.add(tagged)
    house.look(name)
    house.look(name)
    assert house.posts() == sorted(tagged.expected())
    assert GOOD_TOKEN not in caplog.text
    raw = house.settings.data_dir.joinpath("mapsi.db").read_bytes()
    raw += house.settings.data_dir.joinpath("mapsi.db-wal").read_bytes()
    assert GOOD_TOKEN.encode() not in raw


def rename(said, old, new):
    """Return the answer with another name for a field."""
    body = json.loads(json.dumps(said.body).replace(f'"{old}"', f'"{new}"'))
    return Said(body, said.status, said.headers)


FIELDS = {
    "instagram": ("permalink", "media_url", "timestamp", "data"),
    "mastodon": ("created_at", "media_attachments", "account"),
    "pixelfed": ("created_at", "media_attachments", "account"),
    "bluesky": ("indexedAt", "createdAt", "author", "posts", "uri"),
    "tumblr": ("post_url", "timestamp", "blog_name", "response"),
}


def test_a_renamed_field_stops_the_look_by_name_and_loses_nothing(house, tagged):
    tagged.page_size = 4
    tagged.fill(12)
    name = house.add(tagged)
    for field in FIELDS[tagged.kind]:
        before = house.rows(SourceCursor)
        lookup = [pass_over] if tagged.kind == "instagram" and not tagged.searched else []
        tagged.faults = [*lookup, *[lambda s, f=field: rename(s, f, f"{f}_v2")] * 9]
        trouble = house.look(name)
        assert isinstance(trouble, ChangedError), field
        assert house.source(name).error == trouble.text
        after = house.rows(SourceCursor)
        assert {c.hashtag: c.position.get("walk", {}).get("at") for c in before} | {
            c.hashtag: None for c in after if c.hashtag not in {b.hashtag for b in before}
        } == {c.hashtag: c.position.get("walk", {}).get("at") for c in after}
    tagged.faults = []
    assert house.look(name) is None
    assert house.posts() == sorted(tagged.expected())


def test_one_post_that_lacks_a_field_is_refused_alone(house, tagged):
    tagged.fill(6)
    field = {"bluesky": "indexedAt", "tumblr": "timestamp", "instagram": "timestamp"}
    broken = tagged.post(60, at=tagged.posts[-1].at, photos=1, tags=("ootd",), videos=0)
    broken.extra = {field.get(tagged.kind, "created_at"): None}
    name = house.add(tagged)
    assert house.look(name) is None
    missing = {(tagged.permalink(broken), p) for u, p in tagged.expected()}
    assert set(house.posts()) == tagged.expected() - missing
    (refusal,) = house.rows(Refusal)
    assert refusal.reason == "bad_post"
    broken.extra = {}  # the platform mends it: the next look takes it in
    house.look(name)
    assert house.posts() == sorted(tagged.expected())
    assert house.rows(Refusal) == []


@pytest.mark.parametrize("fault", [html, says(404), says(301, location="https://x/")],
                         ids=["html", "404", "moved"])  # fmt: skip
def test_an_answer_of_another_kind_is_a_change_not_an_empty_page(house, platform, fault):
    platform.fill(3)
    platform.faults = [fault]
    name = house.add(platform)
    assert isinstance(house.look(name), ChangedError)
    house.look(name)
    assert house.posts() == sorted(platform.expected())


class TestInstagram:
    @pytest.fixture
    def instagram(self, stack):
        return stack.enter_context(serving(Instagram))

    def test_the_usage_header_is_obeyed_before_the_limit_is_hit(self, house, instagram):
        instagram.fill(3)
        usage = '{"17841": [{"type": "instagram", "call_count": 98, "total_cputime": 2, ' \
            '"total_time": 3, "estimated_time_to_regain_access": 7}]}'  # fmt: skip
        instagram.faults += [
            pass_over, lambda said: Said(said.body, 200, {"x-business-use-case-usage": usage})
        ]  # fmt: skip
        name = house.add(instagram)
        house.look(name)
        assert 410 < waits(house, name) <= 420

    @pytest.mark.parametrize("code", [4, 17, 32, 613, 80002])
    def test_its_own_codes_for_too_many_calls_are_a_pause(self, house, instagram, code):
        instagram.faults = [lambda said: error(code, "Application request limit reached")]
        name = house.add(instagram)
        assert isinstance(house.look(name), SlowDownError)
        assert waits(house, name) > 3500

    def test_top_media_are_found_beyond_the_24_hours_of_recent_media(self, house, instagram):
        old = datetime.now(UTC) - timedelta(days=5)
        instagram.post(1, at=old, photos=2, extra={"top": True}, videos=0)
        instagram.post(2, at=old, photos=1, videos=0)
        instagram.fill(3, start=30)
        name = house.add(instagram)
        house.look(name)
        found = {url for url, _ in house.posts()}
        assert instagram.permalink(instagram.posts[0]) in found
        assert instagram.permalink(instagram.posts[1]) not in found

    def test_each_hashtag_is_written_down_before_it_is_spent(self, house, instagram, monkeypatch):
        instagram.fill(3)
        name = house.add(instagram)
        instagram.faults = [breaks]
        house.look(name)
        assert len(house.rows(HashtagSlot)) == 1

    def test_no_more_than_thirty_hashtags_are_ever_asked_for(self, house, instagram):
        name = house.add(instagram, hashtags=tuple(f"tag{number}" for number in range(32)))
        assert house.look(name) is None
        assert house.look(name) is None
        assert len(instagram.searched) == len(house.rows(HashtagSlot)) == 30

    def test_a_quota_that_others_use_too_is_told_and_the_other_hashtags_go_on(
        self, house, instagram
    ):
        instagram.fill(6)
        instagram.hashtags_left = 1
        name = house.add(instagram)
        assert house.look(name) is None
        told = {cursor.hashtag: cursor.error for cursor in house.rows(SourceCursor)}
        assert sum(error is not None for error in told.values()) == 1
        assert len(house.rows(HashtagSlot)) == 1
        assert house.posts()
        instagram.hashtags_left = 30
        house.look(name)
        assert house.posts() == sorted(instagram.expected())

    def test_a_hashtag_it_does_not_serve_is_told_and_the_others_go_on(self, house, instagram):
        instagram.fill(3)
        name = house.add(instagram, hashtags=("ootd", "코디", "street_style"))
        assert house.look(name) is None
        told = {cursor.hashtag: cursor.error for cursor in house.rows(SourceCursor)}
        assert told["street_style"] is not None and "#street_style" in told["street_style"]
        assert house.posts() == sorted(instagram.expected())


class TestBluesky:
    def test_a_server_that_wants_a_session_gets_one_by_app_password(self, house, stack):
        bluesky = stack.enter_context(serving(Bluesky))
        bluesky.closed = True
        bluesky.fill(3)
        name = house.add(bluesky)
        assert isinstance(house.look(name), TokenError)
        with house.database.transaction() as session:
            resume_source(session, name, now=datetime.now(UTC))
        house.own["tokens"] = {"bluesky": f"{HANDLE}:{PASSWORD}"}
        assert house.look(name) is None
        assert house.posts() == sorted(bluesky.expected())

    @pytest.mark.parametrize(
        "extra",
        [
            {"labels": [{"val": "porn"}]},
            {"author": {"did": "did:plc:kim", "labels": [{"val": "!no-unauthenticated"}]}},
        ],
        ids=["adult", "not for guests"],
    )
    def test_who_asks_not_to_be_shown_is_not(self, house, stack, extra):
        bluesky = stack.enter_context(serving(Bluesky))
        bluesky.post(1, at=datetime.now(UTC), photos=2, extra=extra, videos=0)
        name = house.add(bluesky)
        house.look(name)
        house.look(name)
        assert (house.posts(), house.source(name).withheld) == ([], 2)


@pytest.mark.parametrize(
    "extra",
    [{"sensitive": True}, {"account": {"acct": "kim", "noindex": True}}, {"visibility": "private"}],
    ids=["sensitive", "noindex", "private"],
)
def test_who_asks_mastodon_not_to_be_shown_is_not(house, stack, extra):
    mastodon = stack.enter_context(serving(Mastodon))
    mastodon.post(1, at=datetime.now(UTC), photos=1, extra=extra, videos=0)
    name = house.add(mastodon)
    house.look(name)
    assert (house.posts(), house.source(name).withheld) == ([], 1)


class TestFeed:
    @pytest.fixture
    def feed(self, stack):
        return stack.enter_context(serving(Feed))

    def test_a_feed_that_has_not_changed_is_not_sent_again(self, house, feed):
        feed.fill(3)
        name = house.add(feed)
        house.look(name)
        feed.faults.append(lambda said: Said(b"", 500) if said.status != 304 else said)
        assert house.look(name) is None

    def test_a_feed_that_moved_on_its_own_host_is_followed_and_no_further(self, house, feed):
        feed.fill(3)
        feed.faults = [says(301, location=f"{feed.url}/moved.xml")]
        name = house.add(feed)
        assert house.look(name) is None
        assert [path for path, _ in feed.calls] == ["/feed.xml", "/moved.xml"]
        feed.faults = [says(302, location="http://169.254.169.254/latest/meta-data/")]
        trouble = house.look(name)
        assert isinstance(trouble, ChangedError) and "moved to http://169.254" in trouble.text

    def test_a_feed_that_redirects_in_a_circle_is_told(self, house, feed):
        feed.faults = [says(302, location=f"{feed.url}/feed.xml")] * 9
        name = house.add(feed)
        assert isinstance(house.look(name), ChangedError)
        assert len(feed.calls) == 4

    def test_robots_txt_is_obeyed_for_every_photo(self, house, feed):
        feed.fill(3)
        feed.robots = "User-agent: Mapsi\nDisallow: /media/\n"
        name = house.add(feed)
        house.look(name)
        assert (house.posts(), feed.media_calls) == ([], [])
        assert {refusal.reason for refusal in house.rows(Refusal)} == {"robots"}

    def test_an_entry_without_a_date_is_refused_alone(self, house, feed):
        feed.fill(3)
        feed.post(50, at=datetime.now(UTC), photos=1, extra={"date": ""}, videos=0)
        name = house.add(feed)
        house.look(name)
        assert len({url for url, _ in house.posts()}) == 3
        assert [refusal.reason for refusal in house.rows(Refusal)] == ["bad_post"]

    def test_an_entrys_own_licence_goes_before_the_sources(self, house, feed):
        licence = "https://creativecommons.org/licenses/by/4.0/"
        extra = {"licence": f"<cc:license>{licence}</cc:license>"}
        feed.post(2, at=datetime.now(UTC), photos=1, extra=extra, videos=0)
        name = house.add(feed)
        house.look(name)
        assert [post.licence for post in house.rows(Post)] == [licence]

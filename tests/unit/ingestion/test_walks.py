"""Where a timeline is read on, and where it stops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingestion.schedule.walks import Position, advance, ask, begin, refused
from services.ingestion.sources.found import Page
from shared.source_calls import Allowance

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


def started(position=None, *, now=NOW):
    return begin(position or Position(), now=now, lookback=WEEK, overlap=HOUR)


def page(newest=None, at="more", **more):
    return Page(posts=(), next=at, newest=newest, **more)


def step(position, one, *, order="newest_first", max_pages=99):
    return advance(position, one, order=order, max_pages=max_pages)


def test_the_first_walk_goes_back_as_far_as_it_may():
    assert started().walk.floor == NOW - WEEK


def test_a_later_walk_reaches_behind_where_the_last_one_began():
    done = step(started(), page(NOW - MINUTE, at=None))
    assert done.walk is None and done.done_until == NOW - MINUTE
    again = started(done, now=NOW + HOUR)
    assert again.walk.floor == NOW - MINUTE - HOUR


def test_a_walk_under_way_is_taken_up_where_it_was():
    middle = step(started(), page(NOW, at="page 2"))
    assert started(middle, now=NOW + HOUR) == middle
    assert middle.walk.at == "page 2"


def test_one_old_post_among_new_ones_does_not_end_the_walk():
    middle = step(started(Position(done_until=NOW - HOUR)), page(NOW, at="page 2"))
    assert middle.walk is not None
    assert step(middle, page(NOW - 3 * HOUR, at="page 3")).walk is None


def test_a_page_that_says_no_date_does_not_end_the_walk():
    assert step(started(), page(None)).walk is not None


def test_where_pages_are_in_no_order_all_of_them_are_read():
    middle = step(started(), page(NOW - 9 * WEEK), order="none")
    assert middle.walk is not None
    assert step(middle, page(None, at=None), order="none").walk is None


def test_a_clock_ahead_does_not_move_the_mark_beyond_now():
    done = step(started(), page(NOW + 5 * HOUR, at=None))
    assert done.done_until == NOW


def test_an_empty_look_keeps_the_mark():
    done = step(started(Position(done_until=NOW - HOUR)), page(None, at=None))
    assert done.done_until == NOW - HOUR


def test_too_many_pages_end_the_walk_and_say_so():
    done = step(started(), page(NOW), max_pages=1)
    assert done.walk is None and done.cut
    whole = step(started(), page(NOW, at=None), max_pages=1)
    assert not whole.cut


def test_a_page_that_cannot_be_had_twice_makes_a_broken_walk_begin_again():
    middle = step(ask(started(), resumable=False, now=NOW), page(NOW, at="2"), order="none")
    asked = ask(middle, resumable=False, now=NOW)
    assert asked.walk.at == "2" and asked.walk.asking
    again = ask(asked, resumable=False, now=NOW)  # the process died before the page was saved
    assert again.walk.at is None and again.walk.pages == 0
    # A server that refused gave no page away: it goes on there.
    assert ask(refused(asked), resumable=False, now=NOW).walk.at == "2"
    assert ask(middle, resumable=True, now=NOW).walk == middle.walk


def test_every_page_that_is_asked_for_counts_on_its_day_also_one_that_was_lost():
    first = ask(started(), resumable=True, now=NOW)
    lost = ask(first, resumable=True, now=NOW + HOUR)
    done = step(lost, page(NOW, at=None))
    assert (done.asked.calls_on(NOW.date()), done.walk) == (2, None)
    tomorrow = NOW + 24 * HOUR
    assert done.asked.calls_on(tomorrow.date()) == 0
    again = ask(started(done, now=tomorrow), resumable=True, now=tomorrow)
    assert again.asked.calls_on(tomorrow.date()) == 1


def test_what_the_platform_told_last_is_known_until_it_tells_anew():
    def told(remaining):
        return Allowance(limit=300, remaining=remaining, resets_at=None, told_at=NOW)

    middle = step(started(), page(NOW, at="2", allowance=told(299)))
    silent = step(middle, page(NOW, at="3"))
    assert silent.asked.allowance == told(299)
    assert step(silent, page(NOW, at=None, allowance=told(297))).asked.allowance == told(297)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 600), min_size=1, max_size=40),
    st.lists(st.integers(0, 30), max_size=12),
    st.integers(1, 7),
    st.integers(1, 4),
)
def test_whatever_is_posted_when_every_post_is_found(first, later, size, died):
    """Model of a platform: pages newest first, posts come between pages, saves get lost."""
    posts = [NOW - minutes * MINUTE for minutes in first]
    coming = iter(later)
    found, position, now = set(), Position(), NOW
    for _ in range(3):
        position, calls = started(position, now=now), 0
        while position.walk is not None:
            calls += 1
            at = position.walk.at
            below = [p for p in sorted(posts, reverse=True) if at is None or str(p) < at]
            shown = [p for p in below if str(p) >= str(below[:size][-1])] if below else []
            answer = page(max(shown, default=None), at=str(min(shown)) if shown else None)
            if calls % died == 0 and calls < 40:  # the page is lost with its process, once
                died += 1
                continue
            found |= set(shown)
            position = step(position, answer)
            now += timedelta(seconds=1)
            posts += [now for _ in range(next(coming, 0) % 2)]
        now += timedelta(minutes=15)
    position = started(position, now=now)
    assert {p for p in posts if p <= NOW} <= found

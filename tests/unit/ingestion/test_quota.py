"""Thirty hashtags in seven days: nobody is left out for good, and what is missed is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingestion.schedule.quota import LIMIT, REACH, SAFETY, WINDOW, Wish, plan

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def wish(hashtag, weight=1.0, ago=None):
    return Wish(hashtag, weight, None if ago is None else NOW - ago)


def test_few_hashtags_all_get_a_slot_and_miss_nothing():
    made = plan([wish("ootd", 3), wish("코디", 2)], {}, now=NOW)
    assert made.chosen == ("ootd", "코디")
    assert all(planned.opens and not planned.missed for planned in made.hashtags)
    assert (made.used, made.others) == (0, 0)


def test_a_hashtag_with_a_slot_costs_nothing_more():
    slots = {"ootd": NOW - 3 * HOUR}
    (planned,) = plan([wish("ootd", ago=3 * HOUR)], slots, now=NOW).hashtags
    assert (planned.opens, planned.open_until) == (False, NOW - 3 * HOUR + WINDOW + SAFETY)


def test_heavier_hashtags_go_first_and_the_rest_wait_for_the_first_slot_that_ends():
    slots = {f"used{n}": NOW - timedelta(days=n / 8) for n in range(1, 29)}
    wishes = [wish(tag) for tag in slots] + [wish("a", 1), wish("b", 5), wish("c", 3)]
    made = plan(wishes, slots, now=NOW)
    fates = {planned.hashtag: planned for planned in made.hashtags}
    assert fates["b"].opens and fates["c"].opens
    assert fates["a"].waits_until == slots["used28"] + WINDOW + SAFETY
    assert len(made.chosen) == LIMIT


def test_a_light_hashtag_that_waited_long_goes_before_a_heavy_one_looked_at_lately():
    taken = {f"other{n}": NOW for n in range(LIMIT - 1)}
    wishes = [wish("heavy", 3, ago=timedelta(days=1)), wish("light", 1, ago=timedelta(days=20))]
    assert plan(wishes, taken, now=NOW).chosen == ("light",)


def test_slots_of_hashtags_nobody_wants_any_more_still_count():
    taken = {f"old{n}": NOW - HOUR for n in range(LIMIT)}
    made = plan([wish("ootd")], taken, now=NOW)
    assert (made.chosen, made.used, made.others) == ((), LIMIT, LIMIT)


def test_what_is_older_than_a_day_at_the_next_look_is_said_to_be_missed():
    (planned,) = plan([wish("ootd", ago=timedelta(hours=30))], {}, now=NOW).hashtags
    assert planned.missed == timedelta(hours=30) - REACH
    taken = {f"other{n}": NOW for n in range(LIMIT)}
    (planned,) = plan([wish("ootd", ago=HOUR)], taken, now=NOW).hashtags
    assert planned.missed == WINDOW + SAFETY + HOUR - REACH


def test_over_weeks_every_hashtag_is_looked_at_and_weight_decides_how_often():
    looked, slots, looks = {}, {}, {f"tag{n}": 0 for n in range(60)}
    now = NOW
    for _ in range(8 * 7 * 4):  # eight weeks, every six hours
        wishes = [Wish(tag, 4.0 if n < 20 else 1.0, looked.get(tag)) for n, tag in enumerate(looks)]
        for tag in plan(wishes, slots, now=now).chosen:
            if tag not in slots or slots[tag] + WINDOW + SAFETY <= now:
                slots[tag] = now
            looked[tag] = now
            looks[tag] += 1
        in_window = [at for at in slots.values() if at > now - WINDOW]
        assert len(in_window) <= LIMIT
        now += timedelta(hours=6)
    assert min(looks.values()) > 0
    heavy = sum(looks[f"tag{n}"] for n in range(20)) / 20
    light = sum(looks[f"tag{n}"] for n in range(20, 60)) / 40
    assert heavy > 1.5 * light


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 400), max_size=45),
    st.lists(st.tuples(st.floats(0.1, 9), st.none() | st.floats(0, 900)), max_size=60),
)
def test_no_plan_ever_spends_more_than_there_is(slot_ages, wishes):
    slots = {f"tag{n}": NOW - age * HOUR for n, age in enumerate(slot_ages)}
    active = {tag for tag, at in slots.items() if at + WINDOW + SAFETY > NOW}
    wanted = [
        wish(f"tag{n * 2}", weight, None if age is None else age * HOUR)
        for n, (weight, age) in enumerate(wishes)
    ]
    made = plan(wanted, slots, now=NOW)
    opening = {planned.hashtag for planned in made.hashtags if planned.opens}
    assert len(active | opening) <= max(LIMIT, len(active))
    assert not opening & active
    assert {planned.hashtag for planned in made.hashtags} == {one.hashtag for one in wanted}
    for planned in made.hashtags:
        assert planned.waits_until is None or planned.waits_until > NOW

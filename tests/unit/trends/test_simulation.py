"""In markets of 100,000 posts with known truth, rises are found early and little else is."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.trends.cube import count
from services.trends.domain import Look, Piece
from services.trends.recount import within_cap
from services.trends.settings import TrendsSettings
from shared.analytics.movement import movement
from shared.analytics.periods import AUTHOR_LOOKS, Against, Periods
from shared.contracts.vocabulary import ALL, BASIC_COLORS, CATEGORIES
from shared.trend_figures import week_of, window
from tests.samples.looks import MONDAY
from tests.samples.market import CAP, CELLS, FIRST, LOUD, SOURCES, WEEKS, make_market, tally
from tests.samples.market_verdicts import Verdict, judge

SEEDS = (0, 1, 2, 3)
"""The first of those that ``python -m tests.benchmarks.trend_simulation`` tells of."""


@cache
def verdicts() -> tuple[Verdict, ...]:
    return tuple(judge(seed) for seed in SEEDS)


def test_nine_of_ten_planted_rises_are_found_within_three_weeks() -> None:
    hits, planted = sum(v.hits for v in verdicts()), sum(v.planted for v in verdicts())
    assert hits >= 0.9 * planted


def test_at_most_one_of_ten_found_rises_is_false() -> None:
    false, found = sum(sum(v.false.values()) for v in verdicts()), sum(v.found for v in verdicts())
    assert false <= 0.1 * found


def test_a_repost_a_busy_author_and_a_louder_source_give_no_rise() -> None:
    """In the four markets: 16 rows of each of the first two, and all rows in which nothing is."""
    false = sum((v.false for v in verdicts()), Counter())
    assert {kind: false[kind] for kind in ("viral", "busy", "nothing")} == {
        "viral": 0,
        "busy": 0,
        "nothing": 0,
    }


def test_seasons_are_told_from_rises() -> None:
    assert sum(v.season_hits for v in verdicts()) >= 0.8 * sum(v.seasons for v in verdicts())
    assert sum(v.false["seasonal"] for v in verdicts()) <= 1


def flat(share: float = 0.02, *, weekly: int = 900) -> tuple[np.ndarray, np.ndarray]:
    """One cell beside 99 others in two sources, in which nothing happens."""
    dice = np.random.default_rng(3)
    totals = np.full((2, 60), weekly // 2.0)
    return dice.poisson(share * weekly / 2, (100, 2, 60)).astype(float), totals


def rising(looks: np.ndarray, totals: np.ndarray) -> set[int]:
    stages = movement(looks, totals).stage
    return {cell for cell, stage in enumerate(stages) if stage in ("rising", "emerging")}


def test_a_rise_is_found_and_a_burst_of_one_week_is_none() -> None:
    looks, totals = flat()
    looks[0, :, -3:] *= 2.5
    looks[1, :, -2] *= 8  # a week of spam
    assert rising(looks, totals) == {0}


def test_an_author_who_posts_all_day_and_a_look_that_is_reposted_are_no_rise() -> None:
    """What the counting rule leaves of them: three looks a week, and one."""
    looks, totals = flat()
    looks[1, 0, -3:] += CAP
    looks[2, 0, -3] += 1
    assert rising(looks, totals) == set()


def test_a_row_that_one_author_could_have_lifted_alone_does_not_rise() -> None:
    """In a row of two looks a week three more are much, but no trend; as many people's are."""
    looks, totals = flat()
    looks[3] = looks[4] = 1
    looks[3, 0, -3:] += CAP
    looks[3, 1, -3:] += 2  # others, by chance
    looks[4, :, -3:] += 6
    assert rising(looks, totals) & {3, 4} == {4}


@pytest.mark.parametrize("weeks", [1, 2, 3, 6])
@pytest.mark.parametrize("source", [0, 1, 2])
def test_no_row_of_any_size_rises_by_one_author_in_any_source(source: int, weeks: int) -> None:
    """All others wear in every week what they always wore; the sources differ in size."""
    usual = np.concatenate([np.arange(11) / 4, np.arange(3, 90)])
    totals = np.repeat([[2_000.0], [300.0], [40.0]], 60, axis=1)
    looks = usual[:, None, None] * (totals / totals.sum(0))
    looks[:, source, -weeks:] += CAP
    totals[source, -weeks:] += CAP
    assert rising(looks, totals) == set()


def test_many_people_lift_a_row_that_one_author_in_each_source_cannot() -> None:
    looks, totals = flat()
    looks[1:4] = 2
    looks[1, 0, -3:] += CAP  # one author
    looks[2, :, -3:] += CAP  # one in each source: too few to tell from one
    looks[3, :, -3:] += 3 * CAP  # people
    assert rising(looks, totals) & {1, 2, 3} == {3}


@given(st.data())
def test_what_is_left_without_any_author_is_no_more_than_what_all_others_say(
    data: st.DataObject,
) -> None:
    """The guarantee: take away what one did have, or what one can have; the latter leaves less."""
    counts = st.integers(0, 40)
    others = np.array([[[data.draw(counts) for _ in range(3)] for _ in range(2)]], float)
    totals = others[0] + [[data.draw(st.integers(1, 900)) for _ in range(3)] for _ in range(2)]
    before = np.array([[data.draw(counts), data.draw(counts)]], float)
    before = before, before[0] + [data.draw(st.integers(1, 9_000)), data.draw(counts)]
    posted, source = (
        [data.draw(st.integers(0, CAP)) for _ in range(3)],
        data.draw(st.integers(0, 1)),
    )
    with_author, all_looks = others.copy(), totals.copy()
    with_author[0, source] += posted
    all_looks[source] += posted
    alone = against(others, totals, before).z()
    left = against(with_author, all_looks, before).without_author()
    assert left[0] <= max(0.0, alone[0]) + 1e-9


def against(
    looks: np.ndarray, totals: np.ndarray, before: tuple[np.ndarray, np.ndarray]
) -> Against:
    one = np.ones(1)
    periods = Periods(looks, totals, one)
    return Against(periods.at(3, 3), before, one, one, author=periods.author(3, 3))


def test_no_more_looks_of_an_author_can_be_counted_than_the_test_takes_away() -> None:
    assert TrendsSettings(author_cap=AUTHOR_LOOKS).author_cap == AUTHOR_LOOKS
    with pytest.raises(ValidationError, match="less than or equal to 3"):
        TrendsSettings(author_cap=AUTHOR_LOOKS + 1)


def test_a_rise_in_one_source_alone_is_none_and_says_so() -> None:
    looks, totals = flat()
    looks[2, 1, -3:] *= 4
    found = movement(looks, totals)
    assert found.stage[2] not in ("rising", "emerging")
    assert found.one_source[2]


def test_a_louder_source_with_a_taste_of_its_own_is_no_rise() -> None:
    dice, totals = np.random.default_rng(4), np.full((2, 60), 450.0)
    totals[1, -3:] *= 6
    taste = np.full((100, 2, 1), 0.02)
    taste[3, 1] = 0.1  # what the second source likes
    assert rising(dice.poisson(taste * totals).astype(float), totals) == set()


def test_the_simulation_counts_by_the_rule_of_the_service() -> None:
    """Its own counting, made to be fast, gives the same looks as the service's."""
    posts, _ = make_market(5, posts=1_500)
    weeks = window(week_of(MONDAY), WEEKS)
    names = [(item, color) for item in CATEGORIES for color in BASIC_COLORS]
    looks = [
        Look(
            photo_id=f"{row:08d}",
            week=weeks[posts.week[row]],
            style="unknown",
            source=str(posts.source[row]),
            author=str(posts.author[row]) if posts.author[row] >= 0 else None,
            garments=tuple(
                Piece(*names[cell], None, "#808080") for cell in posts.cells[row] if cell >= 0
            ),
        )
        for row in np.flatnonzero(posts.look == np.arange(len(posts.look)))
    ]
    cells = count(within_cap(looks, cap=CAP)).cells
    expected, _ = tally(posts)
    assert len(names) == CELLS
    for at, (item, color) in enumerate(names):
        for source in range(SOURCES):
            for place, week in enumerate(weeks):
                told = expected[at, source, place]
                if told:
                    key = (week, ALL, item, color, "unknown", str(source))
                    assert cells[key] == told  # type: ignore[index]
    assert sum(n for key, n in cells.items() if ALL not in key[2:4] and key.item in CATEGORIES) == (
        expected.sum()
    )


def test_the_louder_source_is_loud_in_the_simulation() -> None:
    posts, _ = make_market(SEEDS[0], posts=5_000)
    _, totals = tally(posts)
    before, after = totals[LOUD, :FIRST].mean(), totals[LOUD, FIRST + 4 :].mean()
    assert after > 3 * before


@pytest.mark.parametrize("weeks", [1, 2, 5, 8, 30])
def test_a_young_archive_says_what_it_can_and_no_more(weeks: int) -> None:
    looks, totals = flat()
    found = movement(looks[:, :, :weeks], totals[:, :weeks])
    assert set(found.stage) <= {None, "steady"}
    assert np.isnan(found.seasonality).all()
    if weeks < 7:
        assert set(found.stage) == {None}

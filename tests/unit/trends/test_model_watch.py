"""Drift and forecasts as they come true: what an operator is told of models that go astray."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import isnan, log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trends import rollup
from services.trends.monitoring.domain import (
    LARGEST_NOISE,
    MIN_ROWS,
    Outcome,
    coverage,
    error_ratio,
    noise,
    psi,
)
from services.trends.monitoring.forecasts import Foretold, keep_forecast, read_outcomes
from services.trends.monitoring.watching import watch_models
from shared import metrics
from shared.contracts.photos import AnalyzedPhoto
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES
from shared.records import Database
from shared.records.ingestion import Photo
from shared.settings import Settings
from shared.storage import ObjectStore, open_storage
from shared.storage.keys import foretold_key
from shared.trend_forecast import MIN_WEEKS
from tests.samples.looks import MONDAY, analyzed, photo, settled, weeks_later

NOW = weeks_later(9, days=1)
"""A Tuesday: the last whole week is the eighth after MONDAY's."""

counts = st.lists(st.integers(0, 100_000), min_size=2, max_size=20)


@st.composite
def samples(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    bins = draw(st.integers(2, 20))
    one = st.lists(st.integers(0, 100_000), min_size=bins, max_size=bins)
    return draw(one), draw(one)


@given(samples())
def test_the_index_is_symmetric_and_never_negative(pair: tuple[list[int], list[int]]) -> None:
    now, before = pair
    index = psi(now, before)
    assert isnan(index) or index >= -1e-12
    assert index == pytest.approx(psi(before, now), nan_ok=True)


@given(counts)
def test_a_sample_does_not_drift_from_itself(sample: list[int]) -> None:
    index = psi(sample, sample)
    assert isnan(index) or index == 0


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_bins_does_not_matter(pair: tuple[list[int], list[int]], dice: Any) -> None:
    now, before = pair
    order = list(range(len(now)))
    dice.shuffle(order)
    shuffled = psi([now[at] for at in order], [before[at] for at in order])
    assert shuffled == pytest.approx(psi(now, before), nan_ok=True)


@given(samples())
def test_few_looks_tell_nothing_and_many_a_number(pair: tuple[list[int], list[int]]) -> None:
    now, before = pair
    assert isnan(psi(now, before)) == (noise(now, before) > LARGEST_NOISE)


def test_the_index_is_the_formula_of_its_source() -> None:
    # Large counts, so that the half a look that each bin gets is nothing.
    now, before = [600_000, 400_000], [500_000, 500_000]
    by_hand = 0.1 * log(0.6 / 0.5) - 0.1 * log(0.4 / 0.5)
    assert psi(now, before) == pytest.approx(by_hand, rel=1e-4)


def test_a_bin_that_empties_counts_much_and_not_without_end() -> None:
    assert 0.25 < psi([0, 1000], [500, 500]) < 10


def test_bins_must_match() -> None:
    with pytest.raises(ValueError, match="same bins"):
        psi([1, 2], [1, 2, 3])


def outcome(came: float, told: float, naive: float | None = 0.5) -> Outcome:
    return Outcome(came=came, told=told, low80=told - 0.2, high80=told + 0.2, naive=naive)


def test_a_forecast_half_as_wrong_as_last_year_has_half_the_error() -> None:
    rows = [outcome(0.3, 0.4)] * MIN_ROWS
    assert error_ratio(rows) == pytest.approx(0.5)
    assert coverage(rows) == 1.0


def test_rows_without_a_year_before_are_not_compared_with_it() -> None:
    known, young = [outcome(0.3, 0.4)] * MIN_ROWS, [outcome(0.3, 0.9, naive=None)] * 50
    assert error_ratio([*known, *young]) == pytest.approx(0.5)
    assert coverage([*known, *young]) == pytest.approx(MIN_ROWS / (MIN_ROWS + 50))


@pytest.mark.parametrize(
    "rows", [[], [outcome(0.3, 0.4)] * (MIN_ROWS - 1), [outcome(0.3, 0.4, naive=None)] * 50]
)
def test_too_few_rows_have_no_error(rows: list[Outcome]) -> None:
    assert isnan(error_ratio(rows))


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStore:
    return open_storage(Settings(data_dir=tmp_path))


def looks(week: int, number: int, *, collapsed: bool = False) -> list[AnalyzedPhoto]:
    """Return looks of a week: of every category and colour in turn, or all alike."""
    return [
        analyzed(
            photo(f"{week}-{at}", posted_at=weeks_later(week)),
            [("vest", "black")]
            if collapsed
            else [(CATEGORIES[at % len(CATEGORIES)], BASIC_COLORS[at % len(BASIC_COLORS)])],
        )
        for at in range(number)
    ]


def drift(what: str) -> float:
    return float(metrics.DRIFT_PSI.labels(what)._value.get())


def count(database: Database, photos: list[AnalyzedPhoto]) -> None:
    rollup.count_photos(database, photos, author_cap=100)


def test_a_segmenter_that_finds_one_category_only_shows(
    database: Database, storage: ObjectStore
) -> None:
    for week in range(8):
        count(database, looks(week, 200))
    count(database, looks(8, 400))
    watch_models(database, storage, now=NOW)
    assert drift("category") < 0.1
    assert drift("color") < 0.1

    for week in range(9, 10):
        count(database, looks(week, 400, collapsed=True))
    watch_models(database, storage, now=weeks_later(10, days=1))
    assert drift("category") > 1
    assert drift("color") > 1
    assert metrics.WATCHED.labels("drift")._value.get() == weeks_later(10, days=1).timestamp()


def test_a_week_that_is_not_over_is_not_judged(database: Database, storage: ObjectStore) -> None:
    for week in range(9):
        count(database, looks(week, 300))
    count(database, looks(9, 400, collapsed=True))
    watch_models(database, storage, now=NOW)
    assert drift("category") < 0.1


def test_few_looks_are_no_drift(database: Database, storage: ObjectStore) -> None:
    count(database, looks(7, 400))
    count(database, looks(8, 20, collapsed=True))
    watch_models(database, storage, now=NOW)
    assert isnan(drift("category"))


def stored(name: str, received_at: datetime, *, catalogued: bool = False) -> Photo:
    ref = photo(name)
    return Photo(
        photo_id=ref.photo_id, key=ref.key, width=1, height=1, perceptual_hash=0, fine_hash=b"0",
        look_id=ref.look_id, posted_at=MONDAY, source="street", author=None,
        received_at=received_at, catalogued=catalogued,
    )  # fmt: skip


def test_a_classifier_that_refuses_everything_shows(
    database: Database, storage: ObjectStore
) -> None:
    def come(week: int, number: int, *, fashion: int) -> None:
        names = [f"{week}-{at}" for at in range(number)]
        with database.transaction() as session:
            session.add_all(
                stored(name, weeks_later(week) + timedelta(seconds=at))
                for at, name in enumerate(names)
            )
        count(database, [analyzed(photo(name)) for name in names[:fashion]])
        ended = [settled(photo(name)) for name in names[fashion:]]
        rollup.settle_photos(database, ended, author_cap=100)

    for week in range(8):
        come(week, 40, fashion=20)
    come(8, 60, fashion=30)
    watch_models(database, storage, now=NOW)
    assert drift("fashion") < 0.1

    come(9, 60, fashion=0)
    watch_models(database, storage, now=weeks_later(10, days=1))
    assert drift("fashion") > 1


def week_of(number: int) -> date:
    return weeks_later(number).date()


def seasons(database: Database, weeks: range) -> None:
    """Count 6 cells' looks in each week, three each but ever more skirts."""
    for week in weeks:
        number = {"skirt": 3 + week // 4, **dict.fromkeys(CATEGORIES[:5], 3)}
        count(
            database,
            [
                analyzed(photo(f"{week}-{item}-{at}", posted_at=weeks_later(week)), [(item, "red")])
                for item in number
                for at in range(number[item])
            ],
        )


def test_a_forecast_is_kept_once_and_judged_by_what_came(
    database: Database, storage: ObjectStore
) -> None:
    seasons(database, range(MIN_WEEKS + 4))
    last = week_of(MIN_WEEKS + 3)
    with database.reading() as session:
        assert keep_forecast(session, storage, week=last)
        kept = storage.get(foretold_key(last))
        assert not keep_forecast(session, storage, week=last)
    seasons(database, range(MIN_WEEKS + 4, MIN_WEEKS + 5))
    with database.reading() as session:
        found = read_outcomes(session, storage, week=last + timedelta(weeks=1))
    assert storage.get(foretold_key(last)) == kept
    rows = Foretold.model_validate_json(kept).rows
    assert len(found[1]) == len(rows) >= MIN_ROWS
    assert found[4] == found[8] == found[13] == ()
    assert coverage(found[1]) > 0.5
    assert isnan(error_ratio(found[1]))  # nothing is a year old


def test_what_came_is_the_share_of_that_week(database: Database, storage: ObjectStore) -> None:
    seasons(database, range(MIN_WEEKS))
    with database.reading() as session:
        assert keep_forecast(session, storage, week=week_of(MIN_WEEKS - 1))
    week = MIN_WEEKS + 3
    photos = looks(week, 40, collapsed=True)
    count(database, photos)
    with database.reading() as session:
        found = read_outcomes(session, storage, week=week_of(week))
    kept = Foretold.model_validate_json(storage.get(foretold_key(week_of(MIN_WEEKS - 1))))
    came = {row.values: one.came for row, one in zip(kept.rows, found[4], strict=True)}
    assert came[("skirt", "red")] == 0
    assert [one.told for one in found[4]] == [row.middle[3] for row in kept.rows]


def test_a_year_before_is_compared_with_the_same_week(
    database: Database, storage: ObjectStore
) -> None:
    seasons(database, range(60))
    with database.reading() as session:
        keep_forecast(session, storage, week=week_of(59))
    seasons(database, range(60, 61))
    with database.reading() as session:
        found = read_outcomes(session, storage, week=week_of(60))
    skirts = max(found[1], key=lambda one: one.came)
    assert skirts.naive == pytest.approx(5 / 20)  # of the eighth week
    assert error_ratio(found[1]) < 1  # what grows is foretold better than by last year's week


def test_a_week_without_looks_has_no_forecast(database: Database, storage: ObjectStore) -> None:
    seasons(database, range(MIN_WEEKS))
    with database.reading() as session:
        assert not keep_forecast(session, storage, week=week_of(MIN_WEEKS))
        assert read_outcomes(session, storage, week=week_of(MIN_WEEKS))[1] == ()


def test_a_kept_forecast_that_cannot_be_read_is_as_none(
    database: Database, storage: ObjectStore
) -> None:
    seasons(database, range(MIN_WEEKS))
    key = foretold_key(week_of(MIN_WEEKS - 2))
    storage.put(key, b"{}", content_type="application/json")
    with database.reading() as session:
        assert read_outcomes(session, storage, week=week_of(MIN_WEEKS - 1))[1] == ()


def test_an_empty_installation_is_looked_at_without_a_fault(
    database: Database, storage: ObjectStore
) -> None:
    now = datetime(2026, 9, 7, tzinfo=UTC)
    watch_models(database, storage, now=now)
    assert all(isnan(drift(what)) for what in ("category", "color", "style", "fashion"))
    assert isnan(float(metrics.FORECAST_ERROR_RATIO.labels("1")._value.get()))

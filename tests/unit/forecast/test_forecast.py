"""What a forecast must do on series whose future is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared.forecast import Values, forecast, run_backtest

WEEKS = np.arange(312.0)
SUMMER = 10 + 6 * np.sin(2 * np.pi * WEEKS / 52)


def wobble(series: int, weeks: int, *, seed: int = 7) -> Values:
    """Return noise with a spread of 1."""
    return np.random.default_rng(seed).normal(size=(series, weeks))


def error(told: Values, came: Values) -> float:
    return float(np.abs(told - came).mean())


@pytest.mark.parametrize("value", [0.0, 5.0, 0.1 + 0.2, 1e-12, -3.0, 1e12])
def test_what_never_changed_stays(value: float) -> None:
    told = forecast(np.full((2, 156), value), 12)
    for values in (told.middle, told.low95, told.high95):
        assert values == pytest.approx(value, rel=1e-6, abs=1e-15)


def test_a_season_returns() -> None:
    told = forecast(SUMMER[None, :208] + 0.5 * wobble(1, 208), 52)
    assert error(told.middle, SUMMER[208:260]) < 0.35


def test_a_spike_that_comes_every_year_is_not_smoothed_away() -> None:
    holiday = np.where(WEEKS % 52 == 50, 9.0, 1.0)
    told = forecast(holiday[None, :208], 52)
    assert told.middle[0, 50] == pytest.approx(9.0, rel=0.05)
    assert told.middle[0, :48] == pytest.approx(1.0, rel=0.05)


def test_a_steady_climb_goes_on() -> None:
    climb = 10 + 0.5 * WEEKS
    told = forecast(climb[None, :156] + 2 * wobble(1, 156), 26)
    assert error(told.middle, climb[156:182]) < 3
    assert error(np.full((1, 26), climb[155]), climb[156:182]) > 6


def test_noise_is_not_taken_for_a_trend() -> None:
    told = forecast(20 + 2 * wobble(8, 156), 26)
    assert error(told.middle, np.full((8, 26), 20.0)) < 1


def test_a_series_of_four_months_borrows_the_season_of_the_others() -> None:
    old = SUMMER[:208] * (1 + 0.05 * wobble(12, 208))
    young = old[0] * 3
    young[:190] = np.nan
    borrowed = forecast(np.vstack([old, young]), 52).middle[-1]
    alone = forecast(young[None, 190:], 52).middle[0]
    came = 3 * SUMMER[208:260]
    assert error(borrowed, came) < 0.5 * error(alone, came)


def test_without_others_a_series_of_four_months_keeps_its_level() -> None:
    told = forecast(np.linspace(4, 12, 18)[None], 26).middle[0]
    assert told == pytest.approx(told[0], rel=0.02)
    assert 8 < told[0] < 12


def test_a_jump_of_the_level_is_followed() -> None:
    step = np.where(WEEKS < 100, 2.0, 8.0)[None, :208] + 0.1 * wobble(1, 208)
    assert forecast(step, 26).middle.mean() == pytest.approx(8, rel=0.2)


def test_gaps_change_little() -> None:
    whole = SUMMER[None, :208] + 0.5 * wobble(1, 208)
    torn = whole.copy()
    torn[0, ::7] = np.nan
    torn[0, 120:135] = np.nan
    assert error(forecast(torn, 52).middle, forecast(whole, 52).middle) < 0.5


def test_a_series_without_any_value_is_not_told() -> None:
    told = forecast(np.vstack([SUMMER[:156], np.full(156, np.nan)]), 8)
    assert np.isnan(told.middle[1]).all()
    assert np.isfinite(told.middle[0]).all()


@pytest.mark.parametrize("weeks", [1, 2, 5, 12])
def test_a_history_too_short_for_a_trial_has_no_interval(weeks: int) -> None:
    told = forecast(np.arange(1.0, weeks + 1)[None], 4)
    assert np.isfinite(told.middle).all()
    assert np.isnan(told.low80).all()


def test_a_share_is_never_told_below_zero() -> None:
    rare = np.random.default_rng(2).binomial(40, 0.01, size=(20, 156)) / 40
    told = forecast(rare, 52)
    assert min(told.middle.min(), told.low95.min()) >= 0


def test_what_goes_below_zero_may_stay_there() -> None:
    told = forecast(SUMMER[None, :156] - 20, 26)
    assert error(told.middle, SUMMER[156:182] - 20) < 1


def test_the_unit_does_not_matter() -> None:
    values = np.abs(SUMMER[:156] + wobble(3, 156))
    assert forecast(values * 1e-4, 26).middle * 1e4 == pytest.approx(
        forecast(values, 26).middle, rel=1e-6
    )


def test_a_long_gap_before_the_last_weeks_leaves_an_interval() -> None:
    values = np.full((1, 56), np.nan)
    values[0, [*range(7), 51, 53]] = 0.0
    told = forecast(values, 14)
    assert np.isfinite(told.low95).all()
    assert np.isfinite(told.high95).all()


@settings(max_examples=25, deadline=None)
@given(
    arrays(
        float,
        st.tuples(st.integers(1, 3), st.integers(1, 60)),
        elements=st.one_of(st.just(np.nan), st.floats(-1e6, 1e6), st.just(0.0)),
    ),
    st.integers(1, 20),
)
def test_intervals_hold_the_forecast_and_each_other(values: Values, horizon: int) -> None:
    told = forecast(values, horizon)
    known = ~np.isnan(told.low80)
    for lower, upper in (
        (told.low95, told.low80), (told.low80, told.middle),
        (told.middle, told.high80), (told.high80, told.high95),
    ):  # fmt: skip
        assert lower.shape == (len(values), horizon)
        assert (lower[known] <= upper[known]).all()
    assert np.isfinite(told.middle[~np.isnan(values).all(axis=1)]).all()


def wandering(series: int, weeks: int) -> Values:
    """Return shares with a season, a level that wanders, and noise, as trends have."""
    random = np.random.default_rng(11)
    phase = random.uniform(0, 52, (series, 1))
    season = 0.6 * np.sin(2 * np.pi * (np.arange(weeks) - phase) / 52)
    level = np.cumsum(random.normal(0, 0.03, (series, weeks)), axis=1)
    return np.exp(season + level + random.normal(0, 0.15, (series, weeks)))


def test_the_backtest_beats_last_year_and_its_intervals_hold_what_they_say() -> None:
    judged = run_backtest(wandering(60, 261), 52)
    assert judged is not None
    assert judged.ratio < 0.9
    assert 0.7 < judged.coverage80 < 0.9
    assert judged.coverage80 < judged.coverage95
    assert (judged.series, judged.horizon, judged.origins) == (60, 52, 1)


def test_the_backtest_never_sees_what_it_is_judged_on() -> None:
    values = wandering(10, 200)
    late = values.copy()
    late[:, 148:] *= 50
    before, after = run_backtest(values, 52), run_backtest(late, 52)
    assert before is not None
    assert after is not None
    assert after.naive_mase > 10 * before.naive_mase
    assert forecast(values[:, :148], 52).middle == pytest.approx(forecast(late[:, :148], 52).middle)


def test_a_history_of_a_year_cannot_be_judged() -> None:
    assert run_backtest(wandering(3, 60), 8) is None

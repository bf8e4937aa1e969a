"""A colour fits the seasons that wear it, and a person as far as the season is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.personal_color.palettes import (
    NEUTRAL,
    SEASON_PALETTES,
    SWATCHES,
    fit,
    season_fits,
)
from services.gateway.personal_color.views import describe, palette_of
from shared.contracts.vocabulary import SEASONS
from shared.lab import srgb_to_lab


def lab(code: str):
    return srgb_to_lab(np.array(list(bytes.fromhex(code)), np.uint8))


def sure(season: str) -> dict[str, float]:
    return {name: float(name == season) for name in SEASONS}


def test_every_swatch_is_in_its_own_season():
    for number, season in enumerate(SEASONS):
        assert season_fits(SEASON_PALETTES[season])[:, number] == pytest.approx(1)


def test_a_palette_suits_its_own_season_best():
    for number, season in enumerate(SEASONS):
        means = season_fits(SEASON_PALETTES[season]).mean(axis=0)
        assert np.delete(means, number).max() < 0.7


@pytest.mark.parametrize(
    ("code", "best", "worst"),
    [
        ("d2a030", "autumn", "winter"),
        ("2040b0", "winter", "autumn"),
        ("c8b4e0", "summer", "autumn"),
        ("ff7858", "spring", "summer"),
        ("56381f", "autumn", "summer"),
    ],
)
def test_well_known_colours_suit_the_season_they_are_known_for(code: str, best: str, worst: str):
    fits = dict(zip(SEASONS, season_fits(lab(code)), strict=True))
    assert max(fits, key=fits.__getitem__) == best
    assert fits[worst] < 0.6


@given(st.binary(min_size=3, max_size=3), st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
def test_fit_lies_between_the_worst_and_the_best_of_the_seasons(rgb: bytes, weights):
    color = lab(rgb.hex())
    fits = season_fits(color)
    expected = fit(color, dict(zip(SEASONS, weights, strict=True)))
    assert 0 <= fits.min() - 1e-9 <= expected <= fits.max() + 1e-9 <= 1 + 2e-9


def test_fit_of_a_known_season_is_that_seasons():
    color = lab("d2a030")
    for number, season in enumerate(SEASONS):
        assert fit(color, sure(season)) == pytest.approx(season_fits(color)[number])


def test_where_no_season_is_known_every_colour_is_neutral():
    assert fit(lab("ff0000"), {}) == fit(lab("123456"), {}) == NEUTRAL


def test_swatches_have_names_in_both_languages_once_a_season():
    for swatches in SWATCHES.values():
        assert len(swatches) >= 12
        assert len({one.name for one in swatches}) == len({one.name_ko for one in swatches})
        assert len({one.hex for one in swatches}) == len(swatches)
        for one in swatches:
            assert one.name.isascii() and not one.name_ko.isascii()


def test_shown_palette_holds_more_of_the_likelier_season():
    shown = palette_of({"spring": 0.5, "summer": 0.1, "autumn": 0.3, "winter": 0.1}, "ko")
    of = [one.season for one in shown]
    assert of.count("spring") > of.count("autumn") > 0
    assert len(shown) == 12


def test_a_close_race_is_told_as_one():
    close = {"spring": 0.34, "summer": 0.16, "autumn": 0.3, "winter": 0.2}
    wide = {"spring": 0.5, "summer": 0.1, "autumn": 0.3, "winter": 0.1}
    assert describe(close, "en").startswith("It is not clear: spring (34%) and autumn (30%)")
    assert describe(close, "ko").startswith("뚜렷하지 않습니다. 봄(34%)일")
    assert describe(wide, "en").startswith("Spring is the likeliest (50%)")
    assert describe(wide, "ko").startswith("봄일 가능성이 가장 높고(50%)")

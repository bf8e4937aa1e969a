"""Probabilities stay humble, a person's word wins, and no skin tone is a season by itself."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.people.editing import stated
from services.gateway.personal_color.domain import (
    DOUBT,
    Skin,
    from_scores,
    fuse,
    likeliest,
    to_seasons,
)
from services.gateway.personal_color.questions import (
    QUESTIONS,
    UNSURE,
    check_answers,
    from_answers,
)
from services.gateway.personal_color.reasons import REASONS
from services.gateway.personal_color.undertone import (
    HUE_SPREAD,
    seasons_of,
    usual_chroma,
    usual_hue,
)
from shared.contracts.vocabulary import SEASONS

nats = st.floats(-20, 20)
seasons = st.builds(lambda *scores: from_scores(dict(zip(SEASONS, scores, strict=True))),
                    nats, nats, nats, nats)  # fmt: skip
ITAS = (-50, -30, -10, 10, 30, 50, 65)


def skin(ita: float, *, hue: float = 0.0, hair: float | None = None) -> Skin:
    """Return skin of an ITA whose hue is so many degrees from the usual."""
    usual = usual_hue(ita)
    return Skin(
        lightness=50.0,
        chroma=usual_chroma(ita, 50.0),
        hue=usual + hue,
        ita=ita,
        usual_hue=usual,
        usual_chroma=usual_chroma(ita, 50.0),
        hue_noise=3.0,
        hair_lightness=hair,
        cast=0.0,
    )


@given(nats, nats, nats)
def test_probabilities_add_up_and_none_is_ruled_out(warm: float, light: float, clear: float):
    told = to_seasons(warm=warm, light=light, clear=clear)
    assert sum(told.values()) == pytest.approx(1)
    assert min(told.values()) >= DOUBT / 4 - 1e-9


def test_each_lean_points_to_its_season():
    leans = {
        (1, 1, 1): "spring",
        (-1, 1, -1): "summer",
        (1, -1, -1): "autumn",
        (-1, -1, 1): "winter",
    }
    for (warm, light, clear), season in leans.items():
        assert likeliest(to_seasons(warm=warm, light=light, clear=clear)) == season


@given(st.sampled_from(SEASONS), seasons, seasons)
def test_who_says_their_season_is_believed(season: str, answers, photo):
    told = fuse(said=stated(season), answers=answers, photo=photo)
    assert likeliest(told) == season
    assert told[season] > 0.5


@given(seasons, seasons)
def test_sources_that_agree_make_it_surer_but_not_certain(answers, photo):
    told = fuse(answers=answers, photo=photo)
    assert sum(told.values()) == pytest.approx(1)
    if likeliest(answers) == likeliest(photo):
        assert likeliest(told) == likeliest(answers)


@given(seasons)
def test_one_source_alone_stays_as_it_is(told):
    assert fuse(photo=told) == pytest.approx(told)
    assert fuse(answers=told) == pytest.approx(told)


def test_nothing_known_is_nothing_preferred():
    assert fuse() == dict.fromkeys(SEASONS, 0.25)


@pytest.mark.parametrize("ita", ITAS)
def test_usual_skin_of_every_tone_is_no_season(ita: float):
    assert seasons_of(skin(ita)) == pytest.approx(dict.fromkeys(SEASONS, 0.25))


@pytest.mark.parametrize("ita", ITAS)
def test_a_yellower_skin_is_warm_and_a_redder_one_cool_alike_at_every_tone(ita: float):
    yellower, redder = seasons_of(skin(ita, hue=HUE_SPREAD)), seasons_of(skin(ita, hue=-HUE_SPREAD))
    warm = yellower["spring"] + yellower["autumn"]
    assert warm == pytest.approx(redder["summer"] + redder["winter"])
    reference = seasons_of(skin(30, hue=HUE_SPREAD))
    assert yellower == pytest.approx(reference)
    assert 0.55 < warm < 0.85


@given(st.floats(-50, 65), st.floats(-40, 40), st.floats(0, 100), st.floats(1, 90))
def test_no_photo_makes_certain(ita: float, hue: float, hair: float, chroma: float):
    told = seasons_of(dataclasses.replace(skin(ita, hue=hue, hair=hair), chroma=chroma))
    assert max(told.values()) < 0.64


def test_dark_hair_leans_to_the_deep_seasons_and_light_hair_to_the_light_ones():
    dark, light = seasons_of(skin(30, hair=8)), seasons_of(skin(30, hair=50))
    assert dark["autumn"] + dark["winter"] > 0.5 > light["autumn"] + light["winter"]


def test_unsure_light_says_less():
    sure = skin(30, hue=8)
    unsure = dataclasses.replace(sure, hue_noise=9.0)
    assert max(seasons_of(unsure).values()) < max(seasons_of(sure).values())


def test_six_questions_ask_in_both_languages():
    assert len(QUESTIONS) == 6
    for question in QUESTIONS:
        assert question.text and question.text_ko
        assert [choice.value for choice in question.choices][-1] == UNSURE
        for choice in question.choices:
            assert choice.text.isascii() and not choice.text_ko.isascii()


def test_answers_of_a_season_give_that_season():
    warm = {"veins": "green", "jewellery": "gold", "suits": "mustard", "hair": "warm_brown"}
    cool = {"veins": "blue", "jewellery": "silver", "suits": "lavender", "hair": "ash"}
    assert likeliest(from_answers(warm).seasons or {}) == "autumn"
    assert likeliest(from_answers(cool).seasons or {}) == "summer"


def test_no_answers_make_certain():
    for suits in ("peach", "lavender", "mustard", "royal"):
        for veins, jewellery in (("green", "gold"), ("blue", "silver")):
            told = from_answers({"veins": veins, "jewellery": jewellery, "suits": suits}).seasons
            assert told is not None
            assert max(told.values()) < 0.8


def test_too_few_answers_are_no_answer():
    judged = from_answers({"veins": "green", "suits": "peach", "hair": UNSURE, "sun": UNSURE})
    assert judged.seasons is None
    assert judged.reason == REASONS["few_answers"]


def test_dark_hair_and_eyes_and_tanned_skin_alone_do_not_make_a_season():
    told = from_answers({"sun": "deep", "hair": "black", "eyes": "clear_dark"}).seasons
    assert told is not None
    assert max(told.values()) < 0.42


def test_unknown_questions_and_answers_are_named():
    assert check_answers({"veins": "green", "shoes": "44", "sun": "green"}) == ["shoes", "sun"]


def test_every_reason_tells_in_both_languages_what_helps():
    for reason in REASONS.values():
        assert reason.text.isascii() and reason.fix.isascii()
        assert not reason.text_ko.isascii() and not reason.fix_ko.isascii()

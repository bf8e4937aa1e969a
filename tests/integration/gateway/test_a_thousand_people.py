"""A thousand people, each with a wish of their own, before the sample shop and counted looks."""

from __future__ import annotations

import random

import pytest

from services.gateway.recommend.domain import words_of
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.titles import words_in
from services.gateway.trend_evidence import EvidenceReader
from services.trends.rollup import count_photos
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, STYLES
from shared.records.trend_reader import TrendReader
from tests.samples.looks import analyzed, photo, weeks_later
from tests.samples.shop import sample_catalog
from tests.unit.gateway.recommend.people import random_person, random_wish

pytestmark = pytest.mark.integration
PEOPLE = 1_000
WEEKS = 10


@pytest.fixture
def evidence(house):
    """The trend of a few hundred counted looks."""
    dice = random.Random(3)
    looks = [
        analyzed(
            photo(str(n), author=str(n), posted_at=weeks_later(dice.randrange(WEEKS))),
            [(dice.choice(CATEGORIES), dice.choice(BASIC_COLORS)) for _ in range(2)],
            styles={dice.choice(STYLES): 0.8},
        )
        for n in range(600)
    ]
    count_photos(house.database, looks, author_cap=3)
    today = weeks_later(WEEKS).date()
    return EvidenceReader().current(TrendReader(), house.database, today)


def test_nobody_is_shown_what_they_avoid_and_all_hear_why_there_is_little(evidence):
    shop, dice = sample_catalog(), random.Random(20261122)
    pieces = enough = cited = 0
    for number in range(PEOPLE):
        wanted, profile = random_wish(dice), random_person(dice)
        found = recommend(shop, wanted, profile, evidence, today=evidence.today, seed=number)
        budget = wanted.budget if wanted.budget is not None else profile.budget
        for outfit in found.outfits:
            assert budget is None or outfit.total <= budget
            for piece in outfit.pieces:
                shown = words_of(piece) | words_in(piece.title)
                assert shown.isdisjoint(profile.avoid | set(wanted.avoid))
                pieces += 1
            cited += sum(len(reason.cited) for reason in outfit.reasons)
        enough += len(found.outfits) >= 3
        assert len(found.outfits) >= 3 or found.why_few is not None
    assert pieces > PEOPLE
    assert cited > PEOPLE
    assert enough > PEOPLE / 2

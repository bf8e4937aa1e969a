"""After ten answers twice as many looks please as popular ones do, whatever the shop."""

from __future__ import annotations

import random

import pytest

from services.gateway.catalog.domain import Catalog
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES
from tests.samples.catalog import made_catalog, made_trend
from tests.samples.shop import sample_catalog
from tests.samples.shoppers import LIKED, hits, mean_over, popular_looks, shopper, taught

pytestmark = pytest.mark.integration
SHOPPERS = 24


@pytest.fixture(scope="module")
def trend():
    """Some things are worn much more than others."""
    dice = random.Random(5)
    return made_trend(
        {(k, c): [dice.choice((5, 20, 60, 120))] * 16 for k in CATEGORIES for c in BASIC_COLORS}
    )


@pytest.mark.parametrize("shop", [sample_catalog(), made_catalog(240)], ids=["sample", "made"])
def test_after_ten_answers_twice_as_many_looks_please_as_popular_ones(shop: Catalog, trend):
    popular = popular_looks(shop, trend)

    def baseline(seed: int) -> float:
        who = shopper(shop, seed)
        return sum(who.likes(look) for look in popular) / len(popular)

    def after(seed: int) -> float:
        return hits(taught(shopper(shop, seed), shop, trend), shop, trend)

    assert mean_over(SHOPPERS, after) >= 2 * max(LIKED, mean_over(SHOPPERS, baseline))

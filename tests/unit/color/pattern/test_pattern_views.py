"""What training adds to the photos: the garment stays in sight, prints stay on the cloth."""

from __future__ import annotations

import numpy as np
import pytest

from services.color.pattern.views import DRAWN, changed, drawn
from tests.samples.cloth import plain, taken, worn

LIGHT, MASK = worn(plain("8a8f98"))
PHOTO = taken(LIGHT)


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_view_still_shows_the_garment(seed):
    photo, mask = changed(PHOTO, MASK, np.random.default_rng(seed))
    assert photo.shape[:2] == mask.shape
    assert np.count_nonzero(mask) > 0.2 * np.count_nonzero(MASK)


@pytest.mark.parametrize("pattern", DRAWN)
def test_a_drawn_pattern_is_on_the_garment_only(pattern):
    printed = drawn(PHOTO, MASK, pattern, np.random.default_rng(1))
    assert np.array_equal(printed[~MASK], PHOTO[~MASK])
    assert printed[MASK].std() > 2 * PHOTO[MASK].std()

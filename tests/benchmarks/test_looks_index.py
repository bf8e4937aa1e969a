"""How long it takes to find the look that a photo repeats, among a million photos."""

from __future__ import annotations

import numpy as np
import pytest

from services.ingestion.domain import Fingerprint, Limits, NearDuplicates

pytestmark = pytest.mark.benchmark
PHOTOS = 1_000_000


@pytest.fixture(scope="module")
def index() -> NearDuplicates:
    """Fingerprints of a million photos that have nothing in common."""
    random = np.random.default_rng(1)
    filled = NearDuplicates(Limits(coarse=10, fine=60))
    for start in range(0, PHOTOS, 10_000):
        coarse = random.integers(0, 2**64, 10_000, dtype=np.uint64)
        filled.extend(range(start + 1, start + 10_001), coarse, random.bytes(320_000))
    return filled


def test_search_among_a_million_photos(index, benchmark):
    assert benchmark(index.earliest, Fingerprint(coarse=5, fine=5)) is None


def test_adding_a_batch(index, benchmark):
    numbers = iter(range(PHOTOS + 1, 100 * PHOTOS))
    benchmark(lambda: index.extend([next(numbers)], [7], bytes(32)))

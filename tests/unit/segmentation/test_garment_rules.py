"""What of the network's answer counts as a garment, and where its pixels are."""

from __future__ import annotations

import numpy as np
import pytest

from services.segmentation import domain
from services.segmentation.cleaning import clean
from services.segmentation.model import fit
from shared.contracts.vocabulary import CATEGORIES
from shared.masks import decode_mask

SHIRT, COAT, SKIRT, DRESS = (
    CATEGORIES.index(name)
    for name in ("long_sleeved_shirt", "long_sleeved_outwear", "skirt", "long_sleeved_dress")
)
RULES = domain.Rules(threshold=0.3)


def block(rows: slice, columns: slice, *, size: tuple[int, int] = (48, 32)) -> np.ndarray:
    logits = np.full(size, -4, np.float32)
    logits[rows, columns] = 4
    return logits


def found(category: int, score: float, rows: slice, columns: slice) -> domain.Candidate:
    return domain.Candidate(category=category, score=score, logits=block(rows, columns))


def test_a_shirt_also_seen_as_another_shirt_is_reported_once():
    first = found(SHIRT, 0.8, slice(5, 20), slice(5, 20))
    again = found(0, 0.6, slice(5, 21), slice(5, 20))
    assert domain.keep_distinct([again, first], RULES) == [first]


def test_a_shirt_under_a_coat_is_reported_too():
    coat = found(COAT, 0.8, slice(5, 30), slice(5, 25))
    shirt = found(SHIRT, 0.6, slice(5, 20), slice(12, 18))
    assert domain.keep_distinct([coat, shirt], RULES) == [coat, shirt]


def test_a_dress_that_fills_a_skirt_exactly_is_reported_once():
    dress = found(DRESS, 0.8, slice(5, 30), slice(5, 25))
    skirt = found(SKIRT, 0.6, slice(6, 30), slice(5, 25))
    assert domain.keep_distinct([dress, skirt], RULES) == [dress]


def test_people_far_behind_do_not_count():
    dress = found(DRESS, 0.8, slice(5, 45), slice(5, 25))
    passer_by = found(SHIRT, 0.6, slice(5, 9), slice(28, 31))
    assert domain.keep_distinct([dress, passer_by], RULES) == [dress]


def test_the_best_garment_comes_first():
    low = found(SKIRT, 0.4, slice(25, 40), slice(5, 25))
    high = found(SHIRT, 0.7, slice(5, 20), slice(5, 25))
    assert domain.keep_distinct([low, high], RULES) == [high, low]


def answer(scores: np.ndarray, distances: np.ndarray) -> domain.RawAnswer:
    places = len(scores)
    return domain.RawAnswer(
        scores=scores.astype(np.float32),
        distances=distances.astype(np.float32),
        kernels=np.zeros((places, 169), np.float32),
        prototypes=np.zeros((8, 8, 8), np.float32),
    )


def test_neighbouring_places_of_one_garment_are_one():
    grid = domain.place_grid(64, 64)
    scores = np.zeros((len(grid), 13))
    scores[9, SHIRT], scores[10, SHIRT], scores[63, SHIRT] = 0.9, 0.8, 0.7
    distances = np.full((len(grid), 4), 30.0)
    distances[63] = 4.0
    assert domain.select_places(answer(scores, distances), grid, RULES) == [
        (9, SHIRT),
        (63, SHIRT),
    ]


def test_scores_too_low_for_a_candidate_are_not_looked_at():
    grid = domain.place_grid(64, 64)
    scores = np.full((len(grid), 13), 0.039)
    assert domain.select_places(answer(scores, np.ones((len(grid), 4))), grid, RULES) == []


def test_places_of_all_strides_are_in_the_networks_order():
    grid = domain.place_grid(64, 96)
    assert len(grid) == 8 * 12 + 4 * 6 + 2 * 3
    assert grid[1].tolist() == [8, 0, 8]
    assert grid[12].tolist() == [0, 8, 8]
    assert grid[96].tolist() == [0, 0, 16]
    assert grid[-1].tolist() == [64, 32, 32]


def test_a_mask_lands_on_the_photos_own_pixels():
    # 384 input pixels for a photo of 768: a cell of stride 8 is 16 photo pixels.
    candidate = found(SHIRT, 0.8, slice(10, 20), slice(5, 15))
    garment = domain.to_garment(candidate, height=768, width=512, scale=0.5)
    assert garment is not None
    assert garment.box == pytest.approx((80, 160, 240, 320), abs=2)
    mask = decode_mask(garment.mask, height=768, width=512)
    assert mask.sum() == garment.area
    assert mask[240, 160] and not mask[240, 300]


def test_padding_is_not_part_of_the_photo():
    picture, scale = fit(np.zeros((300, 100, 3), np.uint8), (256, 384))
    assert picture.shape == (384, 128, 3)
    assert scale == pytest.approx(1.28)
    candidate = domain.Candidate(SHIRT, 0.8, np.full((48, 16), 4, np.float32))
    garment = domain.to_garment(candidate, height=300, width=100, scale=scale)
    assert garment is not None
    assert garment.box == (0, 0, 100, 300)


def test_photos_of_any_shape_fit():
    for height, width in ((1, 1), (1, 4000), (4000, 1), (33, 31)):
        picture, scale = fit(np.zeros((height, width, 3), np.uint8), (256, 384))
        assert all(side % 32 == 0 and 64 <= side <= 384 for side in picture.shape[:2])
        assert scale > 0


def test_specks_and_small_holes_are_cleaned_away():
    logits = block(slice(5, 30), slice(5, 25))
    logits[40, 2] = 4
    logits[10, 10] = -4
    mask = clean(logits) > 0
    assert not mask[40, 2]
    assert mask[10, 10]
    assert mask.sum() == 25 * 20


def test_both_halves_of_an_open_coat_and_a_large_gap_stay():
    logits = block(slice(5, 30), slice(5, 10))
    logits[5:30, 15:20] = 4
    logits[30:32, 5:20] = 4
    logits[3:5, 5:20] = 4
    assert ((clean(logits) > 0) == (logits > 0)).all()


def test_an_empty_mask_stays_empty():
    assert not (clean(np.full((8, 8), -1, np.float32)) > 0).any()


def test_dynamic_convolutions_draw_what_their_weights_say():
    """The first place's network passes prototype 0 on; the second's says yes everywhere."""
    prototypes = np.zeros((8, 4, 4), np.float32)
    prototypes[0, 1, 2] = 1
    kernels = np.zeros((2, 169), np.float32)
    kernels[0, 2] = kernels[0, 80] = kernels[0, 144] = 1
    kernels[1, 168] = 5
    logits = domain.mask_logits(prototypes, kernels, domain.place_grid(32, 32)[:2])
    assert logits[0, 1, 2] == 1 and logits[0].sum() == 1
    assert (logits[1] == 5).all()

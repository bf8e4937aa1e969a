"""What the pattern model gets to see: the garment alone, about as large whatever its shape."""

from __future__ import annotations

import numpy as np
import pytest

from services.color.pattern.cutout import CELL, LEAST_PIXELS, cut_out, input_size


def garment(height: int, width: int, *, at: int = 30) -> tuple[np.ndarray, np.ndarray]:
    photo = np.random.default_rng(0).integers(0, 255, (700, 700, 3), np.uint8)
    mask = np.zeros((700, 700), bool)
    mask[at : at + height, at : at + width] = True
    return photo, mask


def test_what_lies_around_the_garment_is_not_seen():
    photo, mask = garment(200, 150)
    elsewhere = photo.copy()
    elsewhere[~mask] = 255 - elsewhere[~mask]
    first, second = cut_out(photo, mask), cut_out(elsewhere, mask)
    assert first is not None and second is not None
    assert np.array_equal(first.pixels, second.pixels)


@pytest.mark.parametrize("shape", [(300, 300), (600, 150), (100, 500), (60, 50)])
def test_every_shape_gets_about_as_many_pixels_and_keeps_its_form(shape):
    tall, wide = input_size(*shape)
    assert tall % CELL == wide % CELL == 0
    assert 0.75 < tall * wide / 224**2 < 1.25
    assert 0.75 < (tall / wide) / (shape[0] / shape[1]) < 1.35


def test_a_ribbon_of_cloth_stays_within_what_the_network_takes():
    assert input_size(2000, 10) == (512, 96)


def test_the_cover_says_which_part_of_a_cell_is_garment():
    photo, mask = garment(200, 200)
    mask[30:230, 130:230] = False
    mask[30, 229] = True  # the box stays as wide
    found = cut_out(photo, mask)
    assert found is not None
    assert found.cover[:, :100].min() == 1
    assert found.cover[10:, 130:].max() == 0


def test_a_garment_of_too_few_pixels_is_not_looked_at():
    side = int(np.sqrt(LEAST_PIXELS))
    assert cut_out(*garment(side, side)) is None
    assert cut_out(*garment(side + 2, side + 2)) is not None
    assert cut_out(np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), bool)) is None

"""A picture of one size on a server that draws in another."""

from __future__ import annotations

import numpy as np
import pytest

from services.generation.remote.frame import frame_for, kept_outside
from shared.errors import PermanentError

SHAPES = ((1024, 1024), (1024, 1536), (1536, 1024))


@pytest.mark.parametrize(
    ("wished", "asked"),
    [
        ((768, 1024), (1024, 1536)),
        ((1024, 1024), (1024, 1024)),
        ((64, 64), (1024, 1024)),
        ((1344, 768), (1536, 1024)),
    ],
)
def test_the_nearest_shape_is_asked_for(wished, asked):
    assert frame_for(*wished, SHAPES).sheet == asked


def test_a_server_that_draws_any_size_is_asked_for_the_very_one():
    frame = frame_for(768, 1024, ())
    assert (frame.sheet, frame.box) == ((768, 1024), (0, 0, 768, 1024))


def test_what_is_laid_on_the_sheet_comes_back_as_it_was():
    rng = np.random.default_rng(1)
    picture = np.repeat(np.repeat(rng.integers(0, 255, (12, 16, 3), np.uint8), 64, 0), 64, 1)
    frame = frame_for(1024, 768, SHAPES)
    back = frame.cut(frame.laid(picture))
    assert back.shape == picture.shape
    inside = np.s_[8:40, 8:40]
    assert np.abs(back[inside].astype(int) - picture[inside]).max() <= 2


def test_a_mask_covers_the_same_place_on_the_sheet_and_nothing_around_it():
    mask = np.zeros((768, 1024), np.float32)
    mask[384:, :] = 1
    laid = frame_for(1024, 768, SHAPES).laid_mask(mask)
    left, top, right, bottom = frame_for(1024, 768, SHAPES).box
    assert laid.shape == (1024, 1536)
    assert laid[(top + bottom) // 2 + 8, (left + right) // 2] == 1
    assert laid[top + 8, (left + right) // 2] == 0
    assert laid[:, : left - 1].max(initial=0) == 0 and laid.max() <= 1


@pytest.mark.parametrize("size", [(512, 1024), (1024, 512), (256, 384)])
def test_a_picture_of_another_shape_or_far_too_small_is_refused(size):
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    with pytest.raises(PermanentError, match="1024×1536") as refusal:
        frame_for(1024, 1536, SHAPES).cut(picture)
    assert refusal.value.reason == "wrong_size"


def test_a_picture_of_the_same_shape_is_brought_to_size():
    picture = np.full((1152, 768, 3), 9, np.uint8)
    assert frame_for(1024, 1536, SHAPES).cut(picture).shape == (1536, 1024, 3)


def test_outside_the_mask_not_one_bit_changes():
    rng = np.random.default_rng(2)
    start, drawn = rng.integers(0, 255, (2, 32, 32, 3), np.uint8)
    mask = np.zeros((32, 32), np.float32)
    mask[8:16, 8:16], mask[16, 8:16] = 1, 0.5
    kept = kept_outside(start, drawn, mask)
    assert (kept[mask == 0] == start[mask == 0]).all()
    assert (kept[mask == 1] == drawn[mask == 1]).all()

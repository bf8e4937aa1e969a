"""Photos are cut to the sizes that SDXL knows, around what is worn."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.lora.buckets import bucket_sizes, moved, place


def test_the_sizes_at_1024_are_those_of_sdxls_training():
    sizes = bucket_sizes(1024)
    assert {(1024, 1024), (832, 1216), (1216, 832), (768, 1344), (704, 1408)} <= set(sizes)
    assert all(size[0] % 64 == 0 and size[1] % 64 == 0 for size in sizes)
    assert all(0.5 <= width / height <= 2 for width, height in sizes)
    assert all(width * height <= 1024 * 1024 for width, height in sizes)


@pytest.mark.parametrize("resolution", [64, 256, 512, 768, 1024])
def test_every_resolution_has_a_square_that_the_unet_takes(resolution):
    sizes = bucket_sizes(resolution)
    assert (resolution, resolution) in sizes
    assert all(width % 32 == 0 and height % 32 == 0 for width, height in sizes)


@given(st.integers(32, 5000), st.integers(32, 5000), st.sampled_from([64, 512, 1024]))
def test_a_photo_of_any_shape_fills_its_bucket(width, height, resolution):
    buckets = bucket_sizes(resolution)
    placement = place((width, height), buckets)
    left, top, right, bottom = placement.window
    assert placement.bucket in buckets
    assert left >= 0 and top >= 0
    assert right <= placement.resized[0] and bottom <= placement.resized[1]
    nearest = min(abs(log(b[0] / b[1]) - log(width / height)) for b in buckets)
    own = log(placement.bucket[0] / placement.bucket[1])
    assert abs(own - log(width / height)) == pytest.approx(nearest)


def test_the_cut_keeps_who_stands_at_the_edge():
    person = (900.0, 40.0, 1000.0, 380.0)
    placement = place((1000, 400), bucket_sizes(1024), around=[person])
    inside = moved(person, placement, size=(1000, 400))
    across = placement.resized[0] / 1000
    assert inside is not None
    assert inside[2] - inside[0] == pytest.approx(100 * across)


def test_what_is_cut_away_is_nowhere():
    placement = place((1000, 400), bucket_sizes(1024), around=[(900.0, 0.0, 1000.0, 400.0)])
    assert moved((0.0, 0.0, 50.0, 400.0), placement, size=(1000, 400)) is None

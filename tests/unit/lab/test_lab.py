"""CIELAB and CIEDE2000 are the standards', not something like them."""

from __future__ import annotations

import numpy as np
import pytest

from shared.lab import LINEAR, ciede2000, encode_srgb, lab_to_lch, srgb_to_lab

# Sharma, Wu, Dalal 2005, table 1.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0011), 7.2195),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("first", "second", "expected"), SHARMA)
def test_colour_difference_is_that_of_the_published_table(first, second, expected):
    one, other = np.array(first, float), np.array(second, float)
    assert ciede2000(one, other) == pytest.approx(expected, abs=1e-4)
    assert ciede2000(other, one) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((128, 128, 128), (53.59, 0, 0)),
    ],
)
def test_lab_of_srgb_is_the_published_one(rgb, lab):
    assert srgb_to_lab(np.array(rgb, np.uint8)) == pytest.approx(np.array(lab), abs=0.05)


def test_gray_has_no_chroma_at_all():
    grays = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert lab_to_lch(srgb_to_lab(grays))[:, 1].max() < 1e-9


def test_linear_light_becomes_the_same_srgb_again():
    values = np.arange(256, dtype=np.uint8)
    assert (encode_srgb(LINEAR[values]) == values).all()

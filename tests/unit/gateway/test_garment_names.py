"""A garment's category and pattern are told in the reader's language."""

from __future__ import annotations

import pytest

from services.gateway.views import GarmentView
from shared.contracts.garments import Garment, Rle


def garment(pattern: str | None) -> Garment:
    mask = Rle(size=(4, 4), counts="04>")
    return Garment(
        category="skirt", score=0.9, box=(0, 0, 4, 4), mask=mask, area=4, pattern=pattern
    )


@pytest.mark.parametrize(
    ("language", "told"), [("en", ("skirt", "checked")), ("ko", ("치마", "체크"))]
)
def test_category_and_pattern_are_named(language, told):
    view = GarmentView.of(garment("checked"), language)
    assert (view.label, view.pattern_label) == told


def test_a_pattern_that_could_not_be_told_has_no_name():
    view = GarmentView.of(garment(None), "ko")
    assert (view.pattern, view.pattern_label) == (None, None)

"""A garment that covers more than the one before gets the room for it."""

from __future__ import annotations

import numpy as np
import pytest

from services.generation.editing import plan
from shared.contracts.generation import Edit, LookWish, WornGarment
from tests.servers.drawing import people

HEIGHT, WIDTH = 600, 400


def masked(prompt: str, old: str, new: str) -> np.ndarray:
    """Return where a picture of ``prompt`` is drawn anew for a ``new`` garment instead of one."""
    pixels = np.asarray(people.draw(prompt, seed=1, width=WIDTH, height=HEIGHT))
    seen = people.Eyes().examine(pixels, path="").garments
    at = next(at for at, one in enumerate(seen) if one.category == old)
    before = LookWish(backend="sdxl", wear=(WornGarment(category=old, color="navy"),))
    after = before.model_copy(
        update={
            "wear": (WornGarment(category=new, color="navy"),),
            "edit": Edit(of="0" * 32, garment=at),
        }
    )
    planned = plan(before, after, seen, pixels, faces=people.Faces().find(pixels))
    assert planned.mask is not None
    return planned.mask


def at(mask: np.ndarray, across: float, down: float) -> float:
    """Return the mask at hundredths of the height, from the middle and from above."""
    return float(mask[round(down * HEIGHT / 100), round(WIDTH / 2 + across * HEIGHT / 100)])


def test_trousers_get_the_legs_below_the_skirt_and_leave_the_rest():
    mask = masked("navy skirt and white shirt", "skirt", "trousers")
    assert min(at(mask, 6, 85), at(mask, -6, 85), at(mask, 0, 70)) == 1
    assert max(at(mask, 0, 12), at(mask, 25, 85), at(mask, 0, 30)) == 0


@pytest.mark.parametrize("new", ["shorts", "skirt"])
def test_what_covers_no_more_leaves_the_legs(new):
    mask = masked("navy skirt and white shirt", "skirt", new)
    assert at(mask, 6, 90) == 0


def test_long_sleeves_get_the_arms():
    prompt = "navy dress"
    assert at(masked(prompt, "short_sleeved_dress", "long_sleeved_dress"), 15, 46) == 1
    assert at(masked(prompt, "short_sleeved_dress", "vest_dress"), 15, 46) < 1


def test_the_face_is_never_drawn_anew():
    mask = masked("navy dress", "short_sleeved_dress", "long_sleeved_dress")
    assert at(mask, 0, 14) == 0

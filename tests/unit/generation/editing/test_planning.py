"""An edit draws its garment anew, and what is beside it stays to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from services.generation.editing import composite, plan, psnr_outside
from shared.contracts.garments import Color, Garment
from shared.contracts.generation import Edit, LookWish, WornGarment
from shared.errors import PermanentError
from shared.masks import encode_mask

HEIGHT, WIDTH = 300, 200
SKIN = (231, 190, 160)
FACE = (85.0, 20.0, 115.0, 55.0)
SHIRT = (60, 58, 140, 150)
TROUSERS = (70, 150, 130, 280)


def picture() -> np.ndarray:
    pixels = np.random.default_rng(1).integers(0, 120, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    pixels[20:58, 85:115] = SKIN
    pixels[150:170, 52:60] = SKIN  # a hand beside the shirt's hem
    pixels[SHIRT[1] : SHIRT[3], SHIRT[0] : SHIRT[2]] = (240, 240, 238)
    pixels[TROUSERS[1] : TROUSERS[3], TROUSERS[0] : TROUSERS[2]] = (27, 38, 69)
    return pixels


def garment(category: str, box: tuple[int, int, int, int], hex_color: str) -> Garment:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    color = Color(name="x", name_ko="x", basic="white", hex=hex_color, share=1.0)
    return Garment(
        category=category,
        score=0.9,
        box=tuple(map(float, box)),
        mask=encode_mask(mask),
        area=int(mask.sum()),
        pattern="solid",
        colors=(color,),
    )


PIXELS = picture()
SEEN = (
    garment("long_sleeved_shirt", SHIRT, "#f0f0ee"),
    garment("trousers", TROUSERS, "#1b2645"),
)
BEFORE = LookWish(
    backend="sdxl",
    wear=(
        WornGarment(category="long_sleeved_shirt", color="white"),
        WornGarment(category="trousers", color="navy"),
    ),
)


def planned(number: int | None, *, strength: float | None = None, **change: Any):
    at = 0 if number is None else number
    wear = list(BEFORE.wear)
    wear[at] = wear[at].model_copy(update=change)
    edit = Edit(of="0" * 32, garment=number, strength=strength)
    after = BEFORE.model_copy(update={"wear": tuple(wear), "edit": edit})
    return plan(BEFORE, after, SEEN, PIXELS, faces=(FACE,))


def test_the_garment_is_drawn_anew_and_nothing_far_from_it():
    mask = planned(1, color="red").mask
    assert mask.shape == (HEIGHT, WIDTH) and mask.dtype == np.float32
    left, top, right, bottom = TROUSERS
    assert mask[top + 15 : bottom - 5, left + 5 : right - 5].min() == 1
    assert mask[:120].max() == 0 and mask[:, :45].max() == 0 and mask[:, 155:].max() == 0


def test_the_mask_fades_out_beside_the_garment():
    row = planned(1, color="red").mask[220]
    edge = row[TROUSERS[2] : TROUSERS[2] + 20]
    assert edge[0] == pytest.approx(1, abs=0.01)
    assert np.all(np.diff(edge) <= 0)
    assert np.any((edge > 0) & (edge < 1)) and edge[-1] == 0


def test_face_skin_and_other_garments_stay_when_a_colour_changes():
    mask = planned(0, color="red").mask
    assert mask[20:55, 85:115].max() == 0
    assert mask[150:170, 52:60].max() == 0
    assert mask[152:, TROUSERS[0] : TROUSERS[2]].max() == 0


def test_a_garment_seen_inside_another_does_not_keep_that_one_from_changing():
    inside = garment("long_sleeved_shirt", (80, 160, 120, 200), "#1b2645")
    wear = (BEFORE.wear[0], BEFORE.wear[1].model_copy(update={"color": "red"}))
    edit = Edit(of="0" * 32, garment=1)
    after = BEFORE.model_copy(update={"wear": wear, "edit": edit})
    mask = plan(BEFORE, after, (*SEEN, inside), PIXELS, faces=(FACE,)).mask
    assert mask[165:195, 85:115].min() == 1


def test_more_is_drawn_anew_the_larger_the_change_is():
    steps = [
        planned(1, hex="#1f2d50").strength,
        planned(1, color="white").strength,
        planned(1, pattern="striped").strength,
        planned(1, category="skirt").strength,
    ]
    assert steps == sorted(steps) and len(set(steps)) == 4
    assert planned(1, category="skirt").change == "garment"
    assert planned(0, color="red", words="linen").change == "garment"


def test_a_whole_look_is_drawn_anew_by_how_many_garments_change():
    wear = tuple(worn.model_copy(update={"color": "red"}) for worn in BEFORE.wear)
    edit = Edit(of="0" * 32)
    all_of_it = plan(BEFORE, BEFORE.model_copy(update={"wear": wear, "edit": edit}), SEEN, PIXELS)
    none_of_it = plan(BEFORE, BEFORE.model_copy(update={"edit": edit}), SEEN, PIXELS)
    one_of_it = planned(None, color="red")
    assert all_of_it.mask is None
    assert none_of_it.strength < one_of_it.strength < all_of_it.strength < 1
    assert all_of_it.strength > planned(1, category="skirt").strength


def test_a_persons_own_strength_is_taken():
    assert planned(1, strength=0.31, color="red").strength == 0.31


def test_a_garment_that_the_picture_does_not_have_is_refused_in_both_languages():
    with pytest.raises(PermanentError) as caught:
        plan(
            BEFORE,
            BEFORE.model_copy(update={"edit": Edit(of="0" * 32, garment=2)}),
            SEEN,
            PIXELS,
        )
    assert "number 2" in str(caught.value)
    assert "2번" in caught.value.in_language("ko")


def test_outside_the_mask_the_composite_is_the_parent_to_the_bit():
    mask = planned(1, color="red").mask
    drawn = np.random.default_rng(2).integers(0, 256, PIXELS.shape, dtype=np.uint8)
    whole = composite(PIXELS, drawn, mask)
    assert np.array_equal(whole[mask == 0], PIXELS[mask == 0])
    assert np.array_equal(whole[mask == 1], drawn[mask == 1])
    assert psnr_outside(PIXELS, whole, mask) == float("inf")


def test_a_change_outside_the_mask_is_measured():
    mask = planned(1, color="red").mask
    off = PIXELS.copy()
    off[:50] = off[:50] + 16
    share = 50 * WIDTH / float((mask == 0).sum())
    expected = 10 * np.log10(255**2 / (16**2 * share))
    assert psnr_outside(PIXELS, off, mask) == pytest.approx(expected, abs=0.01)

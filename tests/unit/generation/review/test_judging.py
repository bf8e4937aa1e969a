"""A picture is refused for what a person would refuse it for, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageFilter

from services.generation.review import Sight, judge
from services.generation.review.picture import blur_of
from shared.contracts.garments import Color, Garment
from shared.contracts.generation import WornGarment
from shared.masks import encode_mask

HEIGHT, WIDTH = 600, 400
FACE = (180.0, 40.0, 220.0, 94.0)
"""54 pixels tall: the body has room for ten of them."""
HEX = {"white": "#f0f0ee", "navy": "#1b2645", "red": "#b3202a", "black": "#17171a"}


def texture(sigma: float = 0.0, *, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A picture with detail of every size."""
    rng = np.random.default_rng(3)
    page = np.zeros((height, width, 3))
    for cells in (4, 16, 64, height):
        small = rng.integers(0, 256, (cells, cells * width // height, 3), dtype=np.uint8)
        page += np.asarray(Image.fromarray(small).resize((width, height)), float)
    image = Image.fromarray((page / 4).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(sigma)) if sigma else image)


PIXELS = texture()


def garment(
    category: str, color: str, box: tuple[int, int, int, int], *,
    score: float = 0.8, pattern: str = "solid",
) -> Garment:  # fmt: skip
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return Garment(
        category=category,
        score=score,
        box=tuple(map(float, box)),
        mask=encode_mask(mask),
        area=int(mask.sum()),
        pattern=pattern,
        colors=(Color(name=color, name_ko=color, basic=color, hex=HEX[color], share=1.0),),
    )


SHIRT = garment("long_sleeved_shirt", "white", (140, 110, 260, 280))
TROUSERS = garment("trousers", "navy", (150, 280, 250, 560))
DRESS = garment("long_sleeved_dress", "navy", (140, 110, 260, 460), score=0.7)


def sight(
    *garments: Garment, faces: Sequence[tuple[float, ...]] = (FACE,), fashion: float = 0.98
) -> Sight:
    return Sight(garments, garments, tuple(faces), fashion)


def worn(category: str, color: str | None = None, **more: str) -> WornGarment:
    return WornGarment(category=category, color=color, **more)


ASKED = (worn("long_sleeved_shirt", "white"), worn("trousers", "navy"))


def kinds(asked, seen, pixels=PIXELS):
    return [(fault.kind, fault.garment) for fault in judge(asked, seen, pixels).faults]


def test_a_picture_that_shows_what_was_asked_passes():
    verdict = judge(ASKED, sight(SHIRT, TROUSERS), PIXELS)
    assert verdict.passed and not verdict.faults
    assert verdict.score > 0.9


def test_sleeves_are_not_told_well_enough_to_refuse_a_picture_for():
    short = worn("short_sleeved_shirt", "white")
    assert judge((short,), sight(SHIRT), PIXELS).passed


def test_a_garment_that_is_not_there_is_missing_and_is_stressed_the_next_time():
    asked = (*ASKED, worn("skirt", "red"))
    verdict = judge(asked, sight(SHIRT, TROUSERS), PIXELS)
    assert [(fault.kind, fault.garment) for fault in verdict.faults] == [("missing", 2)]
    assert verdict.stress(asked) == ("skirt",)


def test_nothing_seen_is_everything_missing():
    assert kinds(ASKED, sight()) == [("missing", 0), ("missing", 1)]


def test_one_garment_does_not_stand_for_two_that_were_asked():
    half = garment("long_sleeved_shirt", "navy", (140, 110, 260, 280), score=0.5)
    asked = (worn("long_sleeved_dress", "navy"), worn("long_sleeved_shirt", "navy"))
    assert kinds(asked, sight(DRESS, half)) == [("missing", 1)]


def test_a_weak_garment_counts_in_the_asked_colour_and_not_in_another():
    asked = (worn("skirt", "red"), worn("long_sleeved_shirt", "white"))
    weak = garment("skirt", "red", (150, 280, 250, 420), score=0.4)
    other = garment("skirt", "black", (150, 280, 250, 420), score=0.4)
    assert kinds(asked, sight(SHIRT, weak)) == []
    assert [number for _, number in kinds(asked, sight(SHIRT, other))] == [0]


@pytest.mark.parametrize("exact", [None, HEX["red"]])
def test_another_colour_is_a_fault_and_is_told(exact):
    asked = (worn("long_sleeved_shirt", "white"), worn("trousers", "red", hex=exact))
    verdict = judge(asked, sight(SHIRT, TROUSERS), PIXELS)
    (fault,) = verdict.faults
    assert (fault.kind, fault.garment) == ("color", 1)
    assert "navy #1b2645" in fault.seen
    assert verdict.found[1].distance is not None and verdict.found[1].distance > 20


def test_of_several_masks_the_one_in_the_asked_colour_is_taken():
    coat = garment("long_sleeved_shirt", "black", (120, 110, 280, 300), score=0.6)
    inner = garment("long_sleeved_shirt", "red", (185, 110, 215, 280), score=0.5)
    verdict = judge((worn("long_sleeved_shirt", "red"),), sight(coat, inner), PIXELS)
    assert verdict.found[0].color == HEX["red"]


def test_what_a_passer_by_wears_is_not_what_was_asked():
    asked = (worn("long_sleeved_shirt", "white"), worn("skirt", "red"))
    theirs = garment("skirt", "red", (300, 280, 380, 420), score=0.3)
    hers = garment("skirt", "red", (150, 280, 250, 420), score=0.3)
    assert kinds(asked, sight(SHIRT, theirs)) == [("missing", 1)]
    assert kinds(asked, sight(SHIRT, hers)) == []


def test_a_coat_of_the_asked_colour_on_someone_else_does_not_hide_the_wearers_own():
    own = garment("long_sleeved_outwear", "red", (120, 110, 280, 400), score=0.9)
    theirs = garment("long_sleeved_outwear", "black", (310, 110, 390, 400), score=0.64)
    verdict = judge((worn("long_sleeved_outwear", "black"),), sight(own, theirs), PIXELS)
    assert [fault.kind for fault in verdict.faults] == ["color"]
    assert verdict.found[0].color == HEX["red"]


def test_what_a_passer_by_wears_is_not_there_instead_of_what_was_asked():
    asked = (worn("long_sleeved_shirt", "white"), worn("skirt", "red"))
    skirt = garment("skirt", "red", (150, 280, 250, 420), score=0.25)
    theirs = garment("long_sleeved_dress", "navy", (300, 110, 380, 400), score=0.9)
    assert kinds(asked, sight(SHIRT, skirt, theirs)) == []
    assert kinds(asked, sight(SHIRT, skirt, theirs, faces=())) == [("missing", 1)]


def test_a_nearer_shade_of_the_asked_colour_scores_better():
    near, far = (worn("trousers", "navy", hex=code) for code in ("#1c2848", "#3c4f90"))
    scores = [judge((asked,), sight(TROUSERS), PIXELS).score for asked in (near, far)]
    assert scores[0] > scores[1]


def test_another_pattern_is_remarked_and_not_refused():
    asked = (worn("long_sleeved_shirt", "white", pattern="striped"),)
    verdict = judge(asked, sight(SHIRT), PIXELS)
    assert verdict.passed
    assert [(remark.kind, remark.asked, remark.seen) for remark in verdict.remarks] == [
        ("pattern", "striped", "solid")
    ]


def test_a_second_person_is_a_fault_and_a_passer_by_is_none():
    beside = (300.0, 60.0, 338.0, 108.0)
    behind = (20.0, 60.0, 34.0, 80.0)
    assert kinds((), sight(faces=(FACE, beside))) == [("people", None)]
    assert kinds((), sight(faces=(FACE, behind))) == []


def test_two_like_garments_side_by_side_are_two_people_whose_heads_are_turned():
    beside = garment("trousers", "black", (290, 300, 380, 550))
    inner = garment("trousers", "black", (160, 300, 240, 500))
    assert kinds((), sight(SHIRT, TROUSERS, beside)) == [("people", None)]
    assert kinds((), sight(SHIRT, TROUSERS, inner)) == []


def test_the_halves_of_an_open_coat_are_one_person():
    halves = (
        garment("long_sleeved_outwear", "black", (100, 100, 150, 400)),
        garment("long_sleeved_outwear", "black", (250, 100, 300, 400)),
    )
    assert kinds((), sight(*halves, TROUSERS)) == []


def test_a_blurred_picture_is_a_fault():
    assert kinds((), sight(), texture(3.0)) == [("blur", None)]


def test_blur_is_judged_alike_at_every_resolution():
    small, large = texture(2.0), texture(2.0)
    large = np.asarray(Image.fromarray(large).resize((3 * WIDTH, 3 * HEIGHT)))
    enlarged = np.asarray(
        Image.fromarray(small).resize((768 * WIDTH // HEIGHT, 768), Image.Resampling.BILINEAR)
    )
    assert blur_of(large) == pytest.approx(blur_of(enlarged), abs=0.05)
    assert blur_of(texture()) < blur_of(texture(1.0)) < blur_of(texture(2.0))


def test_a_picture_of_one_colour_is_no_photo():
    assert blur_of(np.full((64, 64, 3), 128, np.uint8)) == 1.0


def test_cut_off_feet_and_a_cut_off_head_are_faults():
    assert kinds((), sight(faces=(FACE,)), PIXELS[:440]) == [("cropped", None)]
    neck = garment("long_sleeved_shirt", "white", (140, 20, 260, 200))
    assert kinds((), sight(neck, faces=())) == [("cropped", None)]
    assert kinds((), sight(SHIRT, TROUSERS, faces=())) == []


def test_what_is_no_fashion_photo_is_a_fault():
    assert kinds((), sight(fashion=0.2)) == [("not_fashion", None)]


def test_the_best_of_several_pictures_has_the_highest_score():
    seen = [sight(SHIRT, TROUSERS), sight(SHIRT), sight()]
    scores = [judge(ASKED, one, PIXELS).score for one in seen]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_a_verdict_goes_into_a_manifest_as_json():
    seen = sight(SHIRT.model_copy(update={"colors": ()}))
    told = json.loads(json.dumps(judge(ASKED, seen, PIXELS).facts(), allow_nan=False))
    assert told["passed"] is False
    assert told["found"][0]["distance"] is None

"""What the second stage is shown of a candidate, and how its word is taken together with the
detector's."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from services.segmentation import domain
from services.segmentation.finding import examine, find_garments, propose
from services.segmentation.second_stage.model import look_closer
from services.segmentation.second_stage.rescoring import Weighting, rescore
from services.segmentation.second_stage.view import (
    PLACE_SIZE,
    SIDE,
    Framing,
    Wearers,
    cut_out,
    mirrored_place,
    place_on_person,
    shrink,
)
from shared.contracts.vocabulary import CATEGORIES, FAMILIES, FAMILY_OF
from tests.unit.segmentation.stages import Says, says

SHIRT, COAT, TROUSERS = (
    CATEGORIES.index(name) for name in ("long_sleeved_shirt", "long_sleeved_outwear", "trousers")
)
TOP, OUTER, LEGS = (list(FAMILIES).index(name) for name in ("top", "outer", "trousers"))
ALL = range(len(FAMILIES))


def rectangle(rows: slice, columns: slice, *, size: tuple[int, int] = (400, 300)) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[rows, columns] = True
    return mask


def test_the_garment_fills_the_middle_of_its_square():
    mask = rectangle(slice(100, 200), slice(50, 100))
    pixels = np.zeros((400, 300, 3), np.uint8)
    pixels[mask] = (200, 30, 30)
    square, inside = cut_out(Image.fromarray(pixels), mask)
    assert square.shape == (SIDE, SIDE, 3)
    assert inside.shape == (SIDE, SIDE)
    rows, columns = np.nonzero(inside > 127)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(SIDE / 2, abs=1)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(SIDE / 2, abs=1)
    assert np.ptp(rows) / np.ptp(columns) == pytest.approx(2, rel=0.05)
    assert (square[inside > 250] == (200, 30, 30)).all()


def test_a_square_in_the_mirror_is_the_square_mirrored():
    mask = rectangle(slice(100, 180), slice(50, 130))
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (400, 300, 3), np.uint8))
    plain, _ = cut_out(image, mask)
    mirrored, _ = cut_out(image, mask, Framing(mirrored=True))
    difference = np.abs(mirrored[:, ::-1].astype(int) - plain.astype(int))
    assert np.median(difference) <= 1


def test_a_garment_at_the_photos_edge_is_shown_on_gray():
    square, inside = cut_out(
        Image.new("RGB", (300, 400), "white"), rectangle(slice(0, 80), slice(0, 80))
    )
    assert square[0, 0].tolist() == [124, 116, 104]
    assert inside[0, 0] == 0


def test_where_a_garment_sits_does_not_depend_on_the_photos_size():
    shirt, person = rectangle(slice(50, 150), slice(100, 200)), None
    person = shirt | rectangle(slice(150, 350), slice(110, 190))
    small = place_on_person(shirt, person)
    large = place_on_person(shirt.repeat(2, 0).repeat(2, 1), person.repeat(2, 0).repeat(2, 1))
    assert small.shape == (PLACE_SIZE,)
    np.testing.assert_allclose(small, large, atol=0.03)
    assert small[3] == pytest.approx(0.17, abs=0.02)  # the middle of the shirt, from the top


def test_the_place_in_the_mirror_is_the_place_measured_on_the_mirrored_photo():
    shirt = rectangle(slice(50, 150), slice(60, 140))
    person = shirt | rectangle(slice(150, 350), slice(100, 200))
    measured = place_on_person(shirt[:, ::-1], person[:, ::-1])
    np.testing.assert_allclose(mirrored_place(place_on_person(shirt, person)), measured, atol=0.02)


def test_photos_are_only_made_smaller():
    assert shrink(Image.new("RGB", (300, 1024))).size == (150, 512)
    assert shrink(Image.new("RGB", (30, 10))).size == (30, 10)


def test_what_is_worn_is_what_the_detector_is_sure_of():
    shirt, noise = rectangle(slice(50, 150), slice(100, 200)), rectangle(slice(0, 9), slice(0, 9))
    image = Image.new("RGB", (300, 400))
    *_, places = look_closer(image, [shirt, noise], np.array([0.9, 0.1]))
    np.testing.assert_allclose(places[0], place_on_person(shirt, shirt))
    *_, alone = look_closer(image, [noise], np.array([0.1]))
    np.testing.assert_allclose(alone[0], place_on_person(noise, noise))


def test_the_second_stage_can_overrule_the_detector():
    detected = np.zeros((1, len(CATEGORIES)), np.float32)
    detected[0, [COAT, SHIRT]] = 0.5, 0.4
    probabilities = says(SHIRT, 0.9)[None]
    categories, scores = rescore(probabilities, np.array([0.9]), detected, ALL, Weighting())
    assert scores[0].argmax() == TOP
    assert categories[0, TOP] == SHIRT


def test_scores_stay_on_the_scale_of_a_probability():
    detected = says(SHIRT, 0.8)[None]
    _, scores = rescore(says(SHIRT, 0.8)[None], np.array([0.8]), detected, ALL, Weighting())
    assert 0.75 < scores.max() < 0.95
    _, low = rescore(says(SHIRT, 0.8)[None], np.array([0.3]), detected, ALL, Weighting())
    assert low.max() < scores.max()


def test_families_that_the_tags_exclude_are_not_thought_of():
    detected = says(SHIRT, 0.8)[None]
    categories, scores = rescore(
        says(SHIRT, 0.8)[None], np.array([0.8]), detected, [OUTER, LEGS], Weighting()
    )
    assert scores.shape == (1, 2)
    assert [FAMILY_OF[CATEGORIES[index]] for index in categories[0]] == ["outer", "trousers"]


def test_what_the_second_stage_calls_a_garment_is_reported(answer):
    photo, rules = np.zeros((64, 64, 3), np.uint8), domain.Rules(threshold=0.3)
    (alone,) = find_garments(answer, photo, scale=1.0, rules=rules)
    assert alone.category == "long_sleeved_outwear"
    (both,) = find_garments(answer, photo, scale=1.0, rules=rules, second_stage=Says(TROUSERS))
    assert both.category == "trousers"
    assert both.mask == alone.mask


def test_an_examination_says_what_else_a_mask_may_be_and_reports_the_same(answer):
    answer.scores[28, SHIRT] = 0.5
    photo, rules = np.zeros((64, 64, 3), np.uint8), domain.Rules(threshold=0.3)
    looking = {"scale": 1.0, "rules": rules}
    garments, every = examine(answer, photo, **looking)
    assert garments == find_garments(answer, photo, **looking)
    assert {one.category for one in every} == {"long_sleeved_outwear", "long_sleeved_shirt"}
    assert {one.mask for one in every} == {garments[0].mask}
    assert [one.score for one in every] == sorted((one.score for one in every), reverse=True)


def test_places_that_draw_the_same_mask_are_looked_at_once(answer):
    answer.scores[28, SHIRT] = 0.5
    second_stage = Says(SHIRT)
    photo, rules = np.zeros((64, 64, 3), np.uint8), domain.Rules(threshold=0.1)
    found = propose(answer, photo, scale=1.0, rules=rules, second_stage=second_stage)
    assert second_stage.seen == [2]  # as it is, and in a mirror
    assert found[0].mask.sum() == 16


def test_an_empty_photo_is_not_shown_to_the_second_stage(answer):
    answer.scores[:] = 0
    second_stage = Says(SHIRT)
    photo, rules = np.zeros((64, 64, 3), np.uint8), domain.Rules(threshold=0.1)
    garments = find_garments(answer, photo, scale=1.0, rules=rules, second_stage=second_stage)
    assert garments == ()
    assert second_stage.seen == []


def test_two_people_side_by_side_are_two_wearers():
    def garment(top: int, left: int) -> np.ndarray:
        mask = np.zeros((200, 200), bool)
        mask[top : top + 60, left : left + 30] = True
        return mask

    shirt, trousers, coat = garment(20, 20), garment(90, 24), garment(40, 140)
    wearers = Wearers([shirt, trousers, coat])
    assert (wearers.of(shirt) == (shirt | trousers)).all()
    assert (wearers.of(coat) == coat).all()
    bag = garment(90, 130)
    assert (wearers.of(bag) == (coat | bag)).all()


def test_a_garment_alone_is_all_that_its_wearer_has_on():
    mask = np.zeros((50, 50), bool)
    mask[10:40, 10:40] = True
    assert (Wearers([]).of(mask) == mask).all()

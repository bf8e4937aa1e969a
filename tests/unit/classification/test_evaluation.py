"""What the evaluation shows the classifier: photos as feeds change them, and made negatives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from services.classification.changes import CHANGES
from services.classification.evaluate import (
    Labelled,
    report,
    report_against,
    report_changed,
    report_made,
)
from services.classification.model import FakeClassifier
from services.classification.pages import draw_page
from services.classification.patches import bare_patches, empty_squares, face_square

NAMES = ["null", "hair", "skin", "coat"]


def photo(height: int = 120, width: int = 90) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_photo_is_still_a_photo_and_another_one(name):
    changed = CHANGES[name](photo())
    assert changed.dtype == np.uint8
    assert changed.ndim == 3
    assert changed.shape != photo().shape or (changed != photo()).any()


def test_a_crop_keeps_the_named_share_of_the_area():
    height, width = CHANGES["middle 60%"](photo(1000, 800)).shape[:2]
    assert height * width == pytest.approx(0.6 * 1000 * 800, rel=0.01)


def test_a_screenshot_shows_the_whole_photo_between_its_bars():
    plain = np.full((300, 200, 3), 90, np.uint8)
    page = CHANGES["screenshot"](plain)
    assert page.shape[0] > 380
    assert (page == 90).all(axis=2).sum() > 0.9 * 300 * 200


def test_pages_differ_and_repeat_with_the_same_seed():
    first, second = (draw_page(64, np.random.default_rng(3)) for _ in range(2))
    assert (first == second).all()
    assert (first != draw_page(64, np.random.default_rng(4))).any()


def test_ground_is_taken_only_where_nothing_is_labelled():
    mask = np.zeros((400, 400), bool)
    mask[:, 180:260] = True
    corners = empty_squares(mask, side=100)
    assert len(corners) == 2
    for top, left in corners:
        assert not mask[top : top + 100, left : left + 100].any()
    assert empty_squares(np.ones((400, 400), bool), side=100) == []


def head(*, coat_from: int) -> np.ndarray:
    labels = np.zeros((300, 200), np.uint8)
    labels[20:60, 70:130] = 1
    labels[60:100, 80:120] = 2
    labels[coat_from:, 50:150] = 3
    return labels


def test_a_face_is_taken_without_the_coat_below_it():
    (top, left), side = face_square(head(coat_from=115), NAMES)
    part = head(coat_from=115)[top : top + side, left : left + side]
    assert (part == 1).any() and (part == 2).any()
    assert not (part == 3).any()


def test_a_face_above_a_high_collar_is_left_out():
    assert face_square(head(coat_from=80), NAMES) is None
    assert face_square(np.zeros((300, 200), np.uint8), NAMES) is None


@pytest.fixture
def street(tmp_path):
    for name in ("photos", "masks"):
        (tmp_path / "street" / name).mkdir(parents=True)
    (tmp_path / "street" / "labels.json").write_text(json.dumps(NAMES), "utf-8")
    Image.fromarray(photo(300, 200)).save(tmp_path / "street/photos/a.jpg")
    Image.fromarray(photo(300, 200)).save(tmp_path / "street/photos/no_mask.jpg")
    Image.fromarray(head(coat_from=115)).save(tmp_path / "street/masks/a.png")
    return tmp_path


def test_patches_come_only_from_photos_that_have_a_mask(street):
    paths = sorted((street / "street/photos").glob("*.jpg"))
    assert [patch.kind for patch in bare_patches(street, paths)] == ["face"]
    assert list(bare_patches(street, paths[1:])) == []


def test_the_report_counts_every_kind_by_itself():
    flat = np.zeros((50, 40, 3), np.uint8)
    photos = [
        Labelled(photo(), fashion=True, kind="street"),
        Labelled(photo(), fashion=True, kind="Shoes"),
        Labelled(flat, fashion=True, kind="Shoes"),
        Labelled(flat, fashion=False, kind="negative"),
        Labelled(photo(), fashion=False, kind="people"),
    ]
    lines = list(report(FakeClassifier(), photos))
    assert "  Shoes: 1 of 2 right" in lines
    assert "  people: 0 of 1 right" in lines
    assert "fashion kept 2 lost 1, others stopped 1 passed 1" in lines[0]
    assert "others stopped 1 passed 0" in lines[1]
    assert len(list(report_changed(FakeClassifier(), photos))) == len(CHANGES)


def test_two_classifiers_are_compared_photo_by_photo():
    class Stricter(FakeClassifier):
        threshold = 0.95

    photos = [
        Labelled(photo(), fashion=True, kind="street"),
        Labelled(np.zeros((50, 40, 3), np.uint8), fashion=False, kind="negative"),
    ]
    this, that, difference = report_against(FakeClassifier(), Stricter(), photos)
    assert "fashion kept 1 lost 0" in this
    assert "fashion kept 0 lost 1" in that
    assert "otherwise judged: 1 of 2 photos" in difference
    assert "cosine of the embeddings 1.0000" in difference


def test_negatives_made_of_street_photos_are_counted(street):
    from services.classification.dataset import Sample

    samples = [Sample(street / "street/photos/a.jpg", "street", "a", "street")]
    lines = list(report_made(FakeClassifier(), street, samples))
    assert lines[0] == "  faces: 0 of 1 stopped"
    assert lines[1] == "  ground: 0 of 0 stopped"
    assert lines[2].endswith("of 200 stopped")

"""What the second stage learns from: scenes, samples of them, and labels that tags confirm."""

from __future__ import annotations

import json
from itertools import islice

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from services.segmentation import domain
from services.segmentation.data.splits import split_of
from services.segmentation.data.tagged import convert_tagged
from services.segmentation.second_stage.rescoring import FAMILY_NAMES
from services.segmentation.second_stage.samples import Choice, Sampler, one_pass, spoil
from services.segmentation.second_stage.scenes import (
    Scene,
    Truth,
    families_of_tag,
    read_tags,
)
from services.segmentation.second_stage.view import PLACE_SIZE, SIDE
from shared.contracts.vocabulary import CATEGORIES
from tests.unit.segmentation.stages import Says

SHIRT, SKIRT = CATEGORIES.index("long_sleeved_shirt"), CATEGORIES.index("skirt")


def code(mask: np.ndarray) -> dict:
    return coco_mask.encode(np.asfortranarray(mask, np.uint8))


@pytest.fixture
def picture(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (200, 150, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "0001.png")
    return tmp_path / "0001.png"


@pytest.fixture
def scene(picture):
    """Return a shirt that was drawn well, and a candidate that is nothing."""
    shirt, nothing = np.zeros((2, 200, 150), bool)
    shirt[20:90, 40:110], nothing[150:190, 5:30] = True, True
    detected = np.zeros((2, len(CATEGORIES)), np.float32)
    detected[0, SHIRT], detected[1, SKIRT] = 0.8, 0.3
    return Scene(
        picture,
        (code(shirt), code(nothing)),
        detected,
        (Truth(SHIRT, code(shirt)),),
        np.array([[1.0], [0.0]], np.float32),
    )


def test_a_candidate_that_is_no_garment_teaches_only_that(scene):
    sampler = Sampler([scene], seed=0)
    good = sampler.sample(Choice(scene, 0, truth=False))
    bad = sampler.sample(Choice(scene, 1, truth=False))
    assert (good.category, good.iou) == (SHIRT, 1.0)
    assert (bad.category, bad.iou) == (-1, 0.0)
    assert good.square.shape == (SIDE, SIDE, 3)
    assert good.place.shape == (PLACE_SIZE,)


def test_a_tagged_photo_teaches_what_its_garments_can_be(scene, picture):
    tagged = Scene(
        picture, scene.candidates, scene.detected, (), np.zeros((2, 0)), frozenset({2, 4})
    )
    sample = Sampler([tagged], seed=0).sample(Choice(tagged, 0, truth=False))
    assert (sample.category, sample.iou, sample.families) == (-1, -1.0, {2, 4})


def test_rare_garments_are_seen_more_often(scene, picture):
    truths = (*scene.truths, Truth(CATEGORIES.index("shorts"), scene.candidates[1]))
    both = Scene(picture, (), np.zeros((0, 13)), truths, np.zeros((0, 2)))
    choices = one_pass([both], np.random.default_rng(0))
    assert sorted(choice.index for choice in choices) == [0, 1, 1, 1, 1]


def test_a_spoilt_mask_says_how_much_is_left_of_it():
    mask = np.zeros((100, 100), bool)
    mask[20:80, 20:80] = True
    random = np.random.default_rng(1)
    spoilt = [spoil(mask, random) for _ in range(60)]
    for changed, iou in spoilt:
        assert iou == pytest.approx((changed & mask).sum() / (changed | mask).sum())
    assert any(iou == 1 for _, iou in spoilt)
    assert min(iou for _, iou in spoilt) < 0.9


def test_batches_never_end(scene):
    batches = list(islice(Sampler([scene], seed=0).batches(8), 3))
    assert [len(batch) for batch in batches] == [8, 8, 8]


def test_tags_name_families():
    outer, trousers = FAMILY_NAMES.index("outer"), FAMILY_NAMES.index("trousers")
    assert families_of_tag("suit") == (outer, trousers)
    assert families_of_tag("jeans") == (trousers,)
    assert families_of_tag("vest") == (FAMILY_NAMES.index("top"),)
    assert families_of_tag("sunglasses") == ()


@pytest.fixture
def street(tmp_path):
    """Return a folder of three photos: one with a label map, two with tags alone."""
    for name in ("photos", "masks"):
        (tmp_path / name).mkdir()
    for name in ("0001", "0002", "0003"):
        Image.new("RGB", (64, 64)).save(tmp_path / "photos" / f"{name}.jpg")
    Image.new("P", (64, 64)).save(tmp_path / "masks" / "0001.png")
    tags = {"0001": ["skirt"], "0002": ["jeans", "bag"], "0003": ["skirt", "shirt"]}
    (tmp_path / "tags.json").write_text(json.dumps(tags))
    return tmp_path


def test_photos_with_a_label_map_are_not_labelled_again(street):
    assert [path.stem for path, _ in read_tags(street)] == ["0002", "0003"]


def test_photos_that_are_held_out_teach_nothing_by_their_tags_either(street):
    held_out = next(name for name in map("{:04}".format, range(9999)) if split_of(name) == "test")
    Image.new("RGB", (64, 64)).save(street / "photos" / f"{held_out}.jpg")
    (street / "tags.json").write_text(json.dumps({held_out: ["skirt"], "0002": ["jeans"]}))
    assert [path.stem for path, _ in read_tags(street)] == ["0002"]


class Sees:
    """A segmenter that draws one garment in the middle of every photo."""

    rules = domain.Rules(threshold=0.3)

    def __init__(self, answer: domain.RawAnswer, category: str) -> None:
        self._answer = answer
        self.second_stage = Says(CATEGORIES.index(category))

    def answer(self, photo):
        return self._answer, 1.0


def test_a_photo_is_labelled_only_where_all_its_tags_were_found(street, answer, tmp_path):
    answer.scores[:] = 0
    answer.scores[27, CATEGORIES.index("trousers")] = 0.9
    report = convert_tagged(street, tmp_path / "out", Sees(answer, "trousers"))
    body = json.loads((tmp_path / "out" / "tagged-train.json").read_text())
    assert [image["file_name"] for image in body["images"]] == ["0002.jpg"]
    (garment,) = body["annotations"]
    assert CATEGORIES[garment["category_id"] - 1] == "trousers"
    assert (tmp_path / "out" / "tagged" / "0002.jpg").exists()
    assert "0003" in report.left_out("ko")

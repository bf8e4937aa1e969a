"""Copy-paste in training: what is pasted hides what is below it, and brings its labels along."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from pycocotools import mask as coco_mask

from services.segmentation.data.coco import CocoFile
from services.segmentation.data.commands import scenes
from services.segmentation.data.cut_outs import CutOut, Piece, cut, read_cut_outs
from services.segmentation.data.labelled import read_labelled
from services.segmentation.data.rarity import rarity
from services.segmentation.pasting import Lot, Scene, add_garment, add_person, paste
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import UsageError

SHIRT, TROUSERS, DRESS = (
    CATEGORIES.index(name) for name in ("short_sleeved_shirt", "trousers", "long_sleeved_dress")
)
GRAY, RED = 128, (200, 0, 0)


def box(top: int, left: int, bottom: int, right: int, *, of=(120, 80)) -> np.ndarray:
    mask = np.zeros(of, bool)
    mask[top:bottom, left:right] = True
    return mask


@pytest.fixture
def scene():
    """Return someone in a shirt above trousers, in the middle of a gray picture."""
    return Scene(
        np.full((120, 80, 3), GRAY, np.uint8),
        (box(20, 30, 60, 50), box(60, 30, 110, 50)),
        (SHIRT, TROUSERS),
        people=box(10, 30, 115, 50),
    )


@pytest.fixture
def piece():
    """Return someone red in a dress: 60 pixels high, 20 wide, the dress in the middle."""
    pixels = np.full((60, 20, 3), RED, np.uint8)
    cover = np.ones((60, 20), np.float32)
    return Piece(pixels, cover, (box(10, 0, 50, 20, of=(60, 20)),), (DRESS,))


def test_what_is_pasted_hides_what_is_below_and_is_labelled(scene, piece):
    pasted = paste(scene, piece, (50, 40))
    assert pasted.categories == (SHIRT, TROUSERS, DRESS)
    assert not (pasted.masks[0] & box(50, 40, 110, 60)).any()
    assert (pasted.masks[2] == box(60, 40, 100, 60)).all()
    assert (pasted.pixels[box(50, 40, 110, 60)] == RED).all()
    assert (pasted.pixels[~box(50, 40, 110, 60)] == GRAY).all()


def test_who_is_pasted_behind_someone_covers_nothing_of_them(scene, piece):
    pasted = paste(scene, piece, (50, 40), behind=scene.people)
    for before, after in zip(scene.masks, pasted.masks, strict=False):
        assert (before == after).all()
    assert (pasted.pixels[scene.people] == GRAY).all()
    assert (pasted.masks[2] == box(60, 50, 100, 60)).all()


def test_what_lies_beside_the_picture_is_cut_off(scene, piece):
    pasted = paste(scene, piece, (80, 70))
    assert pasted.pixels.shape == scene.pixels.shape
    assert (pasted.masks[2] == box(90, 70, 120, 80)).all()


def test_nothing_is_pasted_that_would_hardly_show(scene, piece):
    assert paste(scene, piece, (200, 40)) is None
    assert paste(scene, piece, (50, 30), behind=scene.people) is None


def test_nothing_is_pasted_over_most_of_a_garment(scene, piece):
    assert paste(scene, piece, (55, 30)) is None


def test_the_next_person_stays_off_what_is_already_pasted_in_front(scene, piece):
    first = paste(scene, piece, (50, 55))
    assert first.people is not None
    assert (first.people == scene.people | box(50, 55, 110, 75)).all()


@pytest.fixture
def files(tmp_path):
    """Return training files: a street photo with its wearer, a lone dress, a tagged photo."""
    found = []
    for name, more in (("street", {}), ("garments", {"alone": True}), ("tagged", {})):
        (tmp_path / name).mkdir()
        pixels = np.full((120, 80, 3), GRAY, np.uint8)
        pixels[box(20, 30, 60, 50)] = RED
        Image.fromarray(pixels).save(tmp_path / name / "1.png")
        file = CocoFile()
        image = file.add_image("1.png", width=80, height=120, **more)
        if name == "street":
            file.add_people(image, box(10, 30, 115, 50))
        category = "short_sleeved_shirt" if name == "street" else "long_sleeved_dress"
        file.add_garment(image, category, box(20, 30, 60, 50))
        found.append(tmp_path / f"{name}-train.json")
        found[-1].write_text(json.dumps(file.body()))
    return found


def test_people_and_lone_garments_are_cut_out_but_nothing_of_unsure_photos(files):
    kinds = [read_cut_outs(file) for file in files]
    assert [(len(people), len(alone)) for people, alone in kinds] == [(1, 0), (0, 1), (0, 0)]


def test_a_cut_out_is_as_high_as_asked_and_only_its_own_region(files):
    ((person,), _), (_, (dress,)), _ = map(read_cut_outs, files)
    piece = cut(person, height=210)
    assert piece.cover.shape == (210, 40)
    assert piece.masks[0].sum() == pytest.approx(2 * 2 * 40 * 20, rel=0.06)
    assert cut(dress, height=40).masks[0].all()
    assert cut(dress, height=40).pixels.mean(axis=(0, 1)) == pytest.approx(RED, abs=2)


def test_a_mirrored_cut_out_keeps_masks_on_the_pixels(files, tmp_path):
    pixels = np.full((120, 80, 3), GRAY, np.uint8)
    pixels[box(20, 30, 60, 40)] = RED
    Image.fromarray(pixels).save(tmp_path / "street" / "1.png")
    (person,), _ = read_cut_outs(files[0])
    piece = cut(person, height=105, mirrored=True)
    red = (piece.pixels == RED).all(axis=2)
    assert red[:, 10:].sum() > red[:, :10].sum()


def test_someone_is_pasted_beside_people_and_a_garment_anywhere(scene, files):
    (people, _), (_, alone), _ = map(read_cut_outs, files)
    random = np.random.default_rng(0)
    for _ in range(20):
        with_person = add_person(scene, Lot(people, np.ones(1)), random)
        with_dress = add_garment(scene, Lot(alone, np.ones(1)), random)
        assert with_person.categories in ((SHIRT, TROUSERS), (SHIRT, TROUSERS, SHIRT))
        assert with_dress.categories in ((SHIRT, TROUSERS), (SHIRT, TROUSERS, DRESS))
        for pasted in (with_person, with_dress):
            assert sum(mask.astype(int) for mask in pasted.masks).max() == 1


def test_what_is_wider_than_the_picture_can_be_pasted_too(scene, files, tmp_path):
    narrow = Scene(scene.pixels[:, :30], (), ())
    pixels = np.full((40, 400, 3), RED, np.uint8)
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    belt = {"path": tmp_path / "wide.png", "size": (40, 400)}
    code = coco_mask.encode(np.ones((40, 400), np.uint8, order="F"))
    wide = CutOut(**belt, region=code, garments=((DRESS, code),))
    random = np.random.default_rng(0)
    for scene_ in (narrow, Scene(narrow.pixels, (), (), people=np.ones((120, 30), bool))):
        for add in (add_garment, add_person):
            assert add(scene_, Lot([wide], np.ones(1)), random).pixels.shape == (120, 30, 3)


def test_a_picture_whose_people_are_not_known_gets_no_company(files, scene):
    (people, _), _, _ = map(read_cut_outs, files)
    unknown = Scene(scene.pixels, scene.masks, scene.categories)
    assert add_person(unknown, Lot(people, np.ones(1)), np.random.default_rng(0)) is unknown


def test_rare_families_are_shown_more_often():
    tops, shorts = frozenset({0}), frozenset({3})
    pictures = [tops] * 8 + [shorts, frozenset({0, 3})]
    assert rarity(pictures, power=0) == pytest.approx(np.full(10, 0.1))
    even = rarity(pictures, power=1)
    assert even.sum() == pytest.approx(1)
    assert even[8] == even[9] == pytest.approx(4.5 * even[0])
    assert rarity([], power=1).shape == (0,)


def test_scenes_of_several_people_are_made_of_one_split_and_labelled(tmp_path):
    (tmp_path / "street").mkdir()
    file = CocoFile()
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 256, (120, 80, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "street" / f"{number}.png")
        image = file.add_image(f"{number}.png", width=80, height=120)
        file.add_people(image, box(20, 32, 100, 48))
        file.add_garment(image, "trousers", box(50, 32, 95, 48))
    (tmp_path / "street-val.json").write_text(json.dumps(file.body()))
    made = []
    for _ in range(2):
        result = CliRunner().invoke(
            scenes, [str(tmp_path), "--out", str(tmp_path), "--lang", "en"], catch_exceptions=False
        )
        assert result.exit_code == 0
        made.append((tmp_path / "scenes-val.json").read_text())
    assert made[0] == made[1]
    photos = [p for p in read_labelled(tmp_path, "val") if p.path.parent.name == "scenes"]
    assert len(photos) >= 4
    assert max(len(photo.garments) for photo in photos) >= 2
    assert not (tmp_path / "scenes-train.json").exists()


def test_scenes_need_what_the_street_conversion_wrote(tmp_path):
    result = CliRunner().invoke(scenes, [str(tmp_path), "--out", str(tmp_path), "--lang", "en"])
    assert isinstance(result.exception, UsageError)
    assert "mapsi data ccp" in str(result.exception)

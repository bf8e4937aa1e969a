"""What an evaluation says: precision by class and group, found rates, confusion, pictures."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from services.segmentation.data.coco import CocoFile
from services.segmentation.data.labelled import LabelledGarment, read_labelled
from services.segmentation.data.occlusion import occlusion_of
from services.segmentation.domain import describe
from services.segmentation.evaluate import evaluate_segmenter
from services.segmentation.groups import LAYERS, OCCLUSIONS, SHARES, SIZES, layers_of
from services.segmentation.scoring import Scoreboard, confusion
from shared.errors import MapsiError, UsageError

HEIGHT, WIDTH = 200, 160


def region(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[top:bottom, left:right] = True
    return mask


SHIRT = region(20, 40, 90, 100)
TROUSERS = region(90, 40, 190, 100)
COAT = region(15, 30, 130, 120) & ~SHIRT
FAR = region(20, 125, 60, 158)


def truth(category: str, mask: np.ndarray, occlusion: int = 1) -> LabelledGarment:
    return LabelledGarment(category, mask, occlusion)


def test_a_perfect_answer_has_a_precision_of_one_in_every_group_it_shows():
    board = Scoreboard()
    labelled = [
        truth("long_sleeved_shirt", SHIRT, 3),
        truth("long_sleeved_outwear", COAT),
        truth("trousers", TROUSERS),
    ]
    board.add(labelled, [describe(one.category, 0.9, one.mask) for one in labelled], threshold=0.5)
    for groups in (SIZES, SHARES, OCCLUSIONS, LAYERS):
        for figures in board.by_group(groups).values():
            assert figures.precision.ap == pytest.approx(1.0)
            assert figures.found == 1.0
    assert board.by_family()["top"].instances == 1
    assert set(board.by_group(LAYERS)) == {"top under an outer", "outer over a top"}


def test_a_garment_outside_a_group_neither_helps_nor_harms_it():
    board = Scoreboard()
    labelled = [truth("trousers", TROUSERS, 1), truth("trousers", FAR, 3)]
    board.add(labelled, [describe("trousers", 0.9, TROUSERS)], threshold=0.5)
    by_occlusion = board.by_group(OCCLUSIONS)
    assert by_occlusion["slight or none"].precision.ap == pytest.approx(1.0)
    assert by_occlusion["heavily"].precision.ap == pytest.approx(0.0)
    assert by_occlusion["heavily"].found == 0.0
    assert by_occlusion["slight or none"].precision.instances == 1


def test_a_false_alarm_of_another_size_is_not_held_against_a_size():
    small, large = region(0, 0, 20, 20), region(40, 20, 190, 140)
    board = Scoreboard()
    board.add(
        [truth("skirt", small)],
        [describe("skirt", 0.9, large), describe("skirt", 0.8, small)],
        threshold=0.5,
    )
    assert board.by_group(SIZES)["small"].precision.ap == pytest.approx(1.0)
    assert board.by_family()["skirt"].ap < 0.6


def test_below_the_threshold_a_garment_counts_for_precision_but_is_not_found():
    board = Scoreboard()
    board.add([truth("skirt", SHIRT)], [describe("skirt", 0.2, SHIRT)], threshold=0.5)
    assert board.by_family()["skirt"].ap == pytest.approx(1.0)
    assert board.by_group(OCCLUSIONS)["slight or none"].found == 0.0
    assert board.iou_by_family()["skirt"] == 0.0


def test_a_wrong_sleeve_is_found_by_family_but_confused_by_category():
    labelled = [truth("long_sleeved_shirt", SHIRT)]
    garments = [describe("vest", 0.9, SHIRT), describe("skirt", 0.8, FAR)]
    assert sorted(confusion(labelled, garments)) == [
        ("-", "skirt"),
        ("long_sleeved_shirt", "vest"),
    ]
    board = Scoreboard()
    board.add(labelled, garments, threshold=0.5)
    assert board.by_group(OCCLUSIONS)["slight or none"].found == 1.0
    assert board.by_category()["long_sleeved_shirt"].ap == pytest.approx(0.0)


def test_photos_where_nothing_is_reported_count_as_missed():
    board = Scoreboard()
    board.add([truth("skirt", SHIRT)], [], threshold=0.5)
    assert board.by_family()["skirt"].ap == 0.0
    assert np.isnan(board.by_family()["dress"].ap)


def test_two_people_are_not_one_layered_look():
    names = layers_of([truth("vest", FAR), truth("long_sleeved_outwear", COAT & ~FAR)])
    assert names == ["single", "single"]


def test_a_shirt_between_the_halves_of_a_coat_is_heavily_covered():
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[COAT] = 1
    labels[SHIRT] = 2
    assert occlusion_of(labels == 2, labels, [1]) == 3
    assert occlusion_of(labels == 2, labels, []) == 1


@pytest.fixture
def data(tmp_path):
    """Two photos labelled as the fake segmenter sees them, and one with a dress."""
    folder = tmp_path / "data"
    (folder / "made").mkdir(parents=True)
    file = CocoFile()
    middle = slice(10, 30)
    for number in range(3):
        Image.new("RGB", (40, 60), (90, 90, 90)).save(folder / "made" / f"{number}.png")
        image_id = file.add_image(f"{number}.png", width=40, height=60)
        shirt, trousers = np.zeros((2, 60, 40), bool)
        shirt[:30, middle], trousers[30:, middle] = True, True
        if number == 2:
            file.add_garment(image_id, "vest_dress", shirt | trousers)
            continue
        file.add_garment(image_id, "long_sleeved_shirt", shirt)
        file.add_garment(image_id, "trousers", trousers)
    (folder / "made-test.json").write_text(json.dumps(file.body()))
    return folder


def evaluate(monkeypatch, data, *more):
    monkeypatch.setenv("MAPSI_SEGMENTATION_ENGINE", "fake")
    return CliRunner().invoke(
        evaluate_segmenter, ["--data", str(data), *more], catch_exceptions=False
    )


def test_the_figures_of_a_converted_data_set_are_printed_as_json(monkeypatch, data):
    result = evaluate(monkeypatch, data, "--json")
    measured = json.loads(result.stdout)
    assert measured["photos"] == 3
    assert measured["family"]["dress"] == {"garments": 1, "ap": 0.0, "ap50": 0.0}
    assert measured["category"]["trousers"]["garments"] == 2
    assert {"true": "trousers", "reported": "trousers", "count": 2} in measured["confusion"]
    assert measured["iou"]["trousers"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(("language", "word"), [("en", "trousers"), ("ko", "바지")])
def test_tables_and_pictures_are_in_the_readers_language(
    monkeypatch, data, tmp_path, language, word
):
    sheet, matrix = tmp_path / "sheet.png", tmp_path / "matrix.png"
    result = evaluate(
        monkeypatch, data, "--lang", language, "--worst", "2", "--out", str(sheet),
        "--confusion", str(matrix),
    )  # fmt: skip
    assert result.exit_code == 0
    assert word in result.stdout
    for picture in (sheet, matrix):
        with Image.open(picture) as image:
            assert image.width > 300


def test_an_empty_split_is_refused_with_the_folders_name(monkeypatch, data):
    with pytest.raises(UsageError, match="no labelled photo in the val split"):
        evaluate(monkeypatch, data, "--split", "val")


def test_annotations_of_another_photo_are_refused(monkeypatch, data):
    Image.new("RGB", (80, 60)).save(data / "made" / "0.png")
    with pytest.raises(MapsiError, match=r"0\.png: the photo and its annotations"):
        evaluate(monkeypatch, data)


def test_annotations_of_other_categories_are_refused(data):
    body = json.loads((data / "made-test.json").read_text())
    body["categories"][0]["name"] = "person"
    (data / "made-test.json").write_text(json.dumps(body))
    with pytest.raises(UsageError, match="not COCO annotations of the 13 categories"):
        list(read_labelled(data, "test"))

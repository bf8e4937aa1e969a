"""Copy-paste and rare garments in MMDetection's own training pipeline."""

from __future__ import annotations

import json
from itertools import islice

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("mmdet")

from services.segmentation import mmcv_ext
from services.segmentation.data.coco import CocoFile
from services.segmentation.train import complete
from shared.contracts.vocabulary import CATEGORIES

pytestmark = [pytest.mark.ml, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def files(tmp_path):
    """Return a street file of six people in shirts and one in shorts, and one lone dress."""
    street, garments = CocoFile(), CocoFile()
    for name in ("street", "garments"):
        (tmp_path / name).mkdir()
    for number in range(8):
        name, file = ("garments", garments) if number == 7 else ("street", street)
        pixels = np.random.default_rng(number).integers(0, 256, (300, 200, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / name / f"{number}.jpg")
        garment, person = np.zeros((2, 300, 200), bool)
        garment[80:160, 80:120] = person[20:280, 80:120] = True
        more = {"alone": True} if number == 7 else {}
        image = file.add_image(f"{number}.jpg", width=200, height=300, **more)
        if number < 7:
            file.add_people(image, person)
        category = {6: "shorts", 7: "long_sleeved_dress"}.get(number, "short_sleeved_shirt")
        file.add_garment(image, category, garment)
    for name, file in (("street", street), ("garments", garments)):
        (tmp_path / f"{name}-train.json").write_text(json.dumps(file.body()))
    return [tmp_path / "street-train.json", tmp_path / "garments-train.json"]


def prepared(files, tmp_path, **shown: float):
    """Return the recipe and its data set as training builds them."""
    from services.segmentation.network import read_config

    recipe = read_config("mobile")
    mmcv_ext.install()
    from mmdet.registry import DATASETS

    import services.segmentation.augmentation  # noqa: F401 - registers the transform

    recipe.shown = shown
    recipe = complete(recipe, files, tmp_path / "run")
    return recipe, DATASETS.build(recipe.train_dataloader.dataset)


def test_people_and_garments_are_pasted_with_their_boxes_and_labels(files, tmp_path):
    _, dataset = prepared(files, tmp_path, paste_people=1.0, paste_garments=1.0)
    seen: set[str] = set()
    most = 0
    for index in list(range(len(dataset))) * 4:
        item = dataset[index]
        if item is None:  # the crop left nothing
            continue
        truth = item["data_samples"].gt_instances
        assert len(truth.bboxes) == len(truth.labels) == len(truth.masks)
        most = max(most, len(truth.labels))
        if index < 6:  # shirts alone, before
            seen |= {CATEGORIES[label] for label in truth.labels.tolist()}
    assert most >= 3
    assert {"short_sleeved_shirt", "long_sleeved_dress"} <= seen


def test_without_pasting_pictures_stay_as_they_are(files, tmp_path):
    _, dataset = prepared(files, tmp_path, paste_people=0.0, paste_garments=0.0)
    items = [dataset[index] for index in range(len(dataset))]
    assert all(len(item["data_samples"].gt_instances.labels) == 1 for item in items if item)


def test_rare_families_are_drawn_more_often_within_each_files_share(files, tmp_path):
    from mmdet.registry import DATA_SAMPLERS

    drawn = {}
    for power in (0.0, 1.0):
        recipe, dataset = prepared(files, tmp_path, rarity=power)
        sampler = DATA_SAMPLERS.build(
            recipe.train_dataloader.sampler, default_args={"dataset": dataset, "seed": 1}
        )
        drawn[power] = np.bincount(list(islice(sampler, 4000)), minlength=8) / 4000
    assert drawn[0.0][6] == pytest.approx(6 / 43, abs=0.03)
    assert drawn[1.0][6] == pytest.approx(42 / 43 / 2, abs=0.03)
    for shares in drawn.values():
        assert shares[7] == pytest.approx(1 / 43, abs=0.01)

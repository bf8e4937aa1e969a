"""Photos of single garments get a mask where the saliency model is sure, and are counted."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageFilter

from services.segmentation.data.commands import garments
from services.segmentation.data.garments import (
    BLURRED,
    SEVERAL_PARTS,
    TOO_LARGE,
    TOO_SMALL,
    object_mask,
    split_of_contributor,
    why_refused,
)
from services.segmentation.data.labelled import read_labelled
from services.segmentation.data.saliency import SaliencyMaps


def saliency(*boxes: tuple[int, int, int, int], blur: float = 0.0) -> np.ndarray:
    """Return a 100 x 100 map that is 1 in the boxes (left, top, right, bottom)."""
    image = Image.new("L", (100, 100))
    for box in boxes:
        image.paste(255, box)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (saliency((20, 20, 80, 80)), None),
        (saliency((45, 45, 55, 55)), TOO_SMALL),
        (saliency((0, 0, 100, 95)), TOO_LARGE),
        (saliency((5, 5, 45, 95), (55, 5, 95, 95)), SEVERAL_PARTS),
        (saliency((20, 20, 80, 80), blur=15), BLURRED),
    ],
)
def test_a_mask_is_made_only_where_the_object_is_sure(seen, reason):
    assert why_refused(seen) == reason
    assert (object_mask(seen) is None) == (reason is not None)


def test_holes_in_an_object_are_filled():
    seen = saliency((20, 20, 80, 80))
    seen[45:55, 45:55] = 0
    mask = object_mask(seen)
    assert mask is not None
    assert mask[50, 50]


@pytest.fixture
def folder(tmp_path):
    """Two photos with saliency maps beside the results, as an earlier run left them."""
    root = tmp_path / "in"
    (root / "photos").mkdir(parents=True)
    maps = tmp_path / "out" / "saliency"
    maps.mkdir(parents=True)
    with (root / "garments.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image", "contributor", "label", "kids"])
        rows.writerows([["sure", "7", "Skirt", "False"], ["unsure", "7", "Dress", "False"]])
    for name, box in (("sure", (20, 20, 80, 80)), ("unsure", (48, 48, 52, 52))):
        Image.new("RGB", (100, 100), "gray").save(root / "photos" / f"{name}.jpg")
        pixels = (saliency(box) * 255).astype(np.uint8)
        Image.fromarray(pixels).save(maps / f"{name}.png")
    return root


def test_maps_that_are_there_are_used_and_refusals_are_said(folder, tmp_path):
    out, model = tmp_path / "out", tmp_path / "model.onnx"
    model.write_bytes(b"never opened: no map is missing")
    result = CliRunner().invoke(
        garments,
        [str(folder), "--saliency-model", str(model), "--out", str(out), "--sheet",
         "--lang", "en"],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 0
    assert f"{split_of_contributor('7')} 1 photos, 1 garments" in result.output
    assert "left out: object too small 1 (unsure)" in result.output
    (photo,) = read_labelled(out, split_of_contributor("7"))
    assert (photo.name, photo.garments[0].category) == ("sure", "skirt")
    assert photo.garments[0].mask.sum() == pytest.approx(3600, rel=0.05)
    with Image.open(out / "garments.png") as sheet:
        assert sheet.width > 300


def test_an_unfinished_map_of_a_killed_process_is_not_taken_for_one(tmp_path):
    maps = SaliencyMaps(tmp_path, tmp_path / "model.onnx")
    (tmp_path / "photo.123.part").write_bytes(b"half a picture")
    assert not maps.path(tmp_path / "photo.jpg").exists()

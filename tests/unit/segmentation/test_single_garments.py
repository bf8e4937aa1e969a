"""How often a photo of one garment is given the right family."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from services.segmentation.data.garments import GarmentPhoto
from services.segmentation.domain import describe
from services.segmentation.single_garments import compare, lines, top1


class Reports:
    """Reports the same category for every photo."""

    def __init__(self, category: str, score: float) -> None:
        self.garment = describe(category, score, np.ones((8, 8), bool))

    def predict(self, photos):
        return [(self.garment,) for _ in photos]


def photo(folder: Path, name: str, category: str) -> GarmentPhoto:
    path = folder / f"{name}.png"
    Image.new("RGB", (64, 64)).save(path)
    return GarmentPhoto(name, path, category, "test")


def test_the_right_family_counts_whatever_the_sleeve(tmp_path):
    photos = [photo(tmp_path, "a", "vest"), photo(tmp_path, "b", "trousers")]
    measured = top1(compare(Reports("short_sleeved_shirt", 0.9), photos, threshold=0.5))
    assert measured["top1"] == 0.5
    assert measured["families"]["top"] == {"photos": 1, "right": 1.0}
    assert measured["families"]["trousers"] == {"photos": 1, "right": 0.0}
    assert any("0.500 (2)" in line for line in lines(measured, language="ko"))


def test_what_is_not_reported_is_wrong(tmp_path):
    photos = [photo(tmp_path, "a", "skirt")]
    measured = top1(compare(Reports("skirt", 0.4), photos, threshold=0.5))
    assert measured["top1"] == 0.0
    assert measured["confusion"] == [{"true": "skirt", "reported": "-", "count": 1}]

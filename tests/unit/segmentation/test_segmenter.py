"""The engines: the fake, and which weights are refused."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from services.segmentation.metadata import read_metadata
from services.segmentation.model import FakeSegmenter, open_segmenter
from services.segmentation.settings import SHIPPED, SegmentationSettings
from shared.errors import PermanentError
from shared.masks import decode_mask


@pytest.fixture
def weights(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "weights")


def test_the_fake_always_sees_the_same():
    photo = np.zeros((60, 40, 3), np.uint8)
    first, second = FakeSegmenter().predict([photo, photo])
    assert first == second
    assert [garment.category for garment in first] == ["long_sleeved_shirt", "trousers"]
    masks = [decode_mask(garment.mask, height=60, width=40) for garment in first]
    assert not (masks[0] & masks[1]).any()


def test_shipped_weights_run_and_report_plausible_garments():
    segmenter = open_segmenter(SegmentationSettings(threshold=0.01))
    photo = np.random.default_rng(0).integers(0, 256, (330, 220, 3), np.uint8)
    (garments,) = segmenter.predict([photo])
    for garment in garments:
        assert garment.mask.size == (330, 220)
        assert 0 <= garment.box[0] < garment.box[2] <= 220
        assert 0 <= garment.box[1] < garment.box[3] <= 330
        assert garment.area == decode_mask(garment.mask, height=330, width=220).sum()


def test_other_weights_than_described_are_refused_in_one_clear_line(weights):
    with (weights / "segmenter.onnx").open("ab") as file:
        file.write(b"x")
    segmenter = open_segmenter(SegmentationSettings(weights=weights))
    with pytest.raises(PermanentError, match=r"segmenter\.onnx: is not the file"):
        segmenter.load()


def test_missing_metadata_names_the_file(tmp_path):
    with pytest.raises(PermanentError, match=r"segmenter\.toml: cannot be read"):
        open_segmenter(SegmentationSettings(weights=tmp_path))


def test_a_checkpoint_in_the_place_of_a_folder_is_told_how_to_become_one(tmp_path):
    checkpoint = tmp_path / "mask_rcnn_r50_fpn_15e_deepfashion.pth"
    checkpoint.write_bytes(b"")
    with pytest.raises(PermanentError, match="mapsi export segmenter --checkpoint"):
        open_segmenter(SegmentationSettings(weights=checkpoint, engine="mmdet"))


def test_results_name_the_weights_that_were_read():
    metadata = read_metadata(SHIPPED)
    reference = open_segmenter(SegmentationSettings()).reference
    assert reference == metadata.reference(metadata.onnx)
    assert len(metadata.verified(metadata.onnx)) < 25e6


def test_the_setting_overrides_the_models_threshold():
    assert open_segmenter(SegmentationSettings(threshold=0.77)).threshold == 0.77
    assert open_segmenter(SegmentationSettings()).threshold == read_metadata(SHIPPED).threshold

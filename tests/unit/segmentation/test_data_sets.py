"""Other people's data sets become COCO files in our order; what is unusable is counted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from services.segmentation.data.commands import ccp, deepfashion2
from services.segmentation.data.labelled import read_labelled
from services.segmentation.data.splits import split_of
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import UsageError

SHIRT = {
    "category_name": "short sleeve top",
    "category_id": 1,
    "style": 1,
    "bounding_box": [20, 30, 80, 90],
    "landmarks": [50, 30, 2],
    "segmentation": [[20, 30, 80, 30, 80, 90, 20, 90]],
    "scale": 2,
    "occlusion": 1,
    "zoom_in": 1,
    "viewpoint": 2,
}
# Two legs are two polygons of one garment.
TROUSERS = {
    **SHIRT,
    "category_name": "trousers",
    "category_id": 8,
    "segmentation": [[20, 90, 45, 90, 45, 150, 20, 150], [55, 90, 80, 90, 80, 150, 55, 150]],
    "occlusion": 3,
}


def write_photo(root: Path, side: str, number: int, **items: object) -> None:
    """Write one photo of 100 x 160 pixels and its annotation in the documented format."""
    for folder in ("image", "annos"):
        (root / side / folder).mkdir(parents=True, exist_ok=True)
    name = f"{number:06}"
    Image.new("RGB", (100, 160), "gray").save(root / side / "image" / f"{name}.jpg")
    content = {"source": "user", "pair_id": number, **items}
    (root / side / "annos" / f"{name}.json").write_text(json.dumps(content))


@pytest.fixture
def unpacked(tmp_path):
    root = tmp_path / "DeepFashion2"
    write_photo(root, "train", 1, item1=SHIRT, item2=TROUSERS)
    write_photo(root, "validation", 1, item1=TROUSERS)
    return root


def convert(root: Path, out: Path, *more: str):
    arguments = [str(root), "--out", str(out), "--lang", "en", *more]
    return CliRunner().invoke(deepfashion2, arguments, catch_exceptions=False)


def body(out: Path, split: str) -> dict:
    return json.loads((out / f"deepfashion2-{split}.json").read_text())


def test_garments_keep_category_mask_and_occlusion(unpacked, tmp_path):
    result = convert(unpacked, tmp_path / "out")
    assert result.exit_code == 0
    assert "train 1 photos, 2 garments; test 1 photos, 1 garments" in result.output
    (photo,) = read_labelled(tmp_path / "out", split_of("pair1", test=0, val=2))
    shirt, trousers = photo.garments
    assert (shirt.category, trousers.category) == ("short_sleeved_shirt", "trousers")
    assert (shirt.occlusion, trousers.occlusion) == (1, 3)
    assert shirt.mask.shape == (160, 100)
    assert shirt.mask.sum() == 60 * 60
    assert trousers.mask.sum() == 2 * 25 * 60
    assert not trousers.mask[120, 50]
    with Image.open(photo.path) as image:
        assert image.size == (100, 160)


def test_categories_are_ours_in_our_order_and_the_validation_photos_are_the_test(
    unpacked, tmp_path
):
    convert(unpacked, tmp_path / "out")
    test = body(tmp_path / "out", "test")
    assert [row["name"] for row in test["categories"]] == list(CATEGORIES)
    assert [row["id"] for row in test["categories"]] == list(range(1, 14))
    (image,), (garment,) = test["images"], test["annotations"]
    assert (image["source"], image["pair_id"]) == ("user", 1)
    assert (garment["category_id"], garment["viewpoint"], garment["style"]) == (8, 2, 1)
    assert garment["bbox"] == [20, 90, 60, 60]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"category_id": 14}, "garments of an unknown category 1 (train/000002 item1)"),
        ({"category_id": "8"}, "garments of an unknown category 1 (train/000002 item1)"),
        ({"segmentation": []}, "garments without an area 1 (train/000002 item1)"),
        ({"segmentation": [[1, 2, 3, 4]]}, "garments without an area 1 (train/000002 item1)"),
        ({"segmentation": [[5, 5, 5, 5, 5, 5]]}, "garments without an area 1"),
        ({"segmentation": [[0, 0, 1e300, 0, 1e300, 9]]}, "garments without an area 1"),
    ],
)
def test_a_bad_garment_is_left_out_and_said(unpacked, tmp_path, change, said):
    write_photo(unpacked, "train", 2, item1={**SHIRT, **change}, item2=TROUSERS)
    result = convert(unpacked, tmp_path / "out")
    assert result.exit_code == 0
    assert "train 2 photos, 3 garments" in result.output
    assert said in result.output


def test_a_photo_that_is_missing_or_damaged_is_left_out_and_said(unpacked, tmp_path):
    for number in (2, 3, 4):
        write_photo(unpacked, "train", number, item1=SHIRT)
    (unpacked / "train" / "image" / "000002.jpg").unlink()
    (unpacked / "train" / "image" / "000003.jpg").write_bytes(b"no photo")
    (unpacked / "train" / "annos" / "000004.json").write_text("{")
    result = convert(unpacked, tmp_path / "out", "--lang", "en")
    assert "photos without a picture 1 (train/000002)" in result.output
    assert "pictures that cannot be read 1 (train/000003)" in result.output
    assert "annotations that are no JSON object 1 (train/000004)" in result.output
    assert "train 1 photos" in result.output


def test_what_was_left_out_is_said_in_korean_too(unpacked, tmp_path):
    write_photo(unpacked, "train", 2, item1={**SHIRT, "category_id": 99})
    result = convert(unpacked, tmp_path / "out", "--lang", "ko")
    assert "범주를 알 수 없는 옷 1 (train/000002 item1)" in result.output


def test_a_folder_without_deepfashion2_is_refused_in_one_line(tmp_path):
    with pytest.raises(UsageError, match="train/annos"):
        convert(tmp_path, tmp_path / "out")


def test_photos_of_one_pair_are_on_one_side(tmp_path):
    root = tmp_path / "DeepFashion2"
    for number in range(40):
        write_photo(root, "train", number, item1=SHIRT)
        content = {"source": "shop", "pair_id": number // 2, "item1": SHIRT}
        (root / "train" / "annos" / f"{number:06}.json").write_text(json.dumps(content))
    convert(root, tmp_path / "out")
    pairs = {
        split: {row["pair_id"] for row in body(tmp_path / "out", split)["images"]}
        for split in ("train", "val")
    }
    assert not pairs["train"] & pairs["val"]


LABELS = ["null", "skin", "t-shirt", "jeans", "bag"]


def write_ccp_photo(folder: Path) -> np.ndarray:
    (folder / "photos").mkdir(parents=True)
    labels = np.zeros((300, 200), np.uint8)
    labels[60:140, 50:150], labels[140:270, 60:140] = 2, 3
    labels[100:140, 50:70] = 4
    Image.new("RGB", (200, 300), "gray").save(folder / "photos" / "0001.jpg")
    return labels


def test_clothing_co_parsing_is_read_as_its_repository_has_it(tmp_path):
    savemat = pytest.importorskip("scipy.io").savemat
    folder = tmp_path / "ccp"
    labels = write_ccp_photo(folder)
    (folder / "annotations" / "pixel-level").mkdir(parents=True)
    savemat(folder / "annotations" / "pixel-level" / "0001.mat", {"groundtruth": labels})
    savemat(folder / "label_list.mat", {"label_list": np.array([LABELS], object)})
    result = CliRunner().invoke(
        ccp, [str(folder), "--out", str(tmp_path / "out"), "--lang", "en"], catch_exceptions=False
    )
    assert "1 photos, 2 garments" in result.output
    (photo,) = read_labelled(tmp_path / "out", split_of("0001"))
    assert {garment.category for garment in photo.garments} == {"long_sleeved_shirt", "trousers"}


def test_without_clothing_co_parsings_labels_the_folder_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"no labels\.json or label_list\.mat"):
        CliRunner().invoke(
            ccp, [str(tmp_path), "--out", str(tmp_path / "out")], catch_exceptions=False
        )


def test_training_takes_a_converted_folder_as_it_is(unpacked, tmp_path):
    from services.segmentation.train import prepare_data

    convert(unpacked, tmp_path / "coco")
    files = prepare_data(tmp_path / "coco", tmp_path / "run", saliency_model=None)
    assert files == [tmp_path / "coco" / "deepfashion2-train.json"]
    assert not (tmp_path / "run").exists()

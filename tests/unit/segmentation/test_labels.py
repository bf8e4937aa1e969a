"""Which garment a label map shows, and how long its sleeves are."""

from __future__ import annotations

import numpy as np
import pytest

from services.segmentation.data.sleeves import ArmSkin, measure_arms, sleeve_of
from services.segmentation.data.splits import split_of
from services.segmentation.data.street import garments_of, split_people, split_suit

LABELS = ["null", "skin", "shoes", "t-shirt", "blouse", "jacket", "jeans", "suit", "dress", "bag"]
HEIGHT, WIDTH = 400, 200


def person(**regions: tuple[slice, slice]) -> np.ndarray:
    """Draw a label map of a person 360 pixels tall: shoes, and the regions given."""
    label_map = np.zeros((HEIGHT, WIDTH), np.uint8)
    label_map[20:50, 90:110] = LABELS.index("skin")
    label_map[370:380, 80:120] = LABELS.index("shoes")
    for name, region in regions.items():
        label_map[region] = LABELS.index(name.replace("_", "-"))
    return label_map


def categories(label_map: np.ndarray) -> list[str]:
    return sorted(garment.category for garment in garments_of(label_map, LABELS))


def bare_arms(label_map: np.ndarray, rows: slice) -> np.ndarray:
    label_map[rows, 40:60] = label_map[rows, 140:160] = LABELS.index("skin")
    return label_map


TORSO = (slice(60, 180), slice(65, 135))
LEGS = (slice(180, 370), slice(70, 130))


def test_sleeves_to_the_wrist_make_a_long_sleeved_shirt():
    assert categories(person(blouse=TORSO, jeans=LEGS)) == ["long_sleeved_shirt", "trousers"]


def test_bare_forearms_make_a_short_sleeved_shirt():
    label_map = bare_arms(person(blouse=TORSO, jeans=LEGS), slice(120, 200))
    assert categories(label_map) == ["short_sleeved_shirt", "trousers"]


def test_bare_upper_arms_make_a_vest():
    label_map = bare_arms(person(blouse=TORSO, jeans=LEGS), slice(72, 200))
    assert categories(label_map) == ["trousers", "vest"]


def test_bare_shoulders_make_a_sling_dress():
    label_map = bare_arms(person(dress=(slice(60, 300), slice(65, 135))), slice(50, 200))
    assert categories(label_map) == ["sling_dress"]


def test_under_a_jacket_a_t_shirt_is_still_short_sleeved():
    label_map = person(jacket=TORSO, t_shirt=(slice(60, 180), slice(90, 110)), jeans=LEGS)
    assert categories(label_map) == ["long_sleeved_outwear", "short_sleeved_shirt", "trousers"]


def test_what_is_no_garment_of_the_13_is_left_out():
    assert categories(person(bag=(slice(150, 250), slice(140, 190)))) == []


def test_a_suit_is_a_jacket_and_trousers():
    label_map = person(suit=(slice(60, 370), slice(65, 135)))
    parts = {one.category: one.mask for one in garments_of(label_map, LABELS)}
    assert set(parts) == {"long_sleeved_outwear", "trousers"}
    assert not (parts["long_sleeved_outwear"] & parts["trousers"]).any()
    assert parts["trousers"][300, 100] and parts["long_sleeved_outwear"][100, 100]


def test_a_suit_without_visible_trousers_is_one_jacket():
    region = np.zeros((HEIGHT, WIDTH), bool)
    region[60:200, 65:135] = True
    ((category, mask),) = split_suit(region, body_height=360)
    assert category == "long_sleeved_outwear"
    assert (mask == region).all()


def test_an_open_coat_is_one_garment_and_two_people_have_two():
    region = np.zeros((HEIGHT, WIDTH), bool)
    region[60:200, 60:90] = region[60:200, 105:135] = True
    assert len(split_people(region, body_height=360)) == 1
    region[:] = False
    region[60:200, 10:50] = region[60:200, 150:190] = True
    assert len(split_people(region, body_height=360)) == 2


def test_specks_are_no_garment():
    region = np.zeros((HEIGHT, WIDTH), bool)
    region[60:70, 60:70] = True
    assert split_people(region, body_height=360) == []


@pytest.mark.parametrize(
    ("arms", "sleeve"),
    [
        (ArmSkin(shoulder=0.0, upper_arm=0.0, elbow=0.0, forearm=0.1), "long"),
        (ArmSkin(shoulder=0.0, upper_arm=0.1, elbow=0.3, forearm=0.8), "short"),
        (ArmSkin(shoulder=0.0, upper_arm=0.0, elbow=0.1, forearm=0.8), "long"),  # pushed up
        (ArmSkin(shoulder=0.0, upper_arm=0.0, elbow=0.5, forearm=0.0), "long"),  # hand raised
        (ArmSkin(shoulder=0.1, upper_arm=0.8, elbow=0.8, forearm=0.8), "none"),
        (ArmSkin(shoulder=1.1, upper_arm=0.8, elbow=0.8, forearm=0.8), "strap"),
    ],
)
def test_the_more_skin_the_shorter_the_sleeve(arms, sleeve):
    assert sleeve_of(arms) == sleeve


def test_arms_are_measured_in_body_heights_not_pixels():
    small = bare_arms(person(blouse=TORSO), slice(72, 200))
    large = small.repeat(3, axis=0).repeat(3, axis=1)
    skin, blouse = LABELS.index("skin"), LABELS.index("blouse")
    one = measure_arms(small == skin, small == blouse, body_height=360)
    three = measure_arms(large == skin, large == blouse, body_height=1080)
    assert three.upper_arm == pytest.approx(one.upper_arm, abs=0.05)
    assert three.forearm == pytest.approx(one.forearm, abs=0.05)


def test_a_photo_never_changes_sides():
    assert [split_of(name) for name in ("0002", "0004", "0005")] == [
        split_of(name) for name in ("0002", "0004", "0005")
    ]
    counts = {"train": 0, "val": 0, "test": 0}
    for number in range(2000):
        counts[split_of(f"{number:04}")] += 1
    assert 270 < counts["test"] < 370
    assert 150 < counts["val"] < 250

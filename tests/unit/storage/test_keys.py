"""Where things lie in the store: a changed key loses every stored object."""

from __future__ import annotations

import pytest

from shared.storage import InvalidKeyError
from shared.storage.base import check_key
from shared.storage.keys import (
    generation_key,
    mask_key,
    overlay_key,
    photo_key,
    result_key,
    upload_key,
)

PHOTO = "abcd" + "0" * 60
JOB = "5f" + "0" * 30


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (photo_key(PHOTO), f"photos/ab/cd/{PHOTO}.jpg"),
        (upload_key(PHOTO), f"uploads/ab/{PHOTO}"),
        (result_key("color", "xkcd-1", PHOTO), f"results/color/xkcd-1/ab/{PHOTO}.json"),
        (mask_key("rtmdet-0.2", PHOTO), f"masks/rtmdet-0.2/ab/{PHOTO}.png"),
        (overlay_key("rtmdet-0.2", PHOTO), f"overlays/rtmdet-0.2/ab/{PHOTO}.png"),
        (generation_key(JOB, "board.png"), f"generations/5f/{JOB}/board.png"),
    ],
)
def test_keys_never_move(key: str, expected: str) -> None:
    assert check_key(key) == expected


@pytest.mark.parametrize("photo_id", ["", "ABCD" + "0" * 60, "a" * 63, "a" * 65, "../" + "a" * 61])
def test_only_a_sha256_names_a_photo(photo_id: str) -> None:
    with pytest.raises(InvalidKeyError):
        photo_key(photo_id)


@pytest.mark.parametrize("part", ["", "..", "a/b", ".x", "버전", "x" * 101])
def test_model_version_and_file_name_stay_one_part(part: str) -> None:
    with pytest.raises(InvalidKeyError):
        result_key("color", part, PHOTO)
    with pytest.raises(InvalidKeyError):
        generation_key(JOB, part)

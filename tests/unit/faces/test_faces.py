"""Nobody can be recognised in a photo that others see."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from shared.contracts.garments import Garment, Rle
from shared.faces import Box, FaceFinder, faces_of, hide_faces, open_finder, veil
from shared.faces.hiding import unseen_heads
from shared.imaging import Pixels, decode, resize_to
from shared.storage import open_url


def people() -> list[Path]:
    """Made-up people of several skin tones, full length and close up."""
    spec = find_spec("openpeople")
    assert spec is not None and spec.submodule_search_locations
    root = Path(spec.submodule_search_locations[0]) / "data" / "curated"
    return [
        root / person / "assets" / f"{shot}.jpg"
        for person, shot in (
            ("P001", "amateur_posture"), ("P003", "studio_portrait"), ("P007", "amateur_selfie"),
            ("P009", "studio_posture"),
        )
    ]  # fmt: skip


def photo(path: Path) -> Pixels:
    return resize_to(decode(path.read_bytes(), name=path.name).pixels, max_side=900)


@pytest.fixture(scope="session")
def finder() -> FaceFinder:
    return open_finder()


def detail(pixels: Pixels, box: Box) -> float:
    """Return how much neighbouring pixels of a face differ."""
    x0, y0, x1, y1 = (max(0, round(value)) for value in box)
    face = pixels[y0:y1, x0:x1].mean(axis=2)
    return float(np.abs(np.diff(face, 2, axis=0)).mean() + np.abs(np.diff(face, 2, axis=1)).mean())


@pytest.mark.parametrize("path", people(), ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_face_is_found_and_its_features_are_gone(path: Path, finder: FaceFinder) -> None:
    pixels = photo(path)
    (face,) = finder.find(pixels)
    hidden = hide_faces(pixels, [face])
    assert detail(hidden, face) < 0.15 * detail(pixels, face)


@pytest.mark.parametrize("path", people(), ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_eyes_nose_and_mouth_lie_where_a_face_has_them(path: Path, finder: FaceFinder) -> None:
    (face,) = finder.faces(photo(path))
    x0, y0, x1, y1 = face.box
    ((left, eye_y), (right, _)), (nose_x, nose_y) = face.eyes, face.nose
    (corner, mouth_y), (other_corner, _) = face.mouth
    assert x0 < left < nose_x < right < x1
    assert y0 < eye_y < nose_y < mouth_y < y1
    assert left - (right - left) / 4 < corner < nose_x < other_corner < right + (right - left) / 4


def test_photo_without_people_has_no_faces(finder: FaceFinder) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8)[:, None, None], (1, 200, 3))
    assert finder.find(ramp) == ()


def test_tiny_and_extreme_photos_are_looked_at_all_the_same(finder: FaceFinder) -> None:
    for shape in ((1, 1, 3), (3, 4000, 3), (4000, 3, 3)):
        finder.find(np.zeros(shape, np.uint8))


def test_what_is_left_of_a_face_is_a_few_averages() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    veiled = veil(noise, [(100, 100, 200, 200)])
    face = veiled[110:190, 110:190].astype(float)
    assert face.std() < 12  # of 74: 5 x 5 averages of noise are nearly gray
    assert np.abs(np.diff(face, axis=0)).max() <= 4


def test_rest_of_the_photo_stays_as_it_is() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    veiled = veil(noise, [(100, 100, 150, 150)])
    changed = (veiled != noise).any(axis=2)
    assert not changed[:80].any() and not changed[:, 180:].any()


def test_face_at_the_edge_of_the_photo_is_hidden_too() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    veiled = veil(noise, [(-20, -30, 40, 30), (90, 90, 130, 130), (200, 200, 210, 210)])
    assert veiled[10:20, 10:25].std() < 25


def garment(category: str, box: Box) -> Garment:
    mask = Rle(size=(600, 400), counts="0")
    return Garment(category=category, score=0.9, box=box, mask=mask, area=1)


def test_head_that_no_face_was_found_for_is_hidden_above_the_garment() -> None:
    shirt = garment("long_sleeved_shirt", (120.0, 150.0, 280.0, 350.0))
    (head,) = unseen_heads([], [shirt])
    middle = (head[0] + head[2]) / 2
    assert middle == 200 and head[1] < 80 and 150 < head[3] < 180


def test_head_whose_face_was_found_is_not_hidden_twice() -> None:
    shirt = garment("long_sleeved_shirt", (120.0, 150.0, 280.0, 350.0))
    assert unseen_heads([(180.0, 80.0, 220.0, 130.0)], [shirt]) == []


def test_trousers_have_no_head_above_them() -> None:
    assert unseen_heads([], [garment("trousers", (120.0, 300.0, 280.0, 590.0))]) == []


class Counting:
    """A finder that counts how often it is asked."""

    version = "test-1"
    asked = 0

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        self.asked += 1
        return ((1.0, 2.0, 3.0, 4.0),)


def test_faces_are_looked_for_once_a_version(tmp_path: Path) -> None:
    store, finder, pixels = open_url(tmp_path.as_uri()), Counting(), np.zeros((9, 9, 3), np.uint8)
    found = [faces_of(store, "ab" * 32, pixels, finder=finder) for _ in range(2)]
    assert found == [((1.0, 2.0, 3.0, 4.0),)] * 2 and finder.asked == 1
    finder.version = "test-2"
    faces_of(store, "ab" * 32, pixels, finder=finder)
    assert finder.asked == 2

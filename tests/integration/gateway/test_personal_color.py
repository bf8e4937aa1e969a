"""Personal colour over HTTP: told, kept as four numbers, withdrawn; the photo never stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from shared.records.gateway import Upload
from shared.records.preferences import PersonalColor
from tests.samples import selfies
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration
URL = "/v1/me/personal-color"
WARM = {"veins": "green", "jewellery": "gold", "hair": "light", "suits": "peach"}


@pytest.fixture(scope="module")
def selfie(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path: Path = tmp_path_factory.mktemp("selfie") / "selfie.jpg"
    Image.fromarray(selfies.open_selfie("P003", side=720)).save(path, quality=92)
    return path.read_bytes()


def send(client, data: bytes, **options: Any):
    return client.post(URL, files={"file": ("selfie.jpg", data)}, **options)


def stored(house) -> list[str]:
    root = Path(house.context.settings.data_dir)
    return [str(path) for path in root.rglob("*") if path.is_file() and path.suffix != ".toml"]


def rows(house) -> list[PersonalColor]:
    with house.database.reading() as session:
        return list(session.scalars(select(PersonalColor)))


def test_a_selfie_gives_probabilities_and_colours_to_wear(house, selfie):
    response = send(house.client(), selfie)
    assert response.status_code == 200
    told = response.json()
    assert told["source"] == "photo" and told["reason"] is None and told["kept"] is True
    assert sum(told["seasons"].values()) == pytest.approx(1, abs=1e-3)
    assert told["season"] == max(told["seasons"], key=told["seasons"].get)
    assert 20 < told["skin"]["hue"] < 80
    assert {swatch["season"] for swatch in told["palette"]} >= {told["season"]}


def test_the_selfie_is_not_stored(house, selfie):
    before = set(stored(house))
    assert send(house.client(), selfie).status_code == 200
    assert all(not path.endswith((".jpg", ".png")) for path in set(stored(house)) - before)
    assert selfie[2000:6000] not in b"".join(Path(path).read_bytes() for path in stored(house))
    assert house.queued("ingestion") == []
    with house.database.reading() as session:
        assert session.scalars(select(Upload)).all() == []
    (row,) = rows(house)
    assert set(row.probabilities) == {"spring", "summer", "autumn", "winter"}


def test_who_keeps_nothing_leaves_nothing(house, selfie):
    told = send(house.client(), selfie, params={"keep": "false"}).json()
    assert told["seasons"] and told["kept"] is False
    assert rows(house) == []


def test_a_photo_without_a_face_is_refused_with_what_helps(house):
    client = house.client()
    told = send(client, photo_bytes(), headers={"Accept-Language": "ko"}).json()
    assert told["seasons"] is None and told["season"] is None and told["kept"] is False
    assert told["reason"]["code"] == "no_face"
    assert "정면" in told["reason"]["fix"] and "정면" in told["text"]
    assert rows(house) == []


def test_answers_are_kept_and_shown_with_the_questions(house):
    client = house.client()
    assert len(client.get(URL).json()["questions"]) == 6
    assert client.get(URL).json()["seasons"] is None
    assert client.post(URL, json={"answers": WARM}).json()["season"] == "spring"
    known = client.get(URL).json()
    assert known["season"] == "spring" and set(known["sources"]) == {"answers"}
    assert known["palette"]


def test_what_a_person_says_wins_until_it_is_withdrawn(house, selfie):
    client = house.client()
    client.post(URL, json={"answers": WARM})
    client.patch("/v1/me/preferences", json={"personal_color": "winter"})
    send(client, selfie)
    assert client.get(URL).json()["season"] == "winter"
    client.patch("/v1/me/preferences", json={"personal_color": None})
    assert client.get(URL).json()["seasons"] is None


def test_two_people_never_mix(house):
    one, other = house.client("one"), house.client("other")
    one.post(URL, json={"answers": WARM})
    assert other.get(URL).json()["seasons"] is None


def test_korean_and_english_say_the_same(house):
    client = house.client()
    english = client.post(URL, json={"answers": WARM}, headers={"Accept-Language": "en"}).json()
    korean = client.post(URL, json={"answers": WARM}, headers={"Accept-Language": "ko"}).json()
    assert english["seasons"] == korean["seasons"]
    assert english["text"].isascii() and "봄일 가능성" in korean["text"]
    assert [one["hex"] for one in english["palette"]] == [one["hex"] for one in korean["palette"]]


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"[]", b"nothing", b'{"answers": {"shoes": "44"}}', b'{"answers": {"veins": "red"}}',
        b'{"answers": {"veins": 1}}', b'{"answers": null}',
    ],
)  # fmt: skip
def test_answers_that_are_none_are_refused(house, body):
    response = house.client().post(URL, content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["reason"] == "bad_answers"


def test_anything_else_than_a_photo_or_answers_is_refused(house):
    client = house.client()
    assert client.post(URL, content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    assert send(client, b"no photo").status_code == 415
    assert client.post(URL, data={"file": "text"}, files={}).status_code == 415
    assert house.stranger().post(URL, json={"answers": WARM}).status_code == 401


def test_a_repeated_request_has_one_answer(house):
    client = house.client()
    options = {"headers": {"Idempotency-Key": "once"}, "json": {"answers": WARM}}
    assert client.post(URL, **options).json() == client.post(URL, **options).json()
    other = client.post(
        URL, json={"answers": WARM | {"suits": "royal"}}, headers=options["headers"]
    )
    assert other.status_code == 422

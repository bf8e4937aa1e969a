"""Pictures that a server draws, over HTTP: from the wish to the picture, its edits and its end."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from shared import bus
from shared.contracts.generation import LookProgressed, LookRequested
from shared.storage.keys import generation_key
from tests.integration.gateway.drawing.conftest import DRESSED, pixels_of, worn_in
from tests.samples.wardrobe import photo_bytes

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("fresh")]


def test_a_wish_in_words_is_drawn_and_looked_at(studio):
    client = studio.house.client()
    job = studio.drawn(client)
    assert (job["served_by"], job["notice"], job["parent"]) == ("openai", None, None)
    (picture,) = job["pictures"]
    assert (picture["variant"], picture["seed"], picture["attempt"]) == (1, 5, 1)
    assert (picture["review"]["passed"], picture["review"]["faults"]) == (True, [])
    shown = pixels_of(client, job["links"]["picture"])
    assert shown.shape == (384, 256, 3)
    prompt = studio.server.asked[0].json()["prompt"]
    assert "beige jacket" in prompt and "korean woman" in prompt


def test_what_is_missing_in_a_picture_is_said_in_both_languages(studio):
    client = studio.house.client()
    wear = [{"category": "skirt", "color": "navy"}, {"category": "shorts", "color": "red"}]
    job = studio.drawn(client, wear=wear)
    (picture,) = job["pictures"]
    assert picture["review"]["passed"] is False
    assert "shorts: not to be seen in the picture" in {
        fault["text"] for fault in picture["review"]["faults"]
    }
    korean = client.get(job["links"]["self"], headers={"Accept-Language": "ko"}).json()
    texts = {fault["text"] for fault in korean["pictures"][0]["review"]["faults"]}
    assert "반바지: 그림에서 보이지 않아요" in texts
    assert len(studio.server.asked) == 3


def test_four_variants_differ_by_seed_and_each_can_be_fetched(studio):
    client = studio.house.client()
    job = studio.drawn(client, variants=4)
    assert sorted(picture["seed"] for picture in job["pictures"]) == [5, 6, 7, 8]
    shown = [pixels_of(client, picture["picture"]) for picture in job["pictures"]]
    assert len({picture.tobytes() for picture in shown}) == 4
    missing = client.get(job["links"]["self"] + "/picture.png?variant=2").status_code
    assert missing == 200
    job = studio.drawn(client)
    answer = client.get(job["links"]["self"] + "/picture.png?variant=2")
    assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_variant")


def test_a_picture_comes_in_the_form_and_size_that_is_asked_for(studio):
    client = studio.house.client()
    path = studio.drawn(client)["links"]["self"]
    for form, kind in (("png", "PNG"), ("webp", "WEBP"), ("jpg", "JPEG")):
        answer = client.get(f"{path}/picture.{form}?size=192")
        image = Image.open(BytesIO(answer.content))
        assert (image.format, image.size) == (kind, (128, 192))
        assert answer.headers["Content-Type"] == f"image/{kind.lower()}"
        again = client.get(
            f"{path}/picture.{form}?size=192", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert again.status_code == 304
    asked = client.get(f"{path}/picture", headers={"Accept": "image/webp,image/png"})
    assert Image.open(BytesIO(asked.content)).format == "WEBP"
    assert asked.headers["Vary"].startswith("Accept,")
    assert client.get(f"{path}/picture.gif").status_code == 422


def test_the_manifest_is_in_the_png_and_can_be_downloaded(studio):
    client = studio.house.client()
    path = studio.drawn(client)["links"]["self"]
    image = Image.open(BytesIO(client.get(f"{path}/picture.png").content))
    assert json.loads(image.text["mapsi"])["picture"]["seed"] == 5
    answer = client.get(f"{path}/manifest.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.json()["pictures"][0]["model"] == "gpt-image-1"


def test_one_garment_is_changed_and_everything_else_stays(studio):
    client = studio.house.client()
    job = studio.drawn(client)
    before = pixels_of(client, job["links"]["picture"])
    body = {"item": "outer", "wear": {"color": "white"}}
    edit = client.post(job["links"]["edits"], json=body).json()
    assert edit["parent"] == job["id"] and edit["links"]["parent"] == job["links"]["self"]
    edit = studio.done(client, edit)
    assert worn_in(client, edit) == worn_in(client, job) | {"outer": "white"}
    manifest = client.get(edit["links"]["manifest"]).json()
    assert manifest["pictures"][0]["edit"]["change"] == "color"
    assert manifest["pictures"][0]["edit"]["psnr_outside"] is None
    assert client.get(job["links"]["self"]).json()["edits"] == [edit["id"]]
    assert (pixels_of(client, job["links"]["picture"]) == before).all()


def test_a_skirt_becomes_trousers_by_its_number(studio):
    client = studio.house.client()
    job = studio.drawn(client)
    seen = client.get(job["links"]["self"] + "/garments").json()["garments"]
    skirt = next(one for one in seen if one["category"] == "skirt")
    assert skirt["color"] == "navy" and 0 < skirt["box"][0] < skirt["box"][2] < 1
    body = {"garment": skirt["garment"], "wear": {"category": "trousers"}}
    edit = studio.done(client, client.post(job["links"]["edits"], json=body).json())
    assert [one["category"] for one in edit["wear"]][-1] == "trousers"
    assert edit["wear"][-1]["color"] == "navy"
    assert (
        client.get(edit["links"]["manifest"]).json()["wish"]["edit"]["garment"] == skirt["garment"]
    )


def test_a_whole_look_is_drawn_over(studio):
    client = studio.house.client()
    job = studio.drawn(client)
    before = pixels_of(client, job["links"]["picture"])
    body = {"words": "bright light", "scene": {"season": "spring"}, "strength": 0.3}
    edit = studio.done(client, client.post(job["links"]["edits"], json=body).json())
    asked = studio.server.asked[-1]
    assert asked.path == "/v1/images/edits" and "mask" not in asked.form()
    assert b"bright light" in asked.form()["prompt"]
    assert (pixels_of(client, edit["links"]["picture"]) != before).any()


REFUSED = {
    "a garment that is not seen": ({"garment": 9, "wear": {"color": "red"}}, "unknown_garment"),
    "dropping what is not there": ({"item": "shorts", "drop": True}, "unknown_garment"),
    "nothing": ({}, "invalid_request"),
    "a colour of nothing": ({"wear": {"color": "red"}}, "invalid_request"),
    "no garment's name": ({"item": "hat", "drop": True}, "invalid_request"),
    "no colour": ({"item": "skirt", "wear": {"color": "mauve"}}, "invalid_request"),
    "a script": ({"words": "x", "wear": None, "script": "x"}, "invalid_request"),
    "too strong": ({"words": "x", "strength": 2}, "invalid_request"),
}


def test_an_edit_that_cannot_be_is_refused_with_its_reason(studio):
    client = studio.house.client()
    job = studio.drawn(client)
    for name, (body, reason) in REFUSED.items():
        for language in ("en", "ko"):
            answer = client.post(
                job["links"]["edits"], json=body, headers={"Accept-Language": language}
            )
            assert (answer.status_code, answer.json()["reason"]) == (422, reason), name
    waiting = client.post("/v1/generations", json=DRESSED).json()
    answer = client.post(waiting["links"]["edits"], json={"words": "brighter"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "picture_not_done")
    answer = client.post(job["links"]["edits"], json={"words": "brighter", "variant": 4})
    assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_variant")


def test_a_picture_is_its_owners_alone(studio):
    owner, other = studio.house.client("one"), studio.house.client("two")
    job = studio.drawn(owner)
    admin = studio.house.client("boss", "admin")
    paths = ("", "/picture.png", "/picture", "/preview.webp", "/manifest.json", "/garments")
    for stranger in (other, admin):
        for path in (*paths, "/events"):
            assert stranger.get(job["links"]["self"] + path).status_code == 404
        assert stranger.delete(job["links"]["self"]).status_code == 404
        assert stranger.post(job["links"]["edits"], json={"words": "x"}).status_code == 404
        assert stranger.get("/v1/generations").json()["items"] == []


def test_own_pictures_are_listed_page_by_page(studio):
    client = studio.house.client()
    jobs = [studio.drawn(client, seed=seed)["id"] for seed in range(5)]
    listed, path = [], "/v1/generations?limit=2"
    while path:
        page = client.get(path).json()
        listed += [item["id"] for item in page["items"]]
        path = page["next"] and f"/v1/generations?limit=2&cursor={page['next']}"
    assert listed == jobs[::-1]


def test_too_many_open_pictures_are_refused_until_one_ends(studio):
    client = studio.house.client()
    jobs = [client.post("/v1/generations", json=DRESSED).json() for _ in range(3)]
    answer = client.post("/v1/generations", json=DRESSED)
    assert (answer.status_code, answer.json()["reason"]) == (429, "too_many_open_pictures")
    assert answer.headers["Retry-After"]
    assert studio.house.client("other").post("/v1/generations", json=DRESSED).status_code == 202
    client.delete(jobs[0]["links"]["self"])
    assert client.post("/v1/generations", json=DRESSED).status_code == 202


def test_the_same_idempotency_key_gives_the_same_picture_and_edit(studio):
    client = studio.house.client()
    key = {"Idempotency-Key": "a"}
    one, two = (client.post("/v1/generations", json=DRESSED, headers=key) for _ in range(2))
    assert one.json() == two.json()
    job = studio.done(client, one.json())
    key, body = {"Idempotency-Key": "b"}, {"words": "brighter"}
    edits = [client.post(job["links"]["edits"], json=body, headers=key).json() for _ in range(2)]
    assert edits[0]["id"] == edits[1]["id"]
    other = client.post(edits[0]["links"]["edits"], json=body, headers=key)
    assert other.json()["reason"] == "idempotency_key_reused"


def test_a_called_off_picture_is_not_drawn(studio):
    client = studio.house.client()
    job = client.post("/v1/generations", json=DRESSED).json()
    assert client.delete(job["links"]["self"]).json()["cancel_requested"] is True
    studio.work()
    assert client.get(job["links"]["self"]).json()["state"] == "cancelled"
    assert studio.server.asked == []


def test_what_the_server_refuses_is_told_as_the_reason(studio):
    client = studio.house.client()
    job = client.post("/v1/generations", json=DRESSED | {"words": "forbidden"}).json()
    studio.work()
    failed = client.get(job["links"]["self"]).json()
    assert failed["state"] == "failed" and "it does not draw that" in failed["reason"]


def test_only_the_installations_drawer_draws(studio):
    client = studio.house.client()
    answer = client.post("/v1/generations", json=DRESSED | {"backend": "sdxl"})
    assert (answer.status_code, answer.json()["reason"]) == (422, "no_drawer")
    assert "openai" in answer.json()["detail"]


@pytest.mark.parametrize("size", ["10x10", "832x1217", "4096x64", "large", "1024"])
def test_a_size_that_cannot_be_is_refused(studio, size):
    answer = studio.house.client().post("/v1/generations", json=DRESSED | {"size": size})
    assert (answer.status_code, answer.json()["reason"]) == (422, "invalid_request")


def test_what_somebody_photographed_is_drawn_on_a_person(studio):
    admin = studio.house.client("boss", "admin")
    photo_id = studio.house.analyze(photo_bytes())
    body = {"pieces": [{"photo_id": photo_id, "garment": 0}], "size": "256x384"}
    job = studio.done(admin, admin.post("/v1/generations", json=body).json())
    assert job["wear"][0]["category"] == "long_sleeved_shirt"
    assert job["wear"][0]["hex"] == "#1e5aaa"
    assert np.unique(pixels_of(admin, job["links"]["picture"]).reshape(-1, 3), axis=0).size > 3


def test_how_it_looks_by_now_can_be_seen_while_it_is_drawn(studio):
    client, house = studio.house.client(), studio.house
    job = client.post("/v1/generations", json=DRESSED).json()
    path = job["links"]["self"]
    assert client.get(f"{path}/preview.webp").json()["reason"] == "no_preview"
    (waiting,) = house.queued("generation")
    bus.run("generation.accept_look", LookRequested.model_validate(waiting), house.context)
    out = BytesIO()
    Image.new("RGB", (64, 96), "teal").save(out, "WEBP")
    key = generation_key(job["id"], "preview.webp")
    house.context.storage.put(key, out.getvalue(), content_type="image/webp")
    news = LookProgressed(
        job_id=job["id"], state="running", step=3, steps=9, preview=True, at=datetime.now(UTC)
    )
    bus.run("generation.record_progress", news, house.context)
    with client.stream("GET", job["links"]["events"]) as stream:
        told = next(line for line in stream.iter_lines() if line.startswith("data:"))
    links = json.loads(told.removeprefix("data:"))["links"]
    assert links["preview"] == f"{path}/preview.webp?step=3"
    assert Image.open(BytesIO(client.get(links["preview"]).content)).size == (64, 96)
    done = studio.done(client, job)
    assert done["links"]["preview"] is None
    assert client.get(f"{path}/preview.webp").status_code == 404

"""One's own drawings in the lookbook: listed, compared, taken along; nobody else's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image

from tests.samples import lookbook

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("fresh")]


def ids_of(client, **query):
    page = client.get("/v1/looks", params={"kind": "drawn"} | query).json()
    return [look["id"] for look in page["looks"]]


def test_everyone_sees_only_their_own_drawings(studio):
    mine, theirs = studio.house.client("one"), studio.house.client("two")
    admin = studio.house.client("boss", "admin")
    job = studio.drawn(mine)["id"]
    assert ids_of(mine) == [job]
    for other in (theirs, admin):
        assert ids_of(other) == []
        for path in (
            f"/v1/looks/{job}",
            f"/v1/looks/{job}/similar",
            f"/v1/generations/{job}/versions",
            f"/v1/generations/archive.zip?job={job}",
        ):
            answer = other.get(path)
            assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_look"), path


def test_drawings_are_found_by_what_was_asked_of_them(studio):
    client = studio.house.client()
    first = studio.drawn(client)["id"]
    second = studio.drawn(client, wear=[{"category": "trousers", "color": "navy"}], scene={})["id"]
    assert ids_of(client) == [second, first]
    assert ids_of(client, item="outer") == [first]
    assert ids_of(client, color="navy") == [second, first]
    assert ids_of(client, item="skirt", color="navy") == [first]
    assert ids_of(client, item="skirt", color="black") == []
    assert ids_of(client, style="minimal") == [first]
    page = client.get("/v1/looks?kind=drawn&limit=1").json()
    assert (page["count"], [look["id"] for look in page["looks"]]) == (2, [second])
    assert ids_of(client, cursor=page["next"]) == [first]


def test_what_failed_or_was_called_off_is_no_look(studio):
    client = studio.house.client()
    answer = client.post("/v1/generations", json={"wear": [{"category": "skirt"}]}).json()
    assert ids_of(client) == [answer["id"]]
    waiting = client.get(f"/v1/looks/{answer['id']}").json()
    assert (waiting["state"], waiting["links"]["picture"]) == ("queued", None)
    client.delete(answer["links"]["self"])
    studio.work()
    assert ids_of(client) == []


def test_a_drawing_shows_what_is_seen_in_it_and_who_is_dressed_alike(studio):
    client = studio.house.client()
    lookbook.fill(studio.house.database, studio.house.context.storage, last=datetime.now(UTC))
    wear = [
        {"category": "trousers", "color": "navy"},
        {"category": "long_sleeved_shirt", "color": "white"},
    ]
    job = studio.drawn(client, wear=wear)
    look = client.get(f"/v1/looks/{job['id']}").json()
    seen = {(one["category"], one["colors"][0]["basic"]) for one in look["garments"]}
    assert seen == {("trousers", "navy"), ("long_sleeved_shirt", "white")}
    similar = client.get(look["links"]["similar"]).json()["looks"]
    best = {(one["category"], one["colors"][0]["basic"]) for one in similar[0]["garments"]}
    assert best == seen
    assert similar[0]["kind"] == "street"


def test_versions_lead_from_any_of_them_to_all_of_them(studio):
    client = studio.house.client()
    first = studio.drawn(client)
    edit = {"item": "outer", "wear": {"color": "white"}}
    second = studio.done(client, client.post(first["links"]["edits"], json=edit).json())
    third = studio.done(client, client.post(second["links"]["edits"], json={
        "item": "skirt", "wear": {"color": "pink"}}).json())  # fmt: skip
    studio.drawn(client)
    for job in (first, second, third):
        told = client.get(f"{job['links']['self']}/versions").json()["versions"]
        assert [one["id"] for one in told] == [first["id"], second["id"], third["id"]]
        assert [one["parent"] for one in told] == [None, first["id"], second["id"]]


@pytest.mark.parametrize("form", ["png", "webp", "jpg"])
def test_drawings_are_taken_along_with_how_they_were_made(studio, form):
    client = studio.house.client()
    jobs = [studio.drawn(client, variants=2), studio.drawn(client)]
    ids = [job["id"] for job in jobs]
    answer = client.get("/v1/generations/archive.zip", params={"job": [*ids, ids[0]], "form": form})
    assert answer.headers["Content-Type"] == "application/zip"
    assert "attachment" in answer.headers["Content-Disposition"]
    with ZipFile(BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        told = json.loads(packed.read("manifest.json"))["pictures"]
        assert [one["id"] for one in told] == ids
        assert [len(one["files"]) for one in told] == [2, 1]
        names = {file["file"] for one in told for file in one["files"]}
        assert names | {"manifest.json"} == set(packed.namelist())
        for one in told:
            assert one["manifest"]["pictures"][0]["model"] == "gpt-image-1"
            for file in one["files"]:
                data = packed.read(file["file"])
                assert sha256(data).hexdigest() == file["sha256"]
                assert Image.open(BytesIO(data)).size == (256, 384)


def test_an_archive_of_what_is_not_there_yet_is_refused_before_it_begins(studio):
    client = studio.house.client()
    done = studio.drawn(client)["id"]
    waiting = client.post("/v1/generations", json={"wear": [{"category": "skirt"}]}).json()["id"]
    answer = client.get("/v1/generations/archive.zip", params={"job": [done, waiting]})
    assert (answer.status_code, answer.json()["reason"]) == (404, "no_picture")
    for query in ({}, {"job": "x"}, {"job": [done], "form": "gif"}, {"job": [done] * 51}):
        assert client.get("/v1/generations/archive.zip", params=query).status_code == 422, query
    studio.work()

"""The lookbook over HTTP: what was counted, found and compared; a photo for who may see it."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import update

from services.gateway.keys import find_key
from shared.records.gateway import Upload
from shared.records.trends import Fact
from shared.storage.keys import result_key
from tests.samples import lookbook

pytestmark = pytest.mark.integration


@pytest.fixture
def street(house):
    """A house with 24 looks of these weeks; their ids, the latest first."""
    ids = lookbook.fill(house.database, house.context.storage, last=datetime.now(UTC))
    return house, ids


def worn(look):
    return {(one["category"], one["colors"][0]["basic"]) for one in look["garments"]}


def test_looks_are_listed_with_all_their_garments_and_how_many_there_are(street):
    house, ids = street
    page = house.client().get("/v1/looks?limit=50").json()
    assert {look["id"] for look in page["looks"]} == set(ids)
    assert (page["count"], page["next"]) == (24, None)
    weeks = [look["week"] for look in page["looks"]]
    assert weeks == sorted(weeks, reverse=True)
    first = next(look for look in page["looks"] if look["id"] == ids[0])
    assert worn(first) == {("trousers", "navy"), ("long_sleeved_shirt", "white")}
    assert first["posts"][0]["licence"] == "CC BY 4.0"
    assert first["style"] == "casual"


def test_pages_go_on_behind_each_other_without_holes(street):
    house, ids = street
    client, seen, cursor = house.client(), [], None
    while True:
        behind = {"cursor": cursor} if cursor else {}
        page = client.get("/v1/looks", params={"limit": 7} | behind).json()
        assert (page["count"] is None) == (cursor is not None)
        seen += [look["id"] for look in page["looks"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(ids)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("item=skirt", 12),
        ("item=bottom_of_no_kind", None),
        ("item=top&color=white", 4),
        ("color=beige", 6),
        ("item=skirt&color=beige", 6),
        ("item=skirt&color=white", 0),
        ("style=casual", 4),
        ("source=street", 24),
        ("source=nowhere", 0),
        ("pattern=striped", 0),
        ("weeks=520", 24),
    ],
)
def test_filters_are_of_one_garment_and_a_wrong_one_is_told_once(street, query, count):
    answer = street[0].client().get(f"/v1/looks?{query}")
    if count is None:
        assert (answer.status_code, answer.json()["reason"]) == (422, "unknown_item")
        assert "skirt" in answer.json()["detail"]
    else:
        assert (answer.json()["count"], len(answer.json()["looks"])) == (count, count)


@pytest.mark.parametrize("query", ["weeks=0", "limit=0", "kind=shop", "week=x", "cursor=WzFd"])
def test_what_makes_no_sense_is_refused_in_the_readers_language(street, query):
    refused = street[0].client(**{"Accept-Language": "ko"}).get(f"/v1/looks?{query}")
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert any("가" <= letter <= "힣" for letter in refused.json()["detail"])


def test_a_cursor_of_the_other_kind_is_refused(street):
    client = street[0].client()
    cursor = client.get("/v1/looks?limit=5").json()["next"]
    refused = client.get("/v1/looks", params={"kind": "drawn", "cursor": cursor})
    assert (refused.status_code, refused.json()["reason"]) == (422, "bad_cursor")
    refused = client.get("/v1/looks?kind=drawn&source=street")
    assert refused.json()["reason"] == "no_source_of_drawn"


def test_one_week_is_asked_for_by_a_day_of_it(street):
    client = street[0].client()
    every = client.get("/v1/looks?limit=50").json()["looks"]
    week = every[0]["week"]
    found = client.get(f"/v1/looks?week={week}&limit=50").json()
    assert {look["week"] for look in found["looks"]} == {week}
    assert found["count"] == sum(look["week"] == week for look in every)


def test_a_photo_is_for_who_may_see_it_and_a_figure_for_everyone(street):
    house, ids = street
    user, admin = house.client(), house.client("boss", "admin")
    theirs = user.get(f"/v1/looks/{ids[0]}").json()["links"]
    assert (theirs["picture"], theirs["overlay"]) == (None, None)
    assert user.get(f"/v1/photos/{ids[0]}/picture.jpg").status_code == 404
    links = admin.get(f"/v1/looks/{ids[0]}").json()["links"]
    assert admin.get(links["picture"], params={"side": 320}).status_code == 200
    assert admin.get(links["overlay"]).status_code == 200
    figure = user.get(theirs["figure"], params={"side": 320})
    assert figure.headers["Cache-Control"] == "private, max-age=3600"
    pixels = np.asarray(Image.open(BytesIO(figure.content)).convert("RGBA"))
    assert max(pixels.shape) == 320
    solid = {tuple(color) for color in pixels[pixels[..., 3] == 255][:, :3].tolist()}
    assert (0x1C, 0x28, 0x50) in solid  # navy
    assert (0xE8, 0xBC, 0x9C) not in solid  # skin
    again = user.get(
        theirs["figure"], params={"side": 320}, headers={"If-None-Match": figure.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_what_somebody_uploaded_is_in_nobody_elses_lookbook(street):
    house, ids = street
    mine, theirs, admin = house.client(), house.client("other"), house.client("boss", "admin")
    now = datetime.now(UTC)
    key = find_key(house.database, mine.headers["Authorization"].split()[1])
    with house.database.transaction() as session:
        session.execute(update(Fact).where(Fact.photo_id == ids[0]).values(source="upload"))
        session.add(
            Upload(
                photo_id=ids[0], key_id=key.key_id, object_key="uploads/1",
                name="me.jpg", posted_at=now, created_at=now,
            )
        )  # fmt: skip

    def seen(client):
        page = client.get("/v1/looks?limit=50").json()
        like = client.get(f"/v1/looks/{ids[1]}/similar?limit=50").json()["looks"]
        direct = [f"/v1/looks/{ids[0]}{path}" for path in ("", "/similar", "/figure.png")]
        return (
            page["count"],
            ids[0] in {look["id"] for look in page["looks"]},
            ids[0] in {look["id"] for look in like},
            {client.get(path).status_code for path in direct},
        )

    assert seen(mine) == seen(admin) == (24, True, True, {200})
    assert seen(theirs) == (23, False, False, {404})


def test_similar_looks_come_by_garment_and_colour(street):
    house, ids = street
    found = house.client().get(f"/v1/looks/{ids[0]}/similar?limit=5").json()
    assert found["compared"] == 23
    best, *_ = found["looks"]
    assert ("trousers", "navy") in worn(best) or ("long_sleeved_shirt", "white") in worn(best)
    scores = [look["likeness"] for look in found["looks"]]
    assert scores == sorted(scores, reverse=True) and 0 < scores[0] < 1
    assert ids[0] not in {look["id"] for look in found["looks"]}


def test_similar_looks_pass_the_same_filters(street):
    house, ids = street
    client = house.client()
    path = f"/v1/looks/{ids[0]}/similar?limit=50"
    found = client.get(f"{path}&color=red").json()["looks"]
    assert len(found) == 2
    assert all(("long_sleeved_shirt", "red") in worn(look) for look in found)
    best = worn(found[0])
    assert ("trousers", "navy") in best
    assert client.get(f"{path}&source=nowhere").json() == {"looks": [], "compared": 0}
    assert client.get(f"{path}&color=mauve").json()["reason"] == "unknown_color"


def test_a_look_that_was_removed_meanwhile_is_left_out(street):
    house, ids = street
    house.context.storage.delete(result_key("color", "1", ids[1]))
    found = house.client().get(f"/v1/looks/{ids[0]}/similar?limit=50").json()
    assert ids[1] not in {look["id"] for look in found["looks"]}
    alone = house.client().get(f"/v1/looks/{ids[1]}").json()
    assert (alone["garments"], alone["links"]["figure"]) == ([], None)
    assert house.client().get(f"/v1/looks/{ids[1]}/figure.png").json()["reason"] == "no_figure"


def test_a_look_that_is_not_there_is_told(street):
    client = street[0].client()
    for look_id in ("0" * 64, "0" * 32):
        for path in ("", "/similar"):
            answer = client.get(f"/v1/looks/{look_id}{path}")
            assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_look")
    assert client.get("/v1/looks/no-look").status_code == 422
    assert street[0].stranger().get("/v1/looks").status_code == 401


def test_without_a_look_the_page_is_empty(house):
    for kind in ("street", "drawn"):
        page = house.client().get(f"/v1/looks?kind={kind}").json()
        assert page == {"looks": [], "count": 0, "next": None}

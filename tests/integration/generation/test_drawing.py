"""A wish becomes a picture that was looked at, by real workers and a server that draws."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from shared.contracts.generation import LookWish, WornGarment
from tests.patience import until

pytestmark = pytest.mark.integration
JOB_ID = "0123456789abcdef" * 2
SHIRT = WornGarment(category="long_sleeved_shirt", color="white")


@pytest.fixture
def database_url(sqlite_database_url):
    return sqlite_database_url


def look(**more):
    return LookWish(backend="openai", wear=(SHIRT,), width=64, height=512, seed=7, **more)


def test_a_wish_is_drawn_looked_at_and_handed_over_with_its_story(studio):
    studio.worker("generation", "generation.review")
    studio.worker("generation.gpu")
    studio.wish(JOB_ID, "ann", look(variants=2))
    until(lambda: studio.states().get(JOB_ID) == "done", seconds=120)
    end = studio.files(JOB_ID).end()
    assert (end.state, end.manifest["backend"]) == ("done", "openai")
    pictures = end.manifest["pictures"]
    assert [picture["variant"] for picture in pictures] == [1, 2]
    for number, story in enumerate(pictures, start=1):
        data = studio.context.storage.get(studio.files(JOB_ID).key(f"{number}.png"))
        assert story["sha256"] == sha256(data).hexdigest()
        text = json.loads(Image.open(BytesIO(data)).text["mapsi"])
        assert text["picture"].items() <= story.items()
        assert text["wish"] == end.manifest["wish"]
    folder = studio.files(JOB_ID).key("x").removesuffix("x")
    names = sorted(key.removeprefix(folder) for key in studio.context.storage.list(folder))
    assert names == [
        "1.json", "1.png", "1.raw.png", "2.json", "2.png", "2.raw.png", "manifest.json",
        "picture.png",
    ]  # fmt: skip

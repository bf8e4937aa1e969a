"""What the gateway asks PostgreSQL about drawings: how many are open, and what changes which."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.contracts.generation import SeenPicture
from shared.records.gateway import Wish
from shared.records.generation import Job
from shared.settings import Settings
from shared.storage.keys import generation_key

pytestmark = pytest.mark.integration
WISH = {"wear": [{"category": "skirt", "color": "navy"}]}


@pytest.fixture
def settings(tmp_path: Path, postgres_database_url: str) -> Settings:
    """One data folder, a PostgreSQL, and somebody who draws."""
    return Settings(
        data_dir=tmp_path, lang="en", database_url=postgres_database_url, drawer="openai"
    )


def end(house, job_id: str) -> None:
    """Bring a job to its end, as generation does."""
    now = datetime.now(UTC)
    seen = SeenPicture(width=64, height=96, fashion=1.0)
    key = generation_key(job_id, "1.json")
    house.context.storage.put(key, seen.model_dump_json().encode(), content_type="x/json")
    picture = {"seed": 1, "width": 64, "height": 96}
    with house.database.transaction() as session:
        wish = session.get_one(Wish, job_id)
        session.add(
            Job(
                job_id=job_id, state="done", manifest={"pictures": [picture]}, updated_at=now,
                priority="interactive", wish=wish.wish, created_at=now, deadline=now, kin="x",
                result_key=generation_key(job_id, "picture.png"),
            )
        )  # fmt: skip


def test_open_drawings_are_counted_and_edits_are_found(open_house):
    house = open_house(open_pictures=2)
    client = house.client()
    jobs = [client.post("/v1/generations", json=WISH).json() for _ in range(2)]
    answer = client.post("/v1/generations", json=WISH)
    assert (answer.status_code, answer.json()["reason"]) == (429, "too_many_open_pictures")
    end(house, jobs[0]["id"])
    edit = client.post(jobs[0]["links"]["edits"], json={"words": "brighter"})
    assert edit.status_code == 202
    job = client.get(jobs[0]["links"]["self"]).json()
    assert job["edits"] == [edit.json()["id"]] and job["pictures"][0]["review"] is None
    listed, path = [], "/v1/generations?limit=2"
    while path:
        page = client.get(path).json()
        listed += [item["id"] for item in page["items"]]
        path = page["next"] and f"/v1/generations?limit=2&cursor={page['next']}"
    assert listed == [edit.json()["id"], jobs[1]["id"], jobs[0]["id"]]

"""Drawings belong to their person: they are exported with everything else, and erased with it."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from shared.records.gateway import Wish
from shared.records.generation import Job

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("fresh")]


def test_all_variants_and_edits_are_exported(studio):
    client = studio.house.client()
    job = studio.drawn(client, variants=2)
    body = {"item": "skirt", "wear": {"color": "red"}}
    edit = studio.done(client, client.post(job["links"]["edits"], json=body).json())
    with ZipFile(io.BytesIO(client.get("/v1/me/export?format=zip").content)) as packed:
        names = {name for name in packed.namelist() if name.startswith("pictures/")}
        told = packed.read("mapsi.json").decode()
    one, two = f"pictures/{job['id']}", f"pictures/{edit['id']}"
    assert names == {
        f"{one}.png", f"{one}-1.json", f"{one}-2.png", f"{one}-2.json", f"{two}.png",
        f"{two}-1.json",
    }  # fmt: skip
    assert "beige jacket" in told and edit["id"] in told


def test_who_is_erased_leaves_no_picture_variant_or_edit(studio):
    client = studio.house.client()
    job = studio.drawn(client, variants=2)
    edit = client.post(job["links"]["edits"], json={"words": "brighter"}).json()
    studio.done(client, edit)
    waiting = client.post(job["links"]["edits"], json={"words": "darker"}).json()
    assert client.delete("/v1/me").status_code == 202
    studio.work()
    jobs = [job["id"], edit["id"], waiting["id"]]
    for job_id in jobs:
        left = list(studio.house.context.storage.list(f"generations/{job_id[:2]}/{job_id}/"))
        # The marks stay: that it was called off, and the end of what was not yet taken up.
        assert {key.rpartition("/")[2] for key in left} <= {"cancelled", "manifest.json"}
    with studio.house.database.reading() as session:
        assert session.scalars(select(Wish).where(Wish.job_id.in_(jobs))).all() == []
        rows = session.scalars(select(Job).where(Job.job_id.in_(jobs))).all()
    assert all((row.requester, row.wish, row.manifest) == ("", {}, {}) for row in rows)

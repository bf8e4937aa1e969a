"""Photos in, analyses and trends out, by the command line and by HTTP."""

from __future__ import annotations

import hashlib
import shutil

import pytest

from tests.system.installation import Installation, until
from tests.system.photos import sample_photos

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def street(running: Installation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """A folder of ten photos and one broken file, taken in by the command line."""
    folder = tmp_path_factory.mktemp("photos") / "거리 사진"
    folder.mkdir()
    for number, photo in enumerate(sample_photos("studio_posture.jpg")):
        shutil.copyfile(photo, folder / f"{number}.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff not a photo")
    arguments = ("ingest", str(folder), "--source", "street", "--wait", "--json")
    answer = running.call(*arguments, timeout=200)
    assert answer.returncode == 0, answer.stderr
    report: dict[str, int] = running.json(*arguments[:-1])
    return report


def test_every_photo_of_a_folder_ends_and_the_broken_one_is_named(street):
    assert street["known"] == 10
    assert street.get("analyzed", 0) + street.get("not_fashion", 0) == 10
    assert [refusal for refusal in street["refused"] if "broken.jpg" in str(refusal)]


def test_what_todays_models_have_analysed_is_not_analysed_anew(running: Installation, street):
    """The command's idea of today's models is what the workers note in the ledger."""
    assert running.json("ingest", "--reanalyze") == {"reanalyzed": 0}
    every = running.json("ingest", "--reanalyze", "--all", "--wait", timeout=200)
    assert every["reanalyzed"] == street.get("analyzed", 0) + street.get("not_fashion", 0)
    assert every.get("analyzed", 0) == street.get("analyzed", 0)


def test_the_command_line_and_http_show_the_same_trend(running: Installation, street):
    told = running.json("trends", "--source", "street", "--by", "item,color")
    assert told["rows"]
    with running.http() as client:
        params = {"source": "street", "by": "item,color", "limit": 200}
        served = client.get("/v1/trends", params=params).raise_for_status().json()
    assert {looks(row) for row in served["rows"]} == {looks(row) for row in told["rows"]}


def test_a_photo_sent_by_http_is_analysed_and_can_be_looked_at(running: Installation):
    photo = sample_photos("amateur_posture.jpg")[0]
    with running.http() as client:
        files = {"file": ("look.jpg", photo.read_bytes(), "image/jpeg")}
        sent = client.post("/v1/photos", files=files)
        assert sent.status_code == 202
        place = sent.json()["links"]["self"]
        assert sent.json()["id"] == hashlib.sha256(photo.read_bytes()).hexdigest()
        final = {"analyzed", "not_fashion", "failed", "buried"}
        until(lambda: client.get(place).json()["state"] in final)
        seen = client.get(place).json()
        assert seen["state"] == "analyzed"
        assert all(garment["colors"] for garment in seen["analysis"]["garments"])
        overlay = client.get(f"{place}/overlay.png")
        assert overlay.content.startswith(b"\x89PNG")


def test_what_one_request_caused_is_found_in_every_log_by_its_id(running: Installation):
    photo = sample_photos("amateur_posture.jpg")[1]
    with running.http() as client:
        files = {"file": ("look.jpg", photo.read_bytes(), "image/jpeg")}
        request_id = {"X-Request-ID": "find-me-again"}
        place = client.post("/v1/photos", files=files, headers=request_id).json()["links"]["self"]
        until(lambda: client.get(place).json()["state"] == "analyzed")
    services = ("gateway", "ingestion", "classification", "segmentation", "color", "trends")
    until(lambda: all("find-me-again" in running.log(name) for name in services), seconds=10)


def looks(row) -> tuple:
    named = row.get("values", row)
    return (named["item"], named["color"], *row["looks"])

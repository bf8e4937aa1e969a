"""What stands behind a figure: files, what is worn together, and the photos with their masks."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from arro3.io import read_parquet
from PIL import Image, ImageChops

from tests.page.conftest import START
from tests.page.looking import fits, is_accessible, sign_in
from tests.system.installation import Installation, until
from tests.system.photos import sample_photos

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
SHIRT = {"ko": "긴소매 상의", "en": "long sleeved shirt"}
TROUSERS = {"ko": "바지", "en": "trousers"}
NO_DOUBT = {"ko": "95% 확률", "en": "95% certain"}
COLUMN = {"ko": "룩 수", "en": "looks"}
PHOTOS = 3


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with photos in which made-up eyes see garments."""
    environment = {"MAPSI_SEGMENTATION_ENGINE": "fake", "MAPSI_CLASSIFICATION_ENGINE": "fake"}
    installation = Installation(tmp_path_factory.mktemp("album") / "data", environment)
    installation.up(timeout=START)
    with installation.http() as client:
        for photo in sample_photos("amateur_posture.jpg")[:PHOTOS]:
            form = {"posted_at": datetime.now(UTC).isoformat()}
            file = {"file": (photo.name, photo.read_bytes(), "image/jpeg")}
            client.post("/v1/photos", data=form, files=file).raise_for_status()

        def counted() -> bool:
            found = client.get("/v1/trends", params={"by": "item", "weeks": 1}).json()["rows"]
            return any(row["total"] == PHOTOS for row in found)

        until(counted, seconds=600, what="the photos were not counted")
    yield installation
    installation.close()


def test_the_figures_arrive_as_files_that_can_be_read(site, open_page, look, tmp_path):
    language, page = look[0], open_page(*look)
    sign_in(page, site.key)
    page.goto(f"/trends?item=skirt&weeks=4&lang={language}")

    def got(name: str) -> Path:
        with page.expect_download() as coming:
            page.get_by_role("link", name=name, exact=True).click()
        path = tmp_path / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    text = got("CSV").read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert COLUMN[language] in head and len(rows) == 4 * 5
    assert read_parquet(io.BytesIO(got("Parquet").read_bytes())).read_all().num_rows == 4 * 5
    with zipfile.ZipFile(got("Excel")) as book:
        assert book.testzip() is None and "xl/worksheets/sheet1.xml" in book.namelist()


def test_what_is_worn_together_is_told_with_its_certainty(open_page, look):
    language, page = look[0], open_page(*look)
    page.goto("/trends")
    row = page.locator(".pairs tbody tr").first
    assert {SHIRT[language], TROUSERS[language]} == set(row.locator("th").inner_text().split(" + "))
    assert "×" in row.inner_text() and "–" in row.inner_text()
    assert NO_DOUBT[language] in page.locator(".pairs caption").inner_text()


def test_the_photos_behind_a_number_are_seen_with_masks_drawn_over(album, open_page, look):
    language, page = look[0], open_page(*look, base_url=album.url)
    sign_in(page, album.key)
    page.goto(f"/trends?by=item&lang={language}")
    button = page.locator("#rows button.photos").first
    name = button.get_attribute("data-name")
    button.click()
    page.locator("#drawer[open]").wait_for()
    assert name is not None and name in page.locator("#drawer-title").inner_text()
    shown = page.locator("#drawer-photos img")
    shown.nth(PHOTOS - 1).wait_for()
    fits(page)
    is_accessible(page)
    for at in range(PHOTOS):
        shown.nth(at).scroll_into_view_if_needed()
        until(lambda at=at: shown.nth(at).evaluate("image => image.naturalWidth > 0"))
        assert shown.nth(at).get_attribute("alt")
    source = shown.first.get_attribute("src")
    assert source is not None and is_painted_over(album, source)


def is_painted_over(album: Installation, source: str) -> bool:
    """Tell whether what is shown is the photo with something drawn on much of it."""
    with album.http() as client:
        shown = Image.open(io.BytesIO(client.get(source).content)).convert("RGB")
        photo = source.split("/overlay")[0]
        plain = client.get(f"{photo}/picture.jpg", params={"side": 1280}).content
    bare = Image.open(io.BytesIO(plain)).convert("RGB")
    bare = bare.resize((shown.width, round(bare.height * shown.width / bare.width)))
    upper = shown.crop((0, 0, bare.width, min(bare.height, shown.height)))
    apart = ImageChops.difference(upper, bare.crop((0, 0, upper.width, upper.height))).convert("L")
    painted = apart.histogram()[24:]
    return sum(painted) > 0.05 * upper.width * upper.height


def test_a_week_that_is_compared_opens_its_own_photos(album, open_page):
    page = open_page("en", base_url=album.url)
    sign_in(page, album.key)
    page.goto("/trends")
    page.get_by_role("link", name="Week after").click()
    page.locator(".heat button").first.click()
    page.locator("#drawer-photos img").first.wait_for()
    assert "Week of" in page.locator("#drawer-title").inner_text()

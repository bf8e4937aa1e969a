"""The lookbook as shoppers and merchandisers use it: found, compared, taken along, gone on with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import httpx
import pytest
from PIL import Image

from services.gateway.keys import create_key
from shared.records import open_database, upgrade
from shared.settings import Settings
from shared.storage import open_storage
from tests.page.conftest import START
from tests.page.looking import fits, is_accessible
from tests.samples import lookbook
from tests.servers.drawing.openai_images import OpenAIServer
from tests.servers.serving import serving
from tests.system.installation import Installation, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
WORDS = {
    "ko": {
        "title": "룩북",
        "count": "룩 24개",
        "skirts": "룩 12개",
        "navy": "남색 바지",
        "nothing": "이 필터에 맞는 룩이 없습니다",
        "none_yet": "아직 그림이 없습니다",
        "overlay": "옷 표시",
        "zip": "만든 과정과 함께",
        "pack": "ZIP으로 내려받기",
        "picked": "2장 골랐습니다",
        "close": "닫기",
        "change": "채팅에서 바꾸기",
        "wish": "자켓을 빨강으로 바꿔 줘",
    },
    "en": {
        "title": "Lookbook",
        "count": "24 looks",
        "skirts": "12 looks",
        "navy": "navy trousers",
        "nothing": "No look passes these filters",
        "none_yet": "You have no pictures yet",
        "overlay": "Show the garments",
        "zip": "With how it was made",
        "pack": "Download as ZIP",
        "picked": "2 picked",
        "close": "Close",
        "change": "Change it in the chat",
        "wish": "a red jacket",
    },
}
WISH = {
    "wear": [
        {"category": "long_sleeved_outwear", "color": "beige"},
        {"category": "skirt", "color": "navy"},
    ],
    "scene": {"gender": "women", "style": "minimal"},
    "size": "256x384",
}

HIDING_MS = 300_000
"""Faces are looked for in 24 photos at once, on a machine that may have much else to do."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with 24 looks that were counted, where a server draws."""
    with serving(OpenAIServer) as server:
        server.sizes = ("256x384",)
        installation = dressed(tmp_path_factory.mktemp("looks") / "data", server.url)
        installation.up(timeout=START)
        yield installation
        installation.close()


def dressed(folder: Path, drawer: str) -> Installation:
    """Return an installation that has counted the street of flat people."""
    settings = Settings(data_dir=folder)
    folder.mkdir(parents=True)
    upgrade(settings.database)
    with closing(open_database(settings.database)) as database:
        lookbook.fill(database, open_storage(settings), last=datetime.now(UTC))
    environment = {
        "MAPSI_DRAWER": "openai",
        "MAPSI_GENERATION_OPENAI_URL": f"{drawer}/v1",
        "MAPSI_GENERATION_OPENAI_SIZES": "256x384",
        "MAPSI_GENERATION_OPENAI_EXTRA": json.dumps({"seed": "%seed%"}),
        "MAPSI_GENERATION_ATTEMPTS": "1",
        "MAPSI_SEGMENTATION_ENGINE": "fake",
        "MAPSI_CLASSIFICATION_ENGINE": "fake",
    }
    return Installation(folder, environment)


def somebody(studio: Installation) -> str:
    """Return the key of somebody new."""
    with closing(open_database(Settings(data_dir=studio.data_dir).database)) as database:
        return create_key(database, "somebody", "user")


def client_of(studio: Installation, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=studio.url, headers=headers, timeout=60, trust_env=False)


def drawn(studio: Installation, key: str, **wish: Any) -> str:
    """Have a picture drawn for somebody; return its job."""
    with client_of(studio, key) as client:
        job = client.post("/v1/generations", json=WISH | wish).json()
        return finished(client, job)


def finished(client: httpx.Client, job: dict[str, Any]) -> str:
    until(
        lambda: client.get(job["links"]["self"]).json()["state"] == "done",
        seconds=120,
        what="the picture was not drawn",
    )
    return str(job["id"])


def enter(page: Page, studio: Installation, key: str) -> None:
    """Sign in at the studio."""
    page.goto(f"{studio.url}/sign-in")
    page.fill("#key", key)
    page.press("#key", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def tiles(page: Page) -> list[str]:
    """Return what is worn on each tile, once they are there."""
    page.locator("#gallery .tile").first.wait_for()
    return page.locator("#gallery .wear").all_inner_texts()


def downloaded(page: Page, click: Any) -> bytes:
    with page.expect_download() as waiting:
        click()
    return Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_newcomer_finds_looks_from_the_first_page(studio, open_page, look, scheme):
    words, page = WORDS[look[0]], open_page(*look, color_scheme=scheme)
    page.goto(f"{studio.url}/")
    page.get_by_role("navigation").get_by_role("link", name=words["title"]).click()
    assert words["navy"] in " ".join(tiles(page))
    assert page.locator("#count").inner_text() == words["count"]
    assert page.locator("#hidden-photos").is_visible()
    page.wait_for_function("() => [...document.images].some(image => image.naturalWidth > 100)")
    fits(page)
    is_accessible(page)


def test_filters_are_in_an_address_that_can_be_shared(studio, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    page.goto(f"{studio.url}/looks?lang={look[0]}")
    tiles(page)
    if look[1] == "phone":
        page.locator(".sieve summary").click()
    page.select_option("#item", "skirt")
    page.locator(".filters button").click()
    page.wait_for_url("**item=skirt*")
    assert len(tiles(page)) == 12
    assert page.locator("#count").inner_text() == words["skirts"]
    other = open_page(*look)
    other.goto(page.url)
    assert tiles(other) == tiles(page)
    page.locator(".told .chip").click()
    page.wait_for_url(lambda url: "item" not in url)
    assert len(tiles(page)) == 24


def test_a_wrong_or_too_narrow_filter_is_told(studio, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    page.goto(f"{studio.url}/looks?lang={look[0]}&item=skirt&color=white")
    page.get_by_role("heading", name=words["nothing"]).wait_for()
    is_accessible(page)
    page.goto(f"{studio.url}/looks?lang={look[0]}&item=hat")
    assert "hat" in page.get_by_role("alert").inner_text()
    assert len(tiles(page)) == 24


def test_a_look_is_seen_closely_under_its_own_address_with_those_like_it(studio, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    page.goto(f"{studio.url}/looks?lang={look[0]}&item=trousers&color=navy")
    tiles(page)
    first = page.locator("#gallery .look").first
    first.focus()
    page.keyboard.press("Enter")
    page.locator(".similar .tile").first.wait_for()
    assert words["navy"] in page.locator("#look-title").inner_text()
    assert page.locator(".garments-of > li").count() == 2
    assert page.locator(".posts").inner_text().startswith("Kim Minji · street · CC BY 4.0")
    fits(page)
    is_accessible(page)
    address = page.url
    page.locator(".similar .look").first.click()
    page.wait_for_url(lambda url: url != address)
    page.go_back()
    page.wait_for_url(address)
    page.keyboard.press("Escape")
    page.locator("#look[open]").wait_for(state="detached")
    assert "look=" not in page.url
    page.goto(address)
    page.locator(".similar .tile").first.wait_for()
    page.get_by_role("button", name=words["close"]).click()
    page.locator("#look[open]").wait_for(state="detached")
    assert "look=" not in page.url and "item=trousers" in page.url


def test_the_gallery_can_be_of_looks_like_one(studio, open_page, look):
    page = open_page(*look)
    page.goto(f"{studio.url}/looks?lang={look[0]}&item=trousers&color=navy")
    tiles(page)
    page.locator("#gallery .look").first.click()
    page.locator(".similar .button").click()
    page.wait_for_url("**like=*")
    assert len(tiles(page)) > 5
    if look[1] == "phone":
        page.locator(".sieve summary").click()
    page.select_option("#color", "red")
    page.locator(".filters button").click()
    page.wait_for_url("**like=*color=red*")
    assert len(tiles(page)) == 2
    is_accessible(page)


def test_an_admin_sees_photos_with_masks_and_a_shopper_shapes(studio, open_page, look):
    words, page = WORDS[look[0]], open_page(*look)
    page.goto(f"{studio.url}/looks?lang={look[0]}")
    tiles(page)
    assert page.locator(".picture.is-figure").count() == 24
    enter(page, studio, studio.key)
    page.goto(f"{studio.url}/looks?lang={look[0]}")
    tiles(page)
    assert page.locator(".picture.is-figure").count() == 0
    assert not page.locator("#hidden-photos").is_visible()
    page.locator("#gallery .look").first.click()
    picture = page.locator(".stage img")
    picture.wait_for(state="attached")
    assert "picture.jpg" in str(picture.get_attribute("src"))
    page.get_by_role("button", name=words["overlay"]).click()
    assert "overlay.png" in str(picture.get_attribute("src"))
    page.wait_for_function(
        "() => document.querySelector('.stage img').naturalWidth > 600", timeout=HIDING_MS
    )
    is_accessible(page)


def test_more_looks_come_as_one_scrolls_and_each_once(studio, open_page):
    page, asked = open_page("en", "phone"), []
    page.route(
        "**/v1/looks?*",
        lambda route: route.continue_(url=route.request.url.replace("limit=24", "limit=5")),
    )
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{studio.url}/looks")
    tiles(page)
    while page.locator("#gallery .tile").count() < 24:
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(100)
    ids = page.locator("#gallery article").evaluate_all("all => all.map(one => one.dataset.look)")
    assert len(ids) == len(set(ids)) == 24
    assert page.locator("#more").is_hidden()
    assert sum("/v1/looks?" in url for url in asked) == 5


def test_what_goes_wrong_is_told_and_tried_again(studio, open_page, look):
    page, refused = open_page(*look), []

    def refuse_once(route) -> None:
        if refused:
            return route.continue_()
        refused.append(route)
        return route.abort()

    page.route("**/v1/looks?*", refuse_once)
    page.goto(f"{studio.url}/looks")
    page.locator("#gallery-state button").wait_for()
    assert page.locator("#offline").is_visible()
    is_accessible(page)
    page.locator("#gallery-state button").click()
    assert len(tiles(page)) == 24
    page.locator("#offline").wait_for(state="hidden")


def test_two_people_never_see_each_others_drawings(studio, open_page, look):
    words = WORDS[look[0]]
    mine, theirs = somebody(studio), somebody(studio)
    job = drawn(studio, mine)
    one, two = open_page(*look), open_page(*look)
    enter(one, studio, mine)
    one.goto(f"{studio.url}/looks?kind=drawn&lang={look[0]}")
    tiles(one)
    one.locator("#gallery .look").first.click()
    one.locator(".stage img").first.wait_for()
    address = one.url
    assert job in address
    enter(two, studio, theirs)
    two.goto(f"{studio.url}/looks?kind=drawn&lang={look[0]}")
    two.get_by_role("heading", name=words["none_yet"]).wait_for()
    is_accessible(two)
    two.goto(address)
    two.locator("#look-state .wrong").wait_for()
    assert two.locator("#look-body").inner_text() == ""
    assert two.locator("#gallery .tile").count() == 0


def test_drawings_are_picked_and_taken_along_with_their_manifest(studio, open_page, look):
    words, page, key = WORDS[look[0]], open_page(*look), somebody(studio)
    jobs = {drawn(studio, key, variants=2), drawn(studio, key)}
    enter(page, studio, key)
    page.goto(f"{studio.url}/looks?kind=drawn&lang={look[0]}")
    tiles(page)
    for box in page.locator("#gallery .pick").all():
        box.check()
    assert page.locator(".many").inner_text() == words["picked"]
    fits(page)
    is_accessible(page)
    page.select_option("#picked-form", "webp")
    data = downloaded(page, page.get_by_role("link", name=words["pack"]).click)
    with ZipFile(BytesIO(data)) as packed:
        told = json.loads(packed.read("manifest.json"))["pictures"]
        assert {one["id"] for one in told} == jobs
        files = [file for one in told for file in one["files"]]
        assert len(files) == 3
        for file in files:
            picture = packed.read(file["file"])
            assert sha256(picture).hexdigest() == file["sha256"]
            assert Image.open(BytesIO(picture)).format == "WEBP"
    page.locator("#gallery .look").first.click()
    data = downloaded(page, page.get_by_role("link", name=words["zip"]).click)
    with ZipFile(BytesIO(data)) as packed:
        assert "manifest.json" in packed.namelist()


def test_a_drawing_tells_how_it_was_made_and_what_it_was_before(studio, open_page, look):
    words, page, key = WORDS[look[0]], open_page(*look), somebody(studio)
    first = drawn(studio, key)
    with client_of(studio, key) as client:
        body = {"words": "brighter light", "strength": 0.5}
        edit = client.post(f"/v1/generations/{first}/edits", json=body).json()
        second = finished(client, edit)
    enter(page, studio, key)
    page.goto(f"{studio.url}/looks?kind=drawn&lang={look[0]}&look={second}")
    page.locator(".tree li").nth(1).wait_for()
    page.get_by_role("button", name=words["overlay"]).click()
    page.wait_for_function("() => document.querySelector('canvas.light').width !== 300")
    page.locator(".stage details summary").click()
    page.locator(".stage input[type=range]").fill("80")
    cut = page.locator(".compare").evaluate("frame => frame.style.getPropertyValue('--cut')")
    assert cut == "80%"
    page.locator(".facts details summary").click()
    assert "gpt-image-1" in page.locator(".facts .about").inner_text()
    fits(page)
    is_accessible(page)
    page.locator(".tree a").first.click()
    page.wait_for_url(f"**look={first}*")


def test_a_drawing_is_gone_on_with_in_the_chat(studio, open_page, look):
    words, page, key = WORDS[look[0]], open_page(*look), somebody(studio)
    job = drawn(studio, key)
    enter(page, studio, key)
    page.goto(f"{studio.url}/looks?kind=drawn&lang={look[0]}&look={job}")
    page.fill("#wish", words["wish"])
    page.get_by_role("button", name=words["change"]).click()
    page.wait_for_url("**/chat?*session=*")
    page.locator(".turn .picture").first.wait_for()
    assert page.locator(".bubble.mine .words").inner_text() == words["wish"]


@pytest.mark.parametrize("width", [360, 3840])
def test_every_width_fits(studio, open_page, width):
    page = open_page("ko", viewport={"width": width, "height": 900})
    page.goto(f"{studio.url}/looks")
    tiles(page)
    fits(page)
    page.locator("#gallery .look").first.click()
    page.locator(".similar .tile").first.wait_for()
    fits(page)


def test_without_photos_it_says_how_to_begin(open_page, site, look):
    page = open_page(*look)
    page.goto(f"/looks?lang={look[0]}")
    page.locator("#nothing").wait_for()
    assert "mapsi ingest" in page.locator("#nothing").inner_text()
    is_accessible(page)
    enter(page, site, somebody(site))
    page.goto(f"/looks?kind=drawn&lang={look[0]}")
    page.locator("#nothing a").click()
    page.wait_for_url("**/chat*")


def test_it_weighs_less_than_500_kb_without_pictures(studio, open_page):
    page, sizes = open_page("ko"), []
    page.on("response", lambda answer: sizes.append(answer))  # noqa: PLW0108 - it is marked
    page.goto(f"{studio.url}/looks")
    tiles(page)
    heavy = [
        one for one in sizes if one.status == 200 and "image" not in one.headers["content-type"]
    ]
    assert 20_000 < sum(len(one.body()) for one in heavy) < 500_000

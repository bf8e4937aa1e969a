"""Photos given to the chat: dragged, pasted, chosen, taken; and what is no photo."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.page.looking import fits, is_accessible
from tests.page.talking import answers, begin
from tests.system.installation import until
from tests.system.photos import sample_photos

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.page, pytest.mark.timeout(900)]
WORDS = {
    "ko": {
        "take": "찍기",
        "again": "다시 시도",
        "no_photo": "JPEG",
        "large": "25MB",
        "wide": "4천만",
    },
    "en": {
        "take": "Take it",
        "again": "Try again",
        "no_photo": "JPEG",
        "large": "25 MB",
        "wide": "40 megapixels",
    },
}
GIVE = """([element, data, how]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], "look.jpg", { type: "image/jpeg" }));
  const place = document.querySelector(element);
  if (how === "paste") {
    const event = new ClipboardEvent("paste", { clipboardData: files, bubbles: true });
    place.dispatchEvent(event);
    return;
  }
  for (const name of ["dragenter", "dragover", "drop"].slice(0, how === "over" ? 2 : 3)) {
    const event = new DragEvent(name, { dataTransfer: files, bubbles: true, cancelable: true });
    place.dispatchEvent(event);
  }
}"""


def look_photo() -> Path:
    return sample_photos("amateur_posture.jpg")[8]


def give(page: Page, element: str, how: str) -> None:
    """Hand a photo over as a browser does: dropped on an element, or pasted into it."""
    data = base64.b64encode(look_photo().read_bytes()).decode()
    page.evaluate(GIVE, [element, data, how])


def preview(page: Page) -> Locator:
    """Return the photo that waits above the text, once it is seen and was sent."""
    image = page.locator("#attached > img")
    image.wait_for()
    until(lambda: image.evaluate("image => image.naturalWidth > 0"))
    page.locator("#attached .chip").first.wait_for()
    return image


def test_a_photo_is_dragged_into_the_talk(shop, open_page, look):
    page = open_page(*look)
    begin(page, look[0], by=shop)
    give(page, "#log", "over")
    page.locator(".drop-here").wait_for()
    is_accessible(page)
    give(page, "#log", "drop")
    page.locator(".drop-here").wait_for(state="hidden")
    preview(page)
    fits(page)
    is_accessible(page)
    page.locator("#attached .chip").first.click()
    answers(page, 1)
    page.locator(".turn img.sent").wait_for()


def test_a_photo_is_pasted_and_taken_out_again(shop, open_page, look):
    page = open_page(*look)
    begin(page, look[0], by=shop)
    give(page, "#text", "paste")
    preview(page)
    page.locator("#attached > button").click()
    page.locator("#attached").wait_for(state="hidden")


def test_a_photo_is_taken_with_this_machines_camera(shop, open_page):
    for language in ("ko", "en"):
        page = open_page(language, permissions=["camera"])
        begin(page, language, by=shop)
        page.locator("#camera").click()
        take = page.get_by_role("button", name=WORDS[language]["take"], exact=True)
        take.wait_for()
        screen = page.locator("#viewfinder video")
        until(lambda screen=screen: screen.evaluate("video => video.videoWidth > 0"))
        is_accessible(page)
        take.click()
        preview(page)
        page.locator("#viewfinder").wait_for(state="hidden")


def test_without_a_camera_it_is_said(shop, open_page):
    page = open_page("en")
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none'))"
    )
    begin(page, "en", by=shop)
    page.locator("#camera").click()
    page.locator("#viewfinder", has_text="Choose a photo instead").wait_for()
    page.keyboard.press("Escape")
    page.locator("#viewfinder").wait_for(state="hidden")


def test_a_phone_takes_the_photo_with_its_own_camera(shop, open_page):
    page = open_page("ko", "phone", is_mobile=True)
    begin(page, "ko", by=shop)
    shot = page.locator("#shot")
    assert (shot.get_attribute("capture"), shot.get_attribute("accept")) == ("user", "image/*")
    with page.expect_file_chooser() as chosen:
        page.locator("#camera").click()
    chosen.value.set_files(look_photo())
    preview(page)


def test_the_way_of_a_photo_is_seen(shop, open_page, look):
    page = open_page(*look)
    begin(page, look[0], by=shop)
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20_000}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", slow)
    page.set_input_files("#file", look_photo())
    bar = page.locator("#attached progress")
    bar.wait_for()
    until(lambda: 0 < bar.evaluate("bar => bar.value") < 1)
    assert "%" in page.locator("#attached [role=status]").inner_text()
    is_accessible(page)
    network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    preview(page)


def test_what_is_no_photo_or_too_large_is_refused_and_said(shop, open_page, look, tmp_path):
    words, page = WORDS[look[0]], open_page(*look)
    begin(page, look[0], by=shop)
    (tmp_path / "notes.txt").write_text("no photo")
    page.set_input_files("#file", tmp_path / "notes.txt")
    page.locator("#attached", has_text=words["no_photo"]).wait_for()
    (tmp_path / "huge.jpg").write_bytes(look_photo().read_bytes() + bytes(26 * 1024 * 1024))
    page.set_input_files("#file", tmp_path / "huge.jpg")
    page.locator("#attached", has_text=words["large"]).wait_for()
    (tmp_path / "lie.jpg").write_text("no photo, whatever its name says")
    page.set_input_files("#file", tmp_path / "lie.jpg")
    page.locator("#attached .wrong").wait_for()
    Image.new("L", (8000, 6000)).save(tmp_path / "wide.png")
    page.set_input_files("#file", tmp_path / "wide.png")
    page.locator("#attached .wrong", has_text=words["wide"]).wait_for()
    fits(page)
    is_accessible(page)
    page.set_input_files("#file", look_photo())
    preview(page)


def test_a_photo_that_did_not_get_through_is_sent_again(shop, open_page):
    page = open_page("en")
    begin(page, "en", by=shop)
    page.route("**/v1/photos", lambda route: route.abort())
    page.set_input_files("#file", look_photo())
    page.locator("#attached .wrong").wait_for()
    page.unroute("**/v1/photos")
    page.get_by_role("button", name=WORDS["en"]["again"]).last.click()
    preview(page)

"""The page one talks on, as it is sent; what it does is walked through in tests/page."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.integration
PAGE = {"X-Mapsi-Page": "1"}


@pytest.mark.parametrize(
    ("language", "example"), [("ko", "데이트룩 추천해 주세요"), ("en", "Recommend a date look")]
)
def test_three_examples_say_what_one_can_ask(house, language, example):
    page = house.stranger().get("/chat", params={"lang": language}).text
    examples = re.findall(r'data-say="([^"]+)"', page)
    assert len(examples) == 3
    assert example in examples


def test_what_is_said_is_told_to_who_listens_and_the_box_has_a_name(house):
    page = house.stranger().get("/chat?lang=en").text
    assert re.search(r'role="log" aria-live="polite"', page)
    assert '<label class="unseen" for="text">Your message</label>' in page


def test_every_page_leads_there_in_the_language_that_was_chosen(house):
    for path in ("/", "/sign-in"):
        page = house.stranger().get(path, params={"lang": "ko"}).text
        assert 'href="/chat?lang=ko"' in page


def test_what_a_link_would_have_said_is_not_in_the_page(house):
    page = house.stranger().get("/chat", params={"say": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_a_guest_asks_and_is_answered_in_the_pages_own_way(house):
    browser = house.stranger(Origin=house.url, **PAGE)
    assert browser.post("/session/guest").status_code == 201
    talk = browser.post("/v1/chat/sessions", json={"language": "ko"}).json()["id"]
    path = f"/v1/chat/sessions/{talk}/messages"
    headers = {"Accept": "text/event-stream", "Idempotency-Key": "k1"}
    first = browser.post(path, json={"text": "데이트룩 추천해 주세요"}, headers=headers)
    again = browser.post(path, json={"text": "데이트룩 추천해 주세요"}, headers=headers)
    assert first.text == again.text and "event: done" in first.text
    assert len(browser.get(f"/v1/chat/sessions/{talk}").json()["turns"]) == 1
    stranger = house.stranger(Origin=house.url, **PAGE)
    stranger.post("/session/guest")
    assert stranger.get(f"/v1/chat/sessions/{talk}").status_code == 404

"""What goes wrong is a page for people and a problem for programs."""

from __future__ import annotations

import pytest

from services.gateway.api import pages
from shared.errors import RetryableError

pytestmark = pytest.mark.integration
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("language", "said", "back"),
    [
        ("ko", "없는 페이지입니다", "첫 페이지로"),
        ("en", "There is no such page", "To the first page"),
    ],
)
def test_who_mistypes_an_address_reads_so_and_finds_back(house, language, said, back):
    answer = house.stranger(**BROWSER).get("/nowhere", params={"lang": language})
    assert (answer.status_code, answer.headers["Content-Language"]) == (404, language)
    assert said in answer.text and back in answer.text
    assert f'href="/?lang={language}"' in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_program_and_the_api_are_answered_with_a_problem(house):
    for client, path in (
        (house.stranger(), "/nowhere"),
        (house.stranger(**BROWSER), "/v1/nowhere"),
        (house.stranger(**BROWSER), "/v1/photos"),
        (house.stranger(**BROWSER), "/assets/0123456789abcdef/none.js"),
    ):
        answer = client.get(path)
        assert answer.headers["Content-Type"].startswith("application/problem+json"), path


@pytest.mark.parametrize(("language", "again"), [("ko", "다시 시도"), ("en", "Try again")])
def test_what_is_away_is_said_on_the_page_with_a_way_to_try_again(
    house, monkeypatch, language, again
):
    def away(*asked: object) -> None:
        raise RetryableError(
            "the counts are away", text_ko="집계를 읽을 수 없습니다", reason="away"
        )

    monkeypatch.setattr(pages, "read_table", away)
    answer = house.stranger(**BROWSER).get("/trends", params={"lang": language, "weeks": "26"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert again in answer.text and 'href="/trends?' in answer.text
    assert ("집계를 읽을 수 없습니다" in answer.text) == (language == "ko")

"""The weekly reports over HTTP."""

from __future__ import annotations

from datetime import date

import pytest

from shared.storage.keys import report_key

pytestmark = pytest.mark.integration
WEEKS = (date(2026, 2, 9), date(2026, 2, 16))


@pytest.fixture
def reported(house):
    """Two weeks' reports, as trends writes them."""
    for week in WEEKS:
        for language in ("ko", "en"):
            for form in ("html", "md"):
                body = f"{week} {language} {form} 맵시".encode()
                house.context.storage.put(
                    report_key(week, language, form), body, content_type="text/html"
                )
    return house


def test_the_latest_report_is_first_and_every_link_opens(reported):
    client = reported.client()
    found = client.get("/v1/reports").json()["reports"]
    assert [line["week"] for line in found] == ["2026-02-16", "2026-02-09"]
    for name, link in found[0]["links"].items():
        form, language = name.split("_")
        assert client.get(link).text == f"2026-02-16 {language} {form} 맵시"


def test_a_page_runs_nothing_and_is_not_sent_twice(reported):
    client = reported.client(**{"Accept-Language": "ko"})
    page = client.get("/v1/reports/2026-02-16")
    assert page.text == "2026-02-16 ko html 맵시"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    again = client.get("/v1/reports/2026-02-16", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304


def test_a_report_that_is_not_there_is_told(reported):
    client = reported.client()
    missing = client.get("/v1/reports/2020-01-06")
    assert (missing.status_code, missing.json()["reason"]) == (404, "no_report")
    assert client.get("/v1/reports/yesterday").status_code == 422
    assert reported.stranger().get("/v1/reports").status_code == 401


def test_before_the_first_report_the_list_is_empty(house):
    assert house.client().get("/v1/reports").json() == {"reports": []}

"""The coming weeks, and the table as a file, over HTTP."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from arro3.io import read_parquet

from tests.samples.seasons import LAST, fill

pytestmark = pytest.mark.integration
UNTIL = {"until": "2026-02-22"}


@pytest.fixture
def counted(house):
    """Two and a half years of looks."""
    with house.database.transaction() as session:
        fill(session)
    return house


def test_the_coming_weeks_have_intervals_and_a_backtest_beside(counted):
    told = counted.client().get("/v1/trends/forecast", params=UNTIL | {"horizon": 8}).json()
    assert told["ahead"] == [str(LAST + timedelta(weeks=week)) for week in range(1, 9)]
    assert (len(told["weeks"]), told["learnt"], told["running"]) == (12, 130, False)
    first = told["series"][0]
    assert first["labels"] == {"item": "trousers", "color": "black"}
    ahead = first["ahead"]
    for low95, low80, middle, high80, high95 in zip(
        *(ahead[name] for name in ("low95", "low80", "middle", "high80", "high95")), strict=True
    ):
        assert 0 <= low95 <= low80 <= middle <= high80 <= high95 <= 1
    judged = told["backtest"]
    assert (judged["horizon"], judged["origins"]) == (8, 2)
    assert judged["ratio"] < 1
    assert 0.6 < judged["coverage80"] < judged["coverage95"] <= 1


def test_the_forecast_takes_the_filters_of_the_trend(counted):
    client = counted.client()
    asked = UNTIL | {"by": "item", "source": "mastodon", "weeks": 4, "horizon": 2}
    told = client.get("/v1/trends/forecast", params=asked).json()
    table = client.get("/v1/trends", params=asked).json()
    assert told["weeks"] == table["weeks"]
    looks = {row["values"]["item"]: row["looks"] for row in table["rows"]}
    assert {row["values"]["item"]: row["looks"] for row in told["series"]} == looks
    since = client.get("/v1/trends/forecast", params=UNTIL | {"since": "2026-02-11"}).json()
    assert (since["weeks"], since["learnt"]) == (["2026-02-09", "2026-02-16"], 130)
    wrong = client.get("/v1/trends/forecast", params={"by": "price"})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "unknown_dimension")


def test_the_forecast_comes_page_by_page_and_not_twice(counted):
    client = counted.client()
    first = client.get("/v1/trends/forecast", params=UNTIL | {"limit": 10})
    rest = client.get(
        "/v1/trends/forecast", params=UNTIL | {"limit": 10, "cursor": first.json()["next"]}
    ).json()
    assert (len(first.json()["series"]), len(rest["series"]), rest["next"]) == (10, 4, None)
    again = client.get(
        "/v1/trends/forecast",
        params=UNTIL | {"limit": 10},
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert again.status_code == 304


def test_a_young_installation_is_told_why_there_is_no_forecast(house):
    with house.database.transaction() as session:
        fill(session, weeks=5)
    told = house.client().get("/v1/trends/forecast", params=UNTIL).json()
    assert (told["ahead"], told["backtest"]) == ([], None)
    assert {(row["ahead"], row["reason"]) for row in told["series"]} == {(None, "too_few_weeks")}
    assert house.client().get("/v1/trends/forecast?until=2001-01-01").json()["series"] == []


def test_the_table_is_a_csv_with_the_same_figures(counted):
    client = counted.client()
    asked = UNTIL | {"by": "item,color", "weeks": 3}
    response = client.get("/v1/trends/export", params=asked)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == (
        'attachment; filename="mapsi-item-color-2026-02-16.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(response.text)))
    table = client.get("/v1/trends", params=asked).json()
    assert len(rows) == 3 * len(table["rows"])
    best = table["rows"][0]
    first = [row for row in rows if {name: row[name] for name in best["values"]} == best["values"]]
    assert [int(row["looks"]) for row in first] == best["looks"]
    assert [int(row["total"]) for row in first] == table["totals"]


def test_a_korean_reader_gets_korean_that_excel_opens(counted):
    client = counted.client(**{"Accept-Language": "ko"})
    data = client.get("/v1/trends/export", params=UNTIL | {"weeks": 1}).content
    assert data.startswith("\ufeff주(월요일),아이템,색,룩 수".encode())
    english = client.get("/v1/trends/export", params=UNTIL | {"weeks": 1, "lang": "en"}).content
    assert english.startswith(b"week,item,color,looks")


def test_parquet_and_excel_are_what_they_say(counted):
    client = counted.client()
    parquet = client.get("/v1/trends/export", params=UNTIL | {"weeks": 2, "format": "parquet"})
    assert parquet.headers["content-type"] == "application/vnd.apache.parquet"
    assert read_parquet(io.BytesIO(parquet.content)).read_all().num_rows == 2 * 14
    excel = client.get("/v1/trends/export", params=UNTIL | {"weeks": 2, "format": "xlsx"})
    assert excel.headers["content-type"].endswith("spreadsheetml.sheet")
    assert excel.content.startswith(b"PK")
    assert excel.headers["content-disposition"].endswith('.xlsx"')


def test_a_file_that_did_not_change_is_not_sent_again(counted):
    client = counted.client()
    first = client.get("/v1/trends/export", params=UNTIL)
    etag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/v1/trends/export", params=UNTIL, headers=etag).status_code == 304
    korean = etag | {"Accept-Language": "ko"}
    assert client.get("/v1/trends/export", params=UNTIL, headers=korean).status_code == 200


def test_an_unknown_format_and_a_stranger_are_refused(counted):
    assert counted.client().get("/v1/trends/export?format=pdf").status_code == 422
    assert counted.stranger().get("/v1/trends/export").status_code == 401
    assert counted.stranger().get("/v1/trends/forecast").status_code == 401


def test_an_empty_installation_gives_a_file_with_a_heading(house):
    assert house.client().get("/v1/trends/export").text.startswith("week,item,color")

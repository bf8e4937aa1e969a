"""What a manifest's row may say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.refusals import RefusedError
from services.ingestion.rows import COLUMNS, check_columns, read_row

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def read(**fields: object):
    return read_row({"path": "a.jpg", **fields}, where="looks.csv row 2", now=NOW)


def test_a_full_row_is_read_as_it_is_meant():
    row = read(
        url="https://example.com/p/1", posted_at="2026-03-01T09:30+09:00", author="@kim",
        hashtags="#street, #OOTD 서울패션", likes="1,234", source="insta", licence="CC0",
    )  # fmt: skip
    facts = row.facts
    assert row.path == "a.jpg"
    assert facts.posted_at == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert facts.hashtags == ("street", "OOTD", "서울패션")
    assert (facts.likes, facts.author, facts.source) == (1234, "@kim", "insta")
    assert (facts.url, facts.licence) == ("https://example.com/p/1", "CC0")


@pytest.mark.parametrize(
    "written", ["2026-03-01", "2026/3/1", "2026. 3. 1.", "2026.03.01", "20260301", "2026-03-01Z"]
)
def test_the_usual_ways_to_write_a_day_are_read(written):
    if written.endswith("Z"):
        written = "2026-03-01T00:00:00Z"
    assert read(posted_at=written).facts.posted_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_this_morning_in_korea_is_not_the_future():
    assert read(posted_at="2026-11-22 20:59").facts.posted_at == NOW
    with pytest.raises(RefusedError) as refused:
        read(posted_at="2026-11-22T21:10+00:00")
    assert refused.value.reason == "future_date"


def test_json_values_need_no_quotes():
    facts = read(likes=12, hashtags=["a", "#b", "a"], author=None, posted_at="").facts
    assert (facts.likes, facts.hashtags, facts.author, facts.posted_at) == (
        12,
        ("a", "b"),
        None,
        None,
    )


@pytest.mark.parametrize("value", [True, {"a": 1}, ["x"]])
def test_a_value_of_another_kind_is_refused_by_its_name(value):
    with pytest.raises(RefusedError, match="likes"):
        read(likes=value)


def test_other_columns_are_left_alone():
    check_columns(["path", "price", "brand", "caption"], where="looks.csv")


@pytest.mark.parametrize("wrong", ["postd_at", "posted_a", "license", "hashtag", "sorce"])
def test_a_misspelt_column_is_not_silently_lost(wrong):
    with pytest.raises(RefusedError, match=f"{wrong} → ") as refused:
        check_columns(["path", wrong], where="looks.csv")
    assert refused.value.reason == "misspelt_column"


def test_without_url_and_path_the_columns_that_are_there_are_named():
    with pytest.raises(RefusedError, match="image, date; add one") as refused:
        check_columns(["image", "date"], where="looks.csv")
    assert refused.value.reason == "missing_column"


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(COLUMNS, st.text() | st.integers() | st.none())
    )
)
def test_whatever_a_row_holds_it_is_read_or_refused(fields):
    try:
        facts = read_row(fields, where="looks.csv row 2", now=NOW).facts
    except RefusedError as error:
        assert str(error).startswith("looks.csv row 2: ") and len(str(error).splitlines()) == 1
    else:
        assert facts.posted_at is None or facts.posted_at <= NOW + timedelta(minutes=5)
        assert facts.likes is None or facts.likes >= 0

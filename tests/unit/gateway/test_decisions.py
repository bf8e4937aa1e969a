"""What the gateway decides alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain import (
    etag_matches,
    etag_of,
    from_cursor,
    job_state,
    negotiate,
    photo_state,
    to_cursor,
)
from shared.errors import UsageError


@pytest.mark.parametrize(
    ("arrived", "outcome", "buried", "state"),
    [
        (False, None, False, "received"),
        (True, None, False, "pending"),
        (True, None, True, "buried"),
        (True, "analyzed", False, "analyzed"),
        (True, "analyzed", True, "analyzed"),  # dug up and done
        (True, "not_fashion", False, "not_fashion"),
        (True, "failed", True, "failed"),
    ],
)
def test_a_photo_is_in_the_state_its_rows_tell(arrived, outcome, buried, state):
    assert photo_state(arrived=arrived, outcome=outcome, buried=buried) == state


def test_a_job_that_nobody_recorded_is_queued():
    assert job_state(None) == "queued"
    assert job_state("done") == "done"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("en-GB,ko;q=0.9", "en"),
        ("ko;q=0.2, en;q=0.7", "en"),
        ("fr, de;q=0.9, ko;q=0.1", "ko"),
        ("ko;q=0", "en"),
        ("*", "en"),
        ("ko;q=nonsense, en;q=0.1", "en"),
    ],
)
def test_a_reader_gets_the_language_liked_best(header, language):
    assert negotiate(header, "en") == language


@given(st.text(max_size=50), st.integers(-(2**60), 2**60))
def test_a_cursor_leads_back_to_its_place(name, number):
    moment = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
    cursor = to_cursor(moment, name, number)
    assert from_cursor(cursor, datetime, str, int) == [moment, name, number]
    assert cursor.isascii() and not set(cursor) & set("+/=")


@given(st.text(max_size=80))
def test_no_text_as_a_cursor_breaks_anything(text):
    try:
        (part,) = from_cursor(text, int)
    except UsageError as error:
        assert error.reason == "bad_cursor"
    else:
        assert type(part) is int


@pytest.mark.parametrize("parts", [("a",), (1,), ("a", 1, 2), (True, "a")])
def test_a_cursor_of_another_list_is_refused(parts):
    with pytest.raises(UsageError):
        from_cursor(to_cursor(*parts), str, int)


def test_an_entity_tag_is_recognised():
    etag = etag_of(b"body")
    assert etag_matches(etag, etag)
    assert etag_matches(f'"other", W/{etag}', etag)
    assert etag_matches("*", etag)
    assert not etag_matches(None, etag)
    assert not etag_matches(etag_of(b"other"), etag)

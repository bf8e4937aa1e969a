"""Generation's records on a real database: what is delivered again or late changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from services.generation.jobs.accepting import accept
from services.generation.jobs.book import Book
from services.generation.jobs.ending import note
from services.generation.settings import GenerationSettings
from shared.contracts.generation import (
    LookPiece,
    LookProgressed,
    LookRequested,
    LookWish,
)
from shared.records.generation import Job
from shared.storage import open_url
from tests.together import run_together

pytestmark = pytest.mark.integration
JOB_ID = "0123456789abcdef" * 2
PIECE = LookPiece(photo_id="0" * 64, analysis_key="a.json", photo_key="a.jpg", garment=0)


@pytest.fixture
def book(database, tmp_path) -> Book:
    return Book(database, open_url((tmp_path / "o").as_uri()), GenerationSettings(), "lookbook")


def wish(book: Book, job_id: str = JOB_ID) -> None:
    deadline = datetime.now(UTC) + timedelta(minutes=5)
    look = LookWish(pieces=(PIECE,))
    accept(LookRequested(job_id=job_id, wish=look, deadline=deadline, requester="ann"), book)


def news(state: str, step: int = 0, job_id: str = JOB_ID) -> LookProgressed:
    done = {"result_key": "generations/01/x/picture.png", "manifest": {"a": 1}}
    more = done if state == "done" else {}
    return LookProgressed(
        job_id=job_id, state=state, step=step, steps=3, at=datetime.now(UTC), **more
    )


def recorded(book: Book, job_id: str = JOB_ID) -> tuple[str, int]:
    with book.database.reading() as session:
        job = session.get_one(Job, job_id)
        return job.state, job.step


def test_redelivery_in_any_order_ends_in_the_final_state(book):
    told = [("running", 0), ("running", 1), ("running", 2), ("done", 3)]
    for number, order in enumerate(permutations(told)):
        job_id = f"{number:032x}"
        wish(book, job_id)
        for state, step in (*order, *order):
            note(news(state, step, job_id), book)
        wish(book, job_id)
        assert recorded(book, job_id) == ("done", 3)


@pytest.mark.parametrize("late", ["failed", "cancelled", "running", "queued"])
def test_what_comes_after_the_end_is_no_news(book, late):
    wish(book)
    assert note(news("done", 3), book)
    assert not note(news(late, 9), book)
    assert recorded(book) == ("done", 3)


def test_two_recorders_at_once_agree(book):
    wish(book)
    ends = [news("done", 3), news("cancelled"), news("running", 2), news("failed")]
    run_together(*(lambda end=end: note(end, book) for end in ends))
    first = recorded(book)
    assert first[0] in ("done", "cancelled", "failed")
    assert book.files(JOB_ID).end().state == first[0]
    for end in ends:
        note(end, book)
    assert recorded(book) == first


def test_the_table_follows_the_stores_end_where_a_worker_died_between_the_two(book):
    wish(book)
    book.files(JOB_ID).put_end(news("done", 3))
    note(news("cancelled"), book)
    assert recorded(book) == ("done", 3)


def test_news_of_a_job_whose_owner_was_erased_write_nothing_and_leave_nothing(book):
    files = book.files(JOB_ID)
    files.put("cancelled", b"", "application/octet-stream")
    files.put("a0-1.png", b"late", "image/png")
    assert not note(news("done", 3), book)
    with book.database.reading() as session:
        assert session.get(Job, JOB_ID) is None
    assert [key.rpartition("/")[2] for key in book.storage.list("generations/")] == ["cancelled"]

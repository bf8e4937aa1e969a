"""Generation's tasks on a real database: what is delivered again or late changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from services.generation.records import record
from shared.contracts.generation import LookProgressed
from shared.records.generation import Job
from tests.together import run_together

pytestmark = pytest.mark.integration
JOB_ID = "0123456789abcdef" * 2


def news(state: str, step: int = 0, job_id: str = JOB_ID) -> LookProgressed:
    done = {"result_key": "generations/01/x/picture.png", "manifest": {"a": 1}}
    more = done if state == "done" else {}
    return LookProgressed(
        job_id=job_id, state=state, step=step, steps=3, at=datetime.now(UTC), **more
    )


def recorded(database, job_id: str = JOB_ID) -> tuple[str, int]:
    with database.reading() as session:
        job = session.get_one(Job, job_id)
        return job.state, job.step


def test_redelivery_in_any_order_ends_in_the_final_state(database):
    told = [("running", 0), ("running", 1), ("running", 2), ("done", 3)]
    for number, order in enumerate(permutations(told)):
        job_id = f"{number:032x}"
        for state, step in (*order, *order):
            record(news(state, step, job_id), database)
        assert recorded(database, job_id) == ("done", 3)


@pytest.mark.parametrize("late", ["failed", "cancelled", "running", "queued"])
def test_what_comes_after_the_end_is_no_news(database, late):
    assert record(news("done", 3), database)
    assert not record(news(late, 9), database)
    assert recorded(database) == ("done", 3)


def test_two_recorders_at_once_agree(database):
    ends = [news("done", 3), news("cancelled"), news("running", 2), news("failed")]
    run_together(*(lambda end=end: record(end, database) for end in ends))
    first = recorded(database)
    assert first[0] in ("done", "cancelled", "failed")
    for end in ends:
        record(end, database)
    assert recorded(database) == first

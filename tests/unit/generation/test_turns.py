"""Whose turn it is: fair between people, whatever each of them leaves in the queue."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.generation.domain import (
    FINAL_STATES,
    Progress,
    Turns,
    Waiting,
    advances,
    cost_of,
    decayed,
    goes_alone,
    kin_of,
    next_batch,
    seed_of,
)
from shared.contracts.generation import Edit, LookPiece, LookProgressed, LookWish

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TURNS = Turns(ageing=timedelta(minutes=10), batch=4)
PEOPLE = [f"p{number}" for number in range(10)]
KINS = ("sdxl 1024x1024 quality", "sdxl 768x1344 quality", "sdxl edit quality", "openai a fast")


def waiting(number: int, requester: str = "ann", **more) -> Waiting:
    job = Waiting(
        job_id=f"{number:032x}",
        requester=requester,
        interactive=True,
        since=NOW - timedelta(seconds=60 - number / 1000),
        kin=KINS[0],
        pictures=1,
        cost=1.0,
    )
    return replace(job, **more)


def ids(batch) -> list[int]:
    return [int(job.job_id, 16) for job in batch]


def test_nobody_waits_nobody_is_drawn():
    assert next_batch([], {}, now=NOW, turns=TURNS) == ()


def test_who_had_the_least_is_next_and_then_the_oldest():
    jobs = [waiting(1, "ann"), waiting(2, "bob"), waiting(3, "bob")]
    alone = replace(TURNS, batch=1)
    assert ids(next_batch(jobs, {"ann": 2.0, "bob": 1.0}, now=NOW, turns=alone)) == [2]
    assert ids(next_batch(jobs, {}, now=NOW, turns=alone)) == [1]


def test_interactive_jobs_come_before_batch_jobs_of_people_who_had_less():
    jobs = [waiting(1, "ann", interactive=False), waiting(2, "bob")]
    assert ids(next_batch(jobs, {"bob": 9.0}, now=NOW, turns=TURNS)) == [2]


def test_a_batch_job_that_waited_long_is_as_urgent_as_an_interactive_one():
    old = waiting(1, "ann", interactive=False, since=NOW - TURNS.ageing)
    jobs = [old, waiting(2, "bob")]
    assert ids(next_batch(jobs, {"bob": 1.0}, now=NOW, turns=TURNS))[0] == 1


def test_jobs_of_one_kin_share_a_batch_as_far_as_their_pictures_fit():
    jobs = [
        waiting(1, "ann"),
        waiting(2, "bob", kin=KINS[1]),
        waiting(3, "bob", pictures=2),
        waiting(4, "cleo", pictures=2),
        waiting(5, "dan"),
    ]
    assert ids(next_batch(jobs, {}, now=NOW, turns=TURNS)) == [1, 5]
    assert ids(next_batch(jobs, {}, now=NOW, turns=replace(TURNS, batch=8))) == [1, 3, 4, 5]


@pytest.mark.parametrize("kin", KINS[2:])
def test_edits_and_pictures_of_servers_go_alone(kin):
    assert goes_alone(kin)
    jobs = [waiting(number, kin=kin) for number in range(3)]
    assert ids(next_batch(jobs, {}, now=NOW, turns=TURNS)) == [0]


def test_who_is_alone_gets_the_whole_batch_and_who_is_not_a_part_of_it():
    many = [waiting(number) for number in range(8)]
    assert len(next_batch(many, {}, now=NOW, turns=TURNS)) == 4
    other = waiting(9, "bob", kin=KINS[1])
    assert ids(next_batch([*many, other], {}, now=NOW, turns=TURNS)) == [0, 1]


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_ten_people_get_equal_shares_while_all_of_them_wait(seed, out):
    """Whatever they ask for, and however much: within 20 % of a tenth each.

    ``out`` batches are out at once, and not drawn yet. Counted until the first person has nothing
    left, which is after 20 jobs at least.
    """
    chance = random.Random(seed)
    queues = {
        person: [
            waiting(100 * number + at, person, pictures=max(1, round(cost)), cost=cost, kin=kin)
            for number in range(chance.randrange(20, 40))
            for cost, kin in [(chance.choice([0.2, 1.0, 2.0, 4.0]), chance.choice(KINS))]
        ]
        for at, person in enumerate(PEOPLE)
    }
    had: Counter[str] = Counter()
    drawn: list[tuple[Waiting, ...]] = []
    while all(queues.values()):
        oldest = [job for queue in queues.values() for job in queue[:8]]
        batch = next_batch(oldest, had, now=NOW, turns=TURNS)
        drawn.append(batch)
        for job in batch:
            queues[job.requester].remove(job)
            had[job.requester] += job.cost
    served: Counter[str] = Counter()
    for job in chain.from_iterable(drawn[:-out]):
        served[job.requester] += job.cost
    equal = sum(served.values()) / len(PEOPLE)
    for person in PEOPLE:
        assert abs(served[person] - equal) <= 0.2 * equal, served


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(1, 4)), max_size=60))
def test_everything_is_drawn_in_the_end_and_nothing_twice(told):
    queue = [
        waiting(number, PEOPLE[person], interactive=urgent, pictures=pictures, cost=pictures)
        for number, (urgent, person, pictures) in enumerate(told)
    ]
    seen: list[str] = []
    had: Counter[str] = Counter()
    while queue:
        batch = next_batch(queue, had, now=NOW, turns=TURNS)
        assert batch
        assert len(batch) == 1 or sum(job.pictures for job in batch) <= TURNS.batch
        assert len({job.kin for job in batch}) == 1
        assert len({job.interactive for job in batch}) == 1
        seen += [job.job_id for job in batch]
        queue = [job for job in queue if job not in batch]
        for job in batch:
            had[job.requester] += job.cost
    assert len(seen) == len(set(seen)) == len(told)


def test_what_was_drawn_long_ago_counts_less():
    hour = timedelta(hours=1)
    assert decayed(8.0, age=hour, half_life=hour) == 4.0
    assert decayed(8.0, age=3 * hour, half_life=hour) == 1.0
    assert decayed(8.0, age=-hour, half_life=hour) == 8.0, "clocks differ a little"


def test_what_is_asked_for_is_what_it_costs():
    wish = LookWish(backend="sdxl", words="a coat", variants=4)
    assert cost_of(wish) == 4.0
    assert cost_of(wish.model_copy(update={"width": 512, "height": 512})) == 1.0
    assert cost_of(wish.model_copy(update={"preset": "fast"})) == pytest.approx(0.8)


def test_jobs_of_one_kin_have_a_size_a_preset_and_no_parent():
    wish = LookWish(backend="sdxl", words="a coat")
    assert kin_of(wish) == "sdxl 1024x1024 quality"
    assert goes_alone(kin_of(wish.model_copy(update={"edit": Edit(of="0" * 32)})))
    assert not goes_alone(kin_of(wish))
    piece = LookPiece(photo_id="0" * 64, analysis_key="a", photo_key="b", garment=0)
    assert kin_of(LookWish(pieces=(piece,))) == ""


@given(st.integers(0, 2**32 - 1))
def test_no_two_pictures_of_a_job_have_the_same_seed(seed):
    seeds = [
        seed_of(seed, attempt=attempt, variant=variant)
        for attempt in range(8)
        for variant in range(1, 5)
    ]
    assert seeds[0] == seed
    assert len(set(seeds)) == 32
    assert all(0 <= one < 2**32 for one in seeds)


def news(state: str, *, attempt: int = 0, step: int = 0) -> LookProgressed:
    return LookProgressed(job_id="0" * 32, state=state, attempt=attempt, step=step, at=NOW)


@pytest.mark.parametrize("final", sorted(FINAL_STATES))
@pytest.mark.parametrize("state", ["queued", "running", *sorted(FINAL_STATES)])
def test_a_final_state_is_never_left(final, state):
    assert not advances(Progress(final, 0, 1), news(state, step=9))


def test_steps_are_not_taken_back_but_by_another_attempt():
    assert advances(Progress("queued", 0, 0), news("running"))
    assert advances(Progress("running", 0, 1), news("running", step=2))
    assert not advances(Progress("running", 0, 2), news("running", step=2))
    assert not advances(Progress("running", 0, 2), news("running", step=1))
    assert advances(Progress("running", 0, 2), news("running", attempt=1))
    assert not advances(Progress("running", 1, 0), news("running", step=9))

"""A hundred jobs of ten people, while workers are killed and wishes called off.

No time is measured: what is fair is told by the pictures that the server began, in their order.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count

import pytest

from services.generation.domain import FINAL_STATES
from shared.contracts.generation import LookWish, WornGarment
from tests.integration.generation.conftest import Studio
from tests.patience import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
PEOPLE = [f"person-{number}" for number in range(10)]
LOADS = {person: 19 if person == PEOPLE[0] else 9 for person in PEOPLE}
"""One wants twice as much as each of the others: a hundred wishes."""
WORKERS = ("generation", "generation.gpu", "generation.review")
SHIRT = WornGarment(category="long_sleeved_shirt", color="white")
MINUTES = 240.0


@dataclass
class Crowd:
    """Who wished for what, and what is going to be called off."""

    chance: random.Random
    owners: list[str] = field(default_factory=list)
    """By the number of the wish, which is also the seed of its picture."""
    doomed: list[int] = field(default_factory=list)

    def wishes(self) -> None:
        """Let everybody wish, in one mixed crowd; some of each will be called off."""
        self.owners = [person for person, load in LOADS.items() for _ in range(load)]
        self.chance.shuffle(self.owners)
        for person, load in LOADS.items():
            own = [number for number, owner in enumerate(self.owners) if owner == person]
            self.doomed += self.chance.sample(own, load // 8)
        self.chance.shuffle(self.doomed)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_database_url")
    return url


def job_id(number: int) -> str:
    return f"{number:032x}"


def look(number: int) -> LookWish:
    # Narrow: where faces are looked for, the longer side is 640 pixels.
    return LookWish(backend="openai", wear=(SHIRT,), width=64, height=512, seed=number)


def disturb(studio: Studio, crowd: Crowd, *, every: int) -> list[str]:
    """Until all jobs have ended: with each few ends kill a worker, and call a wish off.

    In the middle the broker is killed, too.
    """
    killed: list[str] = []
    doomed = list(crowd.doomed)
    for step in count(1):
        until(lambda step=step: ended(studio) >= min(step * every, 100), seconds=MINUTES)
        if ended(studio) == 100:
            return killed
        if doomed:
            studio.call_off(job_id(doomed.pop()))
        if step == 4:
            studio.valkey.kill()
            studio.valkey.start()
        name = crowd.chance.choice(sorted(WORKERS))
        killed.append(studio.kill(crowd.chance.choice(studio.living(name))))
        studio.worker(name)


def ended(studio: Studio) -> int:
    return sum(state in FINAL_STATES for state in studio.states().values())


def test_every_job_ends_once_and_truly_and_the_turns_are_fair(studio):
    crowd = Crowd(random.Random(7))
    crowd.wishes()
    studio.environment["MAPSI_GENERATION_ATTEMPTS"] = "1"
    studio.beat()
    studio.worker("generation")
    for number, owner in enumerate(crowd.owners):
        studio.wish(job_id(number), owner, look(number))
    until(lambda: len(studio.states()) == 100, seconds=MINUTES)
    for name in ("generation.gpu", "generation.gpu", "generation.review"):
        studio.worker(name)
    killed = disturb(studio, crowd, every=12)
    print(f"killed {Counter(killed)}")
    assert len(killed) >= 8
    for number in range(100):
        check_the_end(studio, number, called_off=number in crowd.doomed)
    told = Counter(line["job"] for line in studio.log_lines("look ended"))
    assert max(told.values()) == 1
    shares = served_while_all_wait(studio.painter.begun, crowd)
    print(f"served {sorted(shares.values())}")
    equal = sum(shares.values()) / len(PEOPLE)
    for person in PEOPLE:
        assert abs(shares[person] - equal) <= 0.2 * equal, shares


def check_the_end(studio: Studio, number: int, *, called_off: bool) -> None:
    job, files = studio.job(job_id(number)), studio.files(job_id(number))
    end = files.end()
    assert end is not None
    assert job.state == end.state
    assert job.state in (("done", "cancelled") if called_off else ("done",)), job.reason
    folder = files.key("x").removesuffix("x")
    of_done = {"1.json", "1.png", "1.raw.png", "picture.png"} if job.state == "done" else set()

    def names() -> set[str]:
        return {key.removeprefix(folder) for key in studio.context.storage.list(folder)}

    # A worker that was slow, and whose order another one has finished, may still be at it.
    until(lambda: names() - {"cancelled"} == {"manifest.json"} | of_done)
    if job.state == "cancelled":
        return
    (story,) = end.manifest["pictures"]
    assert story["seed"] == number
    for name in ("1.png", "picture.png"):
        data = studio.context.storage.get(files.key(name))
        assert sha256(data).hexdigest() == story["sha256"]


def served_while_all_wait(begun: Sequence[int], crowd: Crowd) -> Counter[str]:
    """Count whose pictures were begun until the first person has none left to wait for.

    What a killed worker had begun and another drew again counts once; what was begun before it
    was called off counts, too.
    """
    left = Counter(owner for number, owner in enumerate(crowd.owners) if number not in crowd.doomed)
    shares: Counter[str] = Counter()
    for number in dict.fromkeys(begun):
        owner = crowd.owners[number]
        shares[owner] += 1
        left[owner] -= number not in crowd.doomed
        if not left[owner]:
            break
    return shares

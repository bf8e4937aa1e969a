"""What several people tell in one moment is learned of each, in the order in which they told it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.gateway.people.book import Lesson, known_of, learn, learn_all
from services.gateway.people.learning import Signal

pytestmark = pytest.mark.integration
NOW = datetime(2026, 3, 2, tzinfo=UTC)
TOLD = (
    ("ann", (Signal("style", "street", "said"), Signal("avoid", "pink", "said", -1.0))),
    ("bob", (Signal("gender", "men", "said"), Signal("color", "navy", "like"))),
    ("ann", (Signal("color", "pink", "said"), Signal("gender", "women", "said"))),
    ("ann", (Signal("gender", "any", "said"), Signal("style", "street", "refusal", -1.0))),
)


def test_a_batch_is_learned_as_if_each_had_told_it_alone(house) -> None:
    with house.database.transaction() as session:
        known = learn_all(session, [Lesson(person, signals, NOW) for person, signals in TOLD])
    for person, signals in TOLD:
        with house.database.transaction() as session:
            learn(session, f"{person} alone", signals, NOW)
    with house.database.reading() as session:
        for person in ("ann", "bob"):
            assert known_of(session, person) == known[person]
            assert known_of(session, f"{person} alone") == known[person]
    assert {(one.kind, one.value) for one in known["ann"]} == {
        ("color", "pink"), ("gender", "any"), ("style", "street"),
    }  # fmt: skip


def test_a_second_batch_changes_what_the_first_one_wrote(house) -> None:
    for weight in (1.0, -1.0):
        with house.database.transaction() as session:
            learn_all(session, [Lesson("ann", (Signal("style", "street", "said", weight),), NOW)])
    with house.database.reading() as session:
        (street,) = known_of(session, "ann")
    assert street.times == 2
    assert street.weight < 0

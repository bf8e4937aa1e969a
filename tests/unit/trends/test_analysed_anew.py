"""A photo that is analysed anew counts as its new analysis says, once, whatever came before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from services.trends.recount import recount
from services.trends.rollup import count_photos, settle_photos
from shared.contracts.photos import AnalyzedPhoto, SettledPhoto
from shared.contracts.vocabulary import ALL
from shared.records import Database
from shared.records.trends import Cell, Fact, Settlement
from tests.samples.looks import analyzed, photo, photo_id, settled

CAP = 3


def seen(
    name: str, item: str, *, generation: int = 0, model: str = "1", author: str | None = None
) -> AnalyzedPhoto:
    ref = photo(name, author=author).model_copy(update={"generation": generation})
    return analyzed(ref, [(item, "black")], model=model)


def ended(name: str, outcome: str, *, generation: int, reason: str = "why") -> SettledPhoto:
    ref = photo(name).model_copy(update={"generation": generation})
    return settled(ref, outcome, reason)


def count(database: Database, *items: AnalyzedPhoto) -> int:
    return count_photos(database, items, author_cap=CAP)


def settle(database: Database, *items: SettledPhoto) -> int:
    return settle_photos(database, items, author_cap=CAP)


def items(database: Database) -> dict[str, int]:
    """Looks by item, checked against a recount and the number of facts."""
    assert recount(database, author_cap=CAP) == []
    with database.reading() as session:
        rows = session.execute(
            select(Cell.item, Cell.looks).where(Cell.color == ALL, Cell.pattern == ALL)
        ).all()
        assert all(looks > 0 for _, looks in rows)
    wanted = ("vest", "skirt", "trousers", ALL)
    return {item: looks for item, looks in rows if item in wanted}


def facts(database: Database) -> Sequence[str]:
    with database.reading() as session:
        return session.scalars(select(Fact.item).order_by(Fact.item)).all()


def mark(database: Database, name: str) -> Settlement:
    with database.reading() as session:
        return session.get_one(Settlement, photo_id(name))


def test_facts_are_replaced_not_doubled(database: Database) -> None:
    count(database, seen("a", "vest"), seen("b", "vest"))
    assert count(database, seen("a", "skirt", generation=1, model="2")) == 1
    assert facts(database) == ["skirt", "vest"]
    assert items(database) == {"vest": 1, "skirt": 1, ALL: 2}
    assert mark(database, "a").models == {"kd_tree": "1 000000000000"}


def test_a_way_back_to_the_earlier_model_counts_too(database: Database) -> None:
    for generation, (item, model) in enumerate([("vest", "1"), ("skirt", "2"), ("vest", "1")]):
        assert count(database, seen("a", item, generation=generation, model=model)) == 1
    assert items(database) == {"vest": 1, ALL: 1}


def test_the_same_analysis_again_changes_no_count_and_ends_the_generation(
    database: Database,
) -> None:
    count(database, seen("a", "vest"))
    assert count(database, seen("a", "vest", generation=1)) == 0
    assert items(database) == {"vest": 1, ALL: 1}
    assert mark(database, "a").generation == 1


def test_a_late_message_of_an_earlier_generation_changes_nothing(database: Database) -> None:
    count(database, seen("a", "skirt", generation=1, model="2"))
    assert count(database, seen("a", "vest")) == 0
    assert settle(database, ended("a", "not_fashion", generation=0)) == 0
    assert items(database) == {"skirt": 1, ALL: 1}


def test_what_is_no_fashion_any_more_is_counted_no_more_and_may_come_back(
    database: Database,
) -> None:
    count(database, seen("a", "vest"), seen("b", "vest"))
    assert settle(database, ended("a", "not_fashion", generation=1)) == 1
    assert facts(database) == ["vest"]
    assert items(database) == {"vest": 1, ALL: 1}
    assert mark(database, "a").analysis_key is None
    assert count(database, seen("a", "vest", generation=2)) == 1
    assert items(database) == {"vest": 2, ALL: 2}


def test_an_analysis_that_fails_anew_leaves_what_was_known_and_says_why(
    database: Database,
) -> None:
    count(database, seen("a", "vest"))
    settle(database, ended("a", "failed", generation=1, reason="weights gone"))
    found = mark(database, "a")
    assert (found.outcome, found.reason, found.generation) == ("analyzed", "weights gone", 1)
    assert found.models == {"kd_tree": "1 000000000000"}
    assert items(database) == {"vest": 1, ALL: 1}
    count(database, seen("a", "skirt", generation=2, model="2"))
    assert mark(database, "a").reason is None
    assert items(database) == {"skirt": 1, ALL: 1}


def test_a_failed_photo_gives_way_only_to_its_own_generation_or_later(database: Database) -> None:
    settle(database, ended("a", "failed", generation=1))
    assert count(database, seen("a", "vest")) == 0
    assert count(database, seen("a", "skirt", generation=1, model="2")) == 1
    assert items(database) == {"skirt": 1, ALL: 1}


def test_an_author_over_the_cap_stays_over_it(database: Database) -> None:
    names = [str(number) for number in range(5)]
    count(database, *(seen(name, "vest", author="kim") for name in names))
    for name in names:
        count(database, seen(name, "skirt", generation=1, model="2", author="kim"))
        assert items(database)[ALL] == CAP
    assert items(database) == {"skirt": CAP, ALL: CAP}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fact)) == 5


def test_cells_that_nothing_is_left_in_are_gone(database: Database) -> None:
    """Else their week would stay the last one that has looks."""
    count(database, seen("a", "vest"))
    settle(database, ended("a", "not_fashion", generation=1))
    with database.reading() as session:
        assert session.scalars(select(Cell.looks)).all() == []

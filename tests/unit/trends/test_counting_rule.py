"""Which looks count, in which cells, how often; and that the order of messages is nothing to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from services.trends.cube import CellKey, PairKey
from services.trends.cube import count as count_looks
from services.trends.domain import look_of_message, style_of
from services.trends.recount import recount
from services.trends.rollup import count_photos, forget_photos, settle_photos
from shared.contracts.photos import AnalyzedPhoto, SettledPhoto
from shared.contracts.vocabulary import ALL, FAMILY_OF, GROUPS
from shared.records import Database
from shared.records.trends import (
    AuthorWeek,
    Cell,
    Fact,
    HarmonyCell,
    PairCell,
    Settlement,
    TrendWeek,
)
from shared.trend_figures import week_of
from tests.samples.looks import MONDAY, analyzed, photo, settled, weeks_later
from tests.samples.looks import photo_id as id_of

WEEK = MONDAY.date()
TABLES = (Settlement, Fact, AuthorWeek, Cell, PairCell, HarmonyCell, TrendWeek)
SEOUL = timezone(timedelta(hours=9))


def cells(database: Database) -> dict[CellKey, int]:
    with database.reading() as session:
        columns = (getattr(Cell, name) for name in CellKey._fields)
        rows = session.execute(select(*columns, Cell.looks))
        return {CellKey._make(key): looks for *key, looks in rows}


def levels(database: Database) -> dict[tuple[str, str], int]:
    """Looks by item and colour, whatever the pattern; without families."""
    return {
        (cell.item, cell.color): looks
        for cell, looks in cells(database).items()
        if cell.pattern == ALL and cell.item not in GROUPS
    }


def count(database: Database, *items: AnalyzedPhoto, cap: int = 3) -> int:
    return count_photos(database, items, author_cap=cap)


def test_a_look_counts_once_at_every_level(database: Database) -> None:
    count(
        database,
        analyzed(
            photo("a"),
            [("trousers", "black"), ("trousers", "black"), ("vest", "black"), ("vest", "red")],
        ),
    )
    assert levels(database) == {
        ("trousers", "black"): 1,
        ("vest", "black"): 1,
        ("vest", "red"): 1,
        ("trousers", ALL): 1,
        ("vest", ALL): 1,
        (ALL, "black"): 1,
        (ALL, "red"): 1,
        (ALL, ALL): 1,
    }


def test_every_garment_is_a_fact(database: Database) -> None:
    count(database, analyzed(photo("a", author="kim"), [("vest", "red"), ("vest", "red")]))
    with database.reading() as session:
        facts = session.scalars(select(Fact)).all()
    assert [(f.item, f.color, f.week, f.author, f.counted) for f in facts] == [
        ("vest", "red", WEEK, "kim", True)
    ] * 2


def test_a_photo_without_garments_is_settled_and_counts_nowhere(database: Database) -> None:
    assert count(database, analyzed(photo("a"), [])) == 1
    assert cells(database) == {}


def test_a_repost_is_kept_as_facts_and_is_no_new_look(database: Database) -> None:
    count(database, analyzed(photo("a")), analyzed(photo("b", repeats="a")))
    assert levels(database)[ALL, ALL] == 1
    with database.reading() as session:
        assert session.scalars(select(Fact.counted).order_by(Fact.counted)).all() == [False, True]


def test_an_author_counts_three_times_in_a_week(database: Database) -> None:
    count(database, *(analyzed(photo(f"a{i}", author="kim")) for i in range(5)))
    count(database, analyzed(photo("next", author="kim", posted_at=weeks_later(1))))
    assert cells(database)[CellKey(WEEK, ALL, "trousers", "black", "unknown", "street")] == 3
    assert (
        cells(database)[CellKey(week_of(weeks_later(1)), ALL, ALL, ALL, "unknown", "street")] == 1
    )


def test_an_author_over_the_cap_counts_in_no_cell_at_all(database: Database) -> None:
    """Whoever posts a hundred different garments a week is one voice, not a hundred."""
    items = ["vest", "skirt", "shorts", "sling", "trousers"]
    count(database, *(analyzed(photo(i, author="kim"), [(i, "red")]) for i in items))
    assert levels(database)[ALL, ALL] == 3
    assert sum(levels(database).get((item, ALL), 0) for item in items) == 3


def test_the_looks_of_an_author_with_the_smallest_ids_count(database: Database) -> None:
    made = sorted(
        (analyzed(photo(f"a{i}", author="kim")) for i in range(6)),
        key=lambda item: item.photo.photo_id,
    )
    for item in reversed(made):
        count(database, item)
    with database.reading() as session:
        counted = session.scalars(select(Fact.photo_id).where(Fact.counted)).all()
    assert sorted(counted) == [item.photo.photo_id for item in made[:3]]


def test_two_authors_and_the_unknown_do_not_share_a_cap(database: Database) -> None:
    count(database, *(analyzed(photo(f"a{i}", author="kim")) for i in range(4)))
    count(database, *(analyzed(photo(f"b{i}", author="lee")) for i in range(4)))
    count(database, *(analyzed(photo(f"c{i}")) for i in range(4)))
    assert levels(database)[ALL, ALL] == 3 + 3 + 4


def test_the_cap_is_a_setting(database: Database) -> None:
    count(database, *(analyzed(photo(f"a{i}", author="kim")) for i in range(5)), cap=1)
    assert levels(database)[ALL, ALL] == 1


def test_a_look_counts_once_in_its_family_and_in_its_patterns(database: Database) -> None:
    count(
        database,
        analyzed(photo("a"), [("vest", "red", "striped"), ("sling", "red", "solid")]),
        analyzed(photo("b"), [("vest", "red", None)]),
    )
    found = {(c.pattern, c.item, c.color): looks for c, looks in cells(database).items()}
    assert found[ALL, "top", "red"] == 2
    assert found[ALL, "top", ALL] == 2
    assert found["striped", "vest", "red"] == 1
    assert found["striped", ALL, ALL] == 1
    assert found["solid", "top", ALL] == 1
    assert ("striped", "sling", "red") not in found


def test_garments_worn_together_are_pairs(database: Database) -> None:
    worn = [("trousers", "black"), ("vest", "red"), ("vest", "white")]
    count(database, analyzed(photo("a"), worn), analyzed(photo("b"), worn[:2]))
    with database.reading() as session:
        columns = (getattr(PairCell, name) for name in PairKey._fields)
        rows = session.execute(select(*columns, PairCell.looks)).all()
    assert {tuple(row[1:5]): row[-1] for row in rows} == {
        ("vest", "red", "trousers", "black"): 2,
        ("vest", "white", "trousers", "black"): 1,
        ("vest", ALL, "trousers", ALL): 2,
    }


def test_a_look_has_one_harmony(database: Database) -> None:
    count(
        database,
        analyzed(photo("a"), [("trousers", "black"), ("vest", "red")]),
        analyzed(photo("b"), [("trousers", "blue_green"), ("vest", "red")]),
        analyzed(photo("c"), [("trousers", "black")]),
    )
    with database.reading() as session:
        rows = session.execute(select(HarmonyCell.harmony, HarmonyCell.looks)).all()
    assert dict(map(tuple, rows)) == {"neutral_accent": 1, "complementary": 1}


def test_an_analysis_by_another_model_takes_the_place_of_the_first(database: Database) -> None:
    ref, other = photo("a", author="kim"), photo("b", author="kim")
    count(database, analyzed(ref, [("vest", "red")]), analyzed(other))
    assert count(database, analyzed(ref, [("skirt", "red")], model="2")) == 1
    assert levels(database)["skirt", "red"] == 1
    assert ("vest", "red") not in levels(database)
    assert recount(database, author_cap=3) == []


def test_an_old_analysis_that_comes_late_does_not_come_back(database: Database) -> None:
    first, second = (analyzed(photo("a"), [(i, "red")], model=i) for i in ("vest", "skirt"))
    count(database, first)
    count(database, second)
    assert count(database, first) == 0
    assert ("vest", "red") not in levels(database)


def test_a_look_over_the_cap_moves_up_when_another_has_no_garment_any_more(
    database: Database,
) -> None:
    refs = sorted((photo(f"a{i}", author="kim") for i in range(4)), key=lambda ref: ref.photo_id)
    count(database, *(analyzed(ref) for ref in refs))
    count(database, analyzed(refs[0], [], model="2"))
    assert levels(database)[ALL, ALL] == 3
    assert recount(database, author_cap=3) == []


def test_photos_that_are_forgotten_leave_no_trace_in_the_counts(database: Database) -> None:
    made = [analyzed(photo(f"a{i}", author="kim"), [("vest", "red")]) for i in range(5)]
    count(database, *made, analyzed(photo("b")))
    with database.transaction() as session:
        ids = [item.photo.photo_id for item in made[:4]]
        session.execute(delete(Settlement).where(Settlement.photo_id.in_(ids)))
        forget_photos(database, session, ids, author_cap=3)
    assert levels(database)["vest", "red"] == 1
    assert recount(database, author_cap=3) == []


def test_every_change_of_a_week_is_noted(database: Database) -> None:
    def version() -> int | None:
        with database.reading() as session:
            return session.scalar(select(TrendWeek.version).where(TrendWeek.week == WEEK))

    count(database, analyzed(photo("a")))
    first = version()
    count(database, analyzed(photo("a")))
    assert version() == first
    count(database, analyzed(photo("b")))
    assert (first, version()) == (1, 2)


def test_style_and_source_are_cells_of_their_own(database: Database) -> None:
    count(
        database,
        analyzed(photo("a", source="street"), styles={"casual": 0.7, "street": 0.2}),
        analyzed(photo("b", source="shop")),
    )
    assert {(c.style, c.source) for c in cells(database)} == {
        ("casual", "street"),
        ("unknown", "shop"),
    }


def test_a_photo_that_comes_again_changes_nothing(database: Database) -> None:
    first = analyzed(photo("a", author="kim"))
    assert count(database, first, first) == 1
    before = cells(database)
    assert count(database, first) == 0
    assert cells(database) == before
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Fact)) == 1


def test_a_failed_photo_counts_when_its_retry_succeeds(database: Database) -> None:
    settle_photos(database, [settled(photo("a"), "failed", "truncated")], author_cap=3)
    assert count(database, analyzed(photo("a"))) == 1
    assert outcome(database) == ("analyzed", None)
    assert levels(database)[ALL, ALL] == 1


def test_a_failure_that_comes_late_does_not_undo_a_success(database: Database) -> None:
    count(database, analyzed(photo("a")))
    assert settle_photos(database, [settled(photo("a"), "failed", "late")], author_cap=3) == 0
    assert outcome(database) == ("analyzed", None)


def test_a_retry_that_fails_again_tells_the_newer_reason(database: Database) -> None:
    settle_photos(database, [settled(photo("a"), "failed", "first")], author_cap=3)
    settle_photos(database, [settled(photo("a"), "failed", "second")], author_cap=3)
    assert outcome(database) == ("failed", "second")


def test_a_photo_that_is_not_fashion_stays_so(database: Database) -> None:
    settle_photos(database, [settled(photo("a"))], author_cap=3)
    assert settle_photos(database, [settled(photo("a"), "failed", "late")], author_cap=3) == 0
    assert count(database, analyzed(photo("a"))) == 0
    assert outcome(database) == ("not_fashion", "p=0.02")
    assert cells(database) == {}


def test_what_cannot_be_counted_leaves_no_trace(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("services.trends.rollup.grow", torn)
    with pytest.raises(ZeroDivisionError):
        count(database, analyzed(photo("a")))
    with database.reading() as session:
        for table in TABLES:
            assert session.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (datetime(2026, 9, 7, 0, 0, tzinfo=UTC), date(2026, 9, 7)),
        (datetime(2026, 9, 13, 23, 59, 59, tzinfo=UTC), date(2026, 9, 7)),
        (datetime(2026, 9, 7, 8, 59, tzinfo=SEOUL), date(2026, 8, 31)),
        (datetime(2027, 1, 1, 12, tzinfo=UTC), date(2026, 12, 28)),
    ],
)
def test_a_week_begins_on_monday_at_midnight_utc(moment: datetime, monday: date) -> None:
    assert week_of(moment) == monday


def test_a_style_is_counted_as_often_as_it_is_probable():
    ids = [id_of(str(number)) for number in range(4000)]
    styles = {"vintage": 0.2, "casual": 0.5, "street": 0.3}
    counted = Counter(style_of(styles, name) for name in ids)
    assert {style: number / len(ids) for style, number in counted.items()} == pytest.approx(
        styles, abs=0.03
    )
    assert [style_of(styles, name) for name in ids] == [style_of(styles, name) for name in ids]


def test_the_lot_of_a_style_is_not_the_one_that_decides_about_the_cap():
    """Else the looks of an author that count would all be of the first styles."""
    kept = sorted(id_of(str(number)) for number in range(4000))[:400]
    counted = Counter(style_of({"casual": 0.5, "vintage": 0.5}, name) for name in kept)
    assert counted["casual"] == pytest.approx(200, abs=60)


def test_a_sure_style_is_the_style_and_none_is_unknown():
    name = id_of("a")
    assert style_of({"minimal": 1.0}, name) == "minimal"
    assert style_of({"minimal": 0.3}, name) == "minimal"
    assert style_of({}, name) == "unknown"
    assert style_of({"not in the vocabulary": 0.9}, name) == "unknown"


WORN = st.tuples(
    st.sampled_from(["vest", "sling", "skirt"]),
    st.sampled_from(["red", "black"]),
    st.sampled_from([None, "solid", "striped", "not in the vocabulary"]),
)


@st.composite
def photos(draw: st.DrawFn) -> list[AnalyzedPhoto]:
    """Photos of so few authors, weeks and garments that many meet in the same cells."""

    def few(*choices: Any) -> st.SearchStrategy[Any]:
        return st.sampled_from(choices[: draw(st.integers(1, len(choices)))])

    authors, sources, weeks = few("kim", None, "lee"), few("street", "shop"), few(0, 1)
    repeated, looks = few(None, None, None, "0", "3"), few({}, {"casual": 0.9})
    made = []
    for index in range(draw(st.integers(1, 12))):
        ref = photo(
            str(index),
            repeats=draw(repeated),
            author=draw(authors),
            source=draw(sources),
            posted_at=weeks_later(draw(weeks), days=draw(st.integers(0, 6))),
        )
        styles = draw(looks)
        made.append(analyzed(ref, draw(st.lists(WORN, max_size=3)), styles=styles))
    return made


Delivery = list[AnalyzedPhoto] | list[SettledPhoto]


@st.composite
def deliveries(draw: st.DrawFn, made: Sequence[AnalyzedPhoto]) -> list[Delivery]:
    """Messages in any order and grouping, some more than once, failures before and after."""
    parts = draw(st.permutations([*made, *draw(st.lists(st.sampled_from(made), max_size=8))]))
    messages: list[Delivery] = []
    while parts:
        size = draw(st.integers(1, 6))
        messages.append(list(parts[:size]))
        parts = parts[size:]
    for item in draw(st.lists(st.sampled_from(made), max_size=4)):
        late = draw(st.integers(0, len(messages)))
        messages.insert(late, [settled(item.photo, "failed", "killed")])
    return messages


def deliver(database: Database, messages: list[Delivery], cap: int) -> None:
    for message in messages:
        if isinstance(message[0], AnalyzedPhoto):
            count_photos(database, message, author_cap=cap)
        else:
            settle_photos(database, message, author_cap=3)


def by_the_definition(made: Sequence[AnalyzedPhoto], cap: int) -> dict[CellKey, int]:
    """The rule in other words: each author's first looks, then the looks of each cell."""
    looks: dict[tuple[Any, ...], dict[str, AnalyzedPhoto]] = defaultdict(dict)
    for item in made:
        ref = item.photo
        if ref.photo_id == ref.look_id and item.garments:
            monday = ref.posted_at.date() - timedelta(days=ref.posted_at.weekday())
            looks[monday, ref.source, ref.author or ref.photo_id][ref.photo_id] = item
    wearers: dict[CellKey, set[str]] = defaultdict(set)
    for (monday, source, _), authors in looks.items():
        for photo_id in sorted(authors)[:cap]:
            item = authors[photo_id]
            style = max(item.styles, default="unknown")
            for garment in item.garments:
                levels = product(
                    {garment.pattern, ALL} - {None, "not in the vocabulary"},
                    {garment.category, FAMILY_OF[garment.category], ALL},
                    {garment.basic, ALL},
                )
                for level in levels:
                    key = CellKey(monday, *level, style, source)
                    wearers[key].add(photo_id)
    return {cell: len(looks) for cell, looks in wearers.items()}


@pytest.fixture
def emptied(database: Database) -> Callable[[], Database]:
    def empty() -> Database:
        with database.transaction() as session:
            for table in TABLES:
                session.execute(delete(table))
        return database

    return empty


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), made=photos(), cap=st.integers(1, 3))
def test_any_order_and_redelivery_give_the_counts_of_the_definition(
    emptied: Callable[[], Database], data: st.DataObject, made: list[AnalyzedPhoto], cap: int
) -> None:
    database = emptied()
    deliver(database, data.draw(deliveries(made)), cap)
    assert cells(database) == by_the_definition(made, cap)
    assert recount(database, author_cap=cap) == []


@settings(deadline=None)
@given(garments=st.lists(WORN, max_size=6))
def test_levels_of_a_look_are_consistent(garments: list[tuple[str, ...]]) -> None:
    found = count_looks([look_of_message(analyzed(photo("a"), garments))]).cells
    assert set(found.values()) <= {1}
    whole = {(c.item, c.color) for c in found if c.pattern == ALL}
    assert bool(garments) == ((ALL, ALL) in whole)
    assert {item for item, color in whole if color != ALL and item not in (*GROUPS, ALL)} == {
        item for item, *_ in garments
    }


def outcome(database: Database) -> tuple[str, str | None]:
    with database.reading() as session:
        mark = session.scalars(select(Settlement)).one()
        return mark.outcome, mark.reason

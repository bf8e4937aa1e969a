"""What the most liked authors wear is told apart, and only where it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.trends.leaders import refresh_leaders
from services.trends.rollup import count_photos
from shared.records import Database
from shared.records.ingestion import Photo, Post
from shared.records.trend_queries import TrendQuery
from shared.records.trend_reader import TrendReader
from shared.trend_figures import TrendRow, week_of
from tests.samples.looks import analyzed, photo, photo_id, weeks_later

TODAY = week_of(weeks_later(6))


def posts(database: Database, *, likes: bool) -> None:
    """Forty authors post thrice before the weeks that are told; four of them are liked."""
    with database.transaction() as session:
        for author in range(40):
            for at in range(3):
                name = f"old{author}-{at}"
                session.add(stored(name))
                session.flush()
                session.add(
                    Post(
                        post_id=name,
                        photo_id=photo_id(name),
                        source="street",
                        author=f"a{author}",
                        posted_at=weeks_later(-3 - at),
                        hashtags=[],
                        likes=(1000 if author < 4 else 10) if likes else None,
                    )
                )


def stored(name: str) -> Photo:
    ref = photo(name)
    return Photo(
        photo_id=ref.photo_id, key=ref.key, width=ref.width, height=ref.height,
        perceptual_hash=0, fine_hash=bytes(32), look_id=ref.look_id, posted_at=ref.posted_at,
        source=ref.source, received_at=datetime.now(UTC),
    )  # fmt: skip


def looks(database: Database) -> None:
    """Five weeks in which the liked four wear pink skirts, and the others black trousers."""
    made = [
        analyzed(
            photo(f"{author}-{week}-{at}", author=f"a{author}", posted_at=weeks_later(week)),
            [("skirt", "pink")] if author < 4 else [("trousers", "black")],
        )
        for week in range(1, 6)
        for author in range(40)
        for at in range(2)
    ]
    count_photos(database, made, author_cap=3)


def rows(database: Database, reader: TrendReader) -> dict[tuple[str, ...], TrendRow]:
    with database.reading() as session:
        table = reader.read(session, TrendQuery(by=("item",)), today=TODAY)
    return {row.values: row for row in table.rows}


def test_what_the_most_liked_wear_first_is_told(database: Database) -> None:
    posts(database, likes=True)
    looks(database)
    reader = TrendReader()
    assert rows(database, reader)["skirt",].figures.early is None
    assert refresh_leaders(database, today=TODAY + timedelta(days=1)) > 0
    early = rows(database, reader)["skirt",].figures.early
    assert early is not None
    assert early.share == 1.0
    assert early.q_value is not None
    assert early.q_value < 0.01
    others = rows(database, reader)["trousers",].figures.early
    assert others is not None
    assert others.share == 0.0


def test_without_likes_there_is_no_early_signal(database: Database) -> None:
    posts(database, likes=False)
    looks(database)
    assert refresh_leaders(database, today=TODAY) == 0
    assert rows(database, TrendReader())["skirt",].figures.early is None

"""Facts as Parquet in the object store: one file a week, always what the database holds.

``facts/week=2026-09-07/facts.parquet`` is rewritten whole when the week's version has changed: by
new photos, by a deletion, by an analysis anew. So a message that comes twice, a crash between two
steps and a deletion all leave exactly the facts of the database, in the order of photo and fact.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from typing import IO, TYPE_CHECKING, Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.records import Database
from shared.records.trends import Fact, TrendWeek
from shared.storage import ObjectStore
from shared.storage.keys import facts_key

if TYPE_CHECKING:
    from arro3.core import RecordBatch, Schema

ROWS: Final = 100_000
"""Facts of a row group."""
_EPOCH: Final = date(1970, 1, 1)
_COLUMNS: Final = (
    Fact.photo_id,
    Fact.look_id,
    Fact.week,
    Fact.item,
    Fact.color,
    Fact.color_name,
    Fact.hex,
    Fact.pattern,
    Fact.style,
    Fact.source,
    Fact.author,
    Fact.score,
    Fact.counted,
)
_NULLABLE: Final = {"pattern", "author"}


def export_facts(database: Database, storage: ObjectStore) -> int:
    """Write every week whose facts have changed since it was written; return how many those were.

    Raises RetryableError where the database or the store is away; what was written stays.
    """
    with database.reading() as session:
        changed = session.scalars(
            select(TrendWeek.week)
            .where(TrendWeek.version != TrendWeek.exported)
            .order_by(TrendWeek.week)
        ).all()
    for week in changed:
        with database.transaction() as session:
            # One writer a time: an older state must not come over a newer one.
            database.alone(session, "mapsi-parquet")
            _export_week(session, storage, week)
    return len(changed)


def _export_week(session: Session, storage: ObjectStore, week: date) -> None:
    # Read first: what is counted meanwhile makes the version another, and the week is due again.
    version = session.scalar(select(TrendWeek.version).where(TrendWeek.week == week))
    with tempfile.TemporaryFile() as file:
        if write_week(session, week, file):
            file.seek(0)
            content_type = "application/vnd.apache.parquet"
            storage.put(facts_key(week), file.read(), content_type=content_type)
        else:
            storage.delete(facts_key(week))
    session.execute(update(TrendWeek).where(TrendWeek.week == week).values(exported=version))


def write_week(session: Session, week: date, file: IO[bytes]) -> bool:
    """Write a week's facts to ``file``; return False, and write nothing, where there are none."""
    from arro3.core import RecordBatchReader
    from arro3.io import write_parquet

    rows = session.execute(
        select(*_COLUMNS)
        .where(Fact.week == week)
        .order_by(Fact.photo_id, Fact.fact_id)
        .execution_options(yield_per=ROWS)
    )
    parts = rows.partitions(ROWS)
    first = next(parts, None)
    if first is None:
        return False
    schema = _schema()

    def batches() -> Iterator[RecordBatch]:
        yield _batch(first, schema)
        for part in parts:
            yield _batch(part, schema)

    reader = RecordBatchReader.from_batches(schema, batches())
    write_parquet(reader, file, compression="zstd(3)")
    return True


def _schema() -> Schema:
    from arro3.core import DataType, Field, Schema

    special = {
        "week": DataType.date32(),
        "score": DataType.float64(),
        "counted": DataType.bool(),
    }
    return Schema(
        [
            Field(
                column.name,
                special.get(column.name, DataType.string()),
                nullable=column.name in _NULLABLE,
            )
            for column in _COLUMNS
        ]
    )


def _batch(rows: Sequence[Any], schema: Schema) -> RecordBatch:
    from arro3.core import Array, DataType, RecordBatch

    arrays = []
    for column, values in zip(_COLUMNS, zip(*rows, strict=True), strict=True):
        kind = schema.field(column.name).type
        if column.name == "week":
            days = [(week - _EPOCH).days for week in values]
            arrays.append(Array(days, type=DataType.int32()).cast(kind))
        else:
            arrays.append(Array(list(values), type=kind))
    return RecordBatch.from_arrays(arrays, schema=schema)

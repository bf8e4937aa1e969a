"""Alembic's entry: migrations run inside the transaction that ``records.upgrade`` opened."""

from alembic import context

from shared.records import every  # noqa: F401  (its tables)
from shared.records.base import Base, UtcDateTime

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=lambda kind, item, _: (
        "sa.DateTime(timezone=True)" if isinstance(item, UtcDateTime) else False
    ),
)
context.run_migrations()

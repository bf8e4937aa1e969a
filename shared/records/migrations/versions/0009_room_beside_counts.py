"""Room in the pages of the counts, so that PostgreSQL changes a count beside its old value"""

from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = ("cells", "pair_cells", "harmony_cells", "author_weeks")


def upgrade() -> None:
    # A large batch changes most counts of a week, each as a new row. In a full page there is no
    # place for it: it goes to another page, and into the index once more.
    _fill(50)


def downgrade() -> None:
    _fill(100)


def _fill(percent: int) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")

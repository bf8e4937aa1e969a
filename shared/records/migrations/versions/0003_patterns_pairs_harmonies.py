"""Patterns, families, pairs and harmonies in the weekly counts

Cells are derived: they start empty, and the first worker of trends counts them from the facts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _cells(name: str, **columns: int) -> None:
    """Make a table of looks by week and ``columns``, each with its length."""
    op.create_table(
        name,
        sa.Column("week", sa.Date(), nullable=False),
        *(
            sa.Column(column, sa.String(length=length), nullable=False)
            for column, length in columns.items()
        ),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("week", *columns, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    op.drop_table("author_cells")
    op.drop_table("cells")
    _cells("cells", pattern=16, item=32, color=16, style=16, source=64)
    _cells("pair_cells", item=32, color=16, other_item=32, other_color=16, source=64)
    _cells("harmony_cells", harmony=16, style=16, source=64)
    _cells("leader_cells", item=32, color=16, source=64)
    op.create_table(
        "author_weeks",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("week", "source", "author", name=op.f("pk_author_weeks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trend_weeks",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("exported", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_trend_weeks")),
    )
    with op.batch_alter_table("settlements") as batch_op:
        batch_op.add_column(sa.Column("superseded", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("settlements") as batch_op:
        batch_op.drop_column("superseded")
    for name in (
        "trend_weeks",
        "author_weeks",
        "leader_cells",
        "harmony_cells",
        "pair_cells",
        "cells",
    ):
        op.drop_table(name)
    _cells("cells", item=32, color=16, style=16, source=64)
    _cells("author_cells", item=32, color=16, style=16, source=64, author=32)

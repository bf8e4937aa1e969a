"""Jobs that wait for a GPU: whose they are, their order, their lease; and each requester's share"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    with op.batch_alter_table("jobs") as batch_op:
        for column in _columns():
            batch_op.add_column(column)
    # What was recorded so far were boards: they wait for nothing, and need no wish kept here.
    op.execute("UPDATE jobs SET created_at = updated_at, deadline = updated_at")
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.alter_column("created_at", existing_type=sa.DateTime(True), nullable=False)
        batch_op.alter_column("deadline", existing_type=sa.DateTime(True), nullable=False)
        batch_op.create_index("ix_jobs_state_updated_at", ["state", "updated_at"])
    op.create_table(
        "gpu_shares",
        sa.Column("requester", sa.String(length=64), nullable=False),
        sa.Column("pictures", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("requester", name=op.f("pk_gpu_shares")),
    )


def downgrade() -> None:
    op.drop_table("gpu_shares")
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.drop_index("ix_jobs_state_updated_at")
        for column in reversed(_columns()):
            batch_op.drop_column(column.name)


def _columns() -> list[sa.Column[Any]]:
    def needed(name: str, kind: sa.types.TypeEngine[Any], default: str) -> sa.Column[Any]:
        return sa.Column(name, kind, nullable=False, server_default=sa.text(default))

    return [
        needed("preview", sa.Boolean(), "false"),
        needed("requester", sa.String(length=64), "''"),
        needed("priority", sa.String(length=16), "'interactive'"),
        needed("wish", sa.JSON(), "'{}'"),
        sa.Column("parent", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        needed("kin", sa.String(length=120), "''"),
        needed("pictures", sa.Integer(), "1"),
        needed("attempt", sa.Integer(), "0"),
        needed("stress", sa.JSON(), "'[]'"),
        needed("reviews", sa.JSON(), "'[]'"),
        sa.Column("batch", sa.String(length=32), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        needed("losses", sa.Integer(), "0"),
        needed("cost", sa.Float(), "0"),
        needed("seconds", sa.Float(), "0"),
    ]

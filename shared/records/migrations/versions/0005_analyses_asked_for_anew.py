"""Analyses asked for anew: which generation a photo is in, and which the ledger has seen"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for table in ("photos", "settlements"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(
                sa.Column("generation", sa.Integer(), nullable=False, server_default="0")
            )


def downgrade() -> None:
    for table in ("settlements", "photos"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("generation")

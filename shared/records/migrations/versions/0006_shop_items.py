"""Shops' feeds and their items"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("photos", "settlements"):
        op.add_column(
            table,
            sa.Column("catalogued", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        )
    op.create_table(
        "shop_feeds",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=True),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_ko", sa.Text(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_shop_feeds")),
    )
    op.create_index(op.f("ix_shop_feeds_due_at"), "shop_feeds", ["due_at"])
    op.create_table(
        "shop_items",
        sa.Column("item_id", sa.String(length=24), nullable=False),
        sa.Column("feed", sa.String(length=64), nullable=False),
        sa.Column("offer_id", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("offer", sa.JSON(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("image", sa.Text(), nullable=False),
        sa.Column("photo_state", sa.String(length=16), nullable=False),
        sa.Column("photo_attempts", sa.Integer(), nullable=False),
        sa.Column("photo_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("photo_error", sa.Text(), nullable=True),
        sa.Column("photo_error_ko", sa.Text(), nullable=True),
        sa.Column("photo_id", sa.String(length=64), nullable=True),
        sa.Column("seen", sa.String(length=255), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("garment", sa.Integer(), nullable=True),
        sa.Column("looks", sa.JSON(), nullable=False),
        sa.Column("embedding", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_shop_items")),
    )
    op.create_index("ix_shop_items_feed_offer_id", "shop_items", ["feed", "offer_id"], unique=True)
    op.create_index("ix_shop_items_feed_version", "shop_items", ["feed", "version"])
    op.create_index(op.f("ix_shop_items_photo_id"), "shop_items", ["photo_id"])
    op.create_index(
        "ix_shop_items_waiting",
        "shop_items",
        ["feed", "photo_due_at"],
        sqlite_where=sa.text("photo_state = 'waiting'"),
        postgresql_where=sa.text("photo_state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("shop_items")
    op.drop_table("shop_feeds")
    for table in ("settlements", "photos"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("catalogued")

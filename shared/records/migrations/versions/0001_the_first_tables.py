"""The first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name=op.f("pk_answers")),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_keys_secret_hash")),
    )
    op.create_table(
        "author_cells",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("color", sa.String(length=16), nullable=False),
        sa.Column("style", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "week", "item", "color", "style", "source", "author", name=op.f("pk_author_cells")
        ),
    )
    op.create_table(
        "cells",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("color", sa.String(length=16), nullable=False),
        sa.Column("style", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("week", "item", "color", "style", "source", name=op.f("pk_cells")),
    )
    op.create_table(
        "facts",
        sa.Column("fact_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("photo_id", sa.String(length=64), nullable=False),
        sa.Column("look_id", sa.String(length=64), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("color", sa.String(length=16), nullable=False),
        sa.Column("color_name", sa.String(length=64), nullable=False),
        sa.Column("hex", sa.String(length=7), nullable=False),
        sa.Column("pattern", sa.String(length=16), nullable=True),
        sa.Column("style", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_facts")),
    )
    with op.batch_alter_table("facts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_facts_photo_id"), ["photo_id"], unique=False)
        batch_op.create_index("ix_facts_week_item_color", ["week", "item", "color"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("result_key", sa.String(length=255), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_jobs")),
    )
    op.create_table(
        "photos",
        sa.Column("photo_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("perceptual_hash", sa.BigInteger(), nullable=False),
        sa.Column("fine_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("look_id", sa.String(length=64), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("buried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("buried_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_photos")),
    )
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.create_index(
            "ix_photos_buried_at",
            ["buried_at"],
            unique=False,
            sqlite_where=sa.text("buried_at IS NOT NULL"),
            postgresql_where=sa.text("buried_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_photos_look_id"), ["look_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_photos_published_at"), ["published_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_photos_received_at"), ["received_at"], unique=False)
        batch_op.create_index(
            "ix_photos_open",
            ["published_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL AND buried_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND buried_at IS NULL"),
        )

    op.create_table(
        "refusals",
        sa.Column("refusal_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_ko", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("refusal_id", name=op.f("pk_refusals")),
    )
    with op.batch_alter_table("refusals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_refusals_source_refused_at", ["source", "refused_at"], unique=False
        )
        batch_op.create_index("ix_refusals_source_name", ["source", "name"], unique=False)

    op.create_table(
        "settlements",
        sa.Column("photo_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("fashion", sa.Float(), nullable=True),
        sa.Column("analysis_key", sa.String(length=255), nullable=True),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_settlements")),
    )
    op.create_table(
        "uploads",
        sa.Column("photo_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("object_key", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publications", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("photo_id", "key_id", name=op.f("pk_uploads")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_uploads_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            "ix_uploads_key_id_created_at", ["key_id", "created_at"], unique=False
        )

    op.create_table(
        "wishes",
        sa.Column("job_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publications", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_wishes")),
    )
    with op.batch_alter_table("wishes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wishes_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_wishes_key_id"), ["key_id"], unique=False)

    op.create_table(
        "posts",
        sa.Column("post_id", sa.String(length=64), nullable=False),
        sa.Column("photo_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("author", sa.String(length=32), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hashtags", sa.JSON(), nullable=False),
        sa.Column("likes", sa.Integer(), nullable=True),
        sa.Column("licence", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["photos.photo_id"], name=op.f("fk_posts_photo_id_photos")
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_posts")),
    )
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posts_author"), ["author"], unique=False)
        batch_op.create_index(batch_op.f("ix_posts_photo_id"), ["photo_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posts_photo_id"))
        batch_op.drop_index(batch_op.f("ix_posts_author"))

    op.drop_table("posts")
    with op.batch_alter_table("wishes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wishes_key_id"))
        batch_op.drop_index(batch_op.f("ix_wishes_created_at"))

    op.drop_table("wishes")
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.drop_index("ix_uploads_key_id_created_at")
        batch_op.drop_index(batch_op.f("ix_uploads_created_at"))

    op.drop_table("uploads")
    op.drop_table("settlements")
    with op.batch_alter_table("refusals", schema=None) as batch_op:
        batch_op.drop_index("ix_refusals_source_name")
        batch_op.drop_index("ix_refusals_source_refused_at")

    op.drop_table("refusals")
    with op.batch_alter_table("photos", schema=None) as batch_op:
        batch_op.drop_index("ix_photos_open")
        batch_op.drop_index(batch_op.f("ix_photos_received_at"))
        batch_op.drop_index(batch_op.f("ix_photos_published_at"))
        batch_op.drop_index(batch_op.f("ix_photos_look_id"))
        batch_op.drop_index("ix_photos_buried_at")

    op.drop_table("photos")
    op.drop_table("jobs")
    with op.batch_alter_table("facts", schema=None) as batch_op:
        batch_op.drop_index("ix_facts_week_item_color")
        batch_op.drop_index(batch_op.f("ix_facts_photo_id"))

    op.drop_table("facts")
    op.drop_table("cells")
    op.drop_table("author_cells")
    op.drop_table("api_keys")
    op.drop_table("answers")

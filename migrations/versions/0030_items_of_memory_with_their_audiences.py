"""Items of memory with their audiences, consents, and how far each room was read."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0040"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "audiences",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "user_id", name=op.f("pk_audiences")),
    )
    op.create_index(op.f("ix_audiences_user_id_id"), "audiences", ["user_id", "id"])

    op.create_table(
        "forgotten",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forgotten")),
    )
    op.create_table(
        "consents",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("observe", sa.Boolean(), nullable=False),
        sa.Column("remember", sa.Boolean(), nullable=False),
        sa.Column("infer", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_consents_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_consents")),
    )
    op.create_table(
        "items",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("room_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("corrects_id", sa.String(length=64), nullable=True),
        sa.Column("audience_id", sa.String(length=64), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("embedding", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["corrects_id"], ["items.id"], name=op.f("fk_items_corrects_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_items_room_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subject_id"], ["users.id"], name=op.f("fk_items_subject_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_items")),
        sa.UniqueConstraint("id", name=op.f("uq_items_id")),
    )
    op.create_index(op.f("ix_items_audience_id_at"), "items", ["audience_id", "at"])
    op.create_index(op.f("ix_items_corrects_id"), "items", ["corrects_id"])
    op.create_index(op.f("ix_items_public_at"), "items", ["public", "at"])
    op.create_index(op.f("ix_items_room_id"), "items", ["room_id"])
    op.create_index(op.f("ix_items_subject_id_at"), "items", ["subject_id", "at"])

    op.create_table(
        "remembered",
        sa.Column("room_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_remembered_room_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_remembered")),
    )
    # What was said before anybody was told that it is remembered is not read for it.
    op.execute("INSERT INTO remembered (room_id, seq) SELECT id, head FROM rooms")
    op.create_table(
        "item_replaces",
        sa.Column("newer_id", sa.String(length=64), nullable=False),
        sa.Column("older_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["newer_id"], ["items.id"], name=op.f("fk_item_replaces_newer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["older_id"], ["items.id"], name=op.f("fk_item_replaces_older_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("newer_id", "older_id", name=op.f("pk_item_replaces")),
    )
    op.create_index(op.f("ix_item_replaces_older_id"), "item_replaces", ["older_id"])

    op.create_table(
        "item_sources",
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_item_sources_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "message_id", name=op.f("pk_item_sources")),
    )
    op.create_index(op.f("ix_item_sources_message_id"), "item_sources", ["message_id"])


def downgrade() -> None:
    op.drop_table("item_sources")

    op.drop_table("item_replaces")
    op.drop_table("remembered")

    op.drop_table("items")
    op.drop_table("consents")
    op.drop_table("forgotten")

    op.drop_table("audiences")

"""Tokens in a table of their own: several a person, each with its end; tickets; invites that end."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision: str = "0050"
down_revision: str | None = "0031"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LASTS = timedelta(days=90)
"""What the tokens of before get; each use renews it."""
INVITES_LAST = timedelta(days=7)


def upgrade() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lasts", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
    )
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"])
    op.create_index(op.f("ix_tokens_revoked_at"), "tokens", ["revoked_at"])
    op.create_table(
        "tickets",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_tickets_token_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tickets")),
    )
    op.add_column("invites", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    _carry_over()
    with op.batch_alter_table("users") as users:
        users.drop_constraint("uq_users_token_hash", type_="unique")
        users.drop_column("token_hash")
    with op.batch_alter_table("invites") as invites:
        invites.alter_column("expires_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def _carry_over() -> None:
    """Whoever had a token or a code keeps it: from now on it ends."""
    bind = op.get_bind()
    (now,) = bind.execute(sa.select(sa.func.current_timestamp())).one()
    users = sa.table("users", sa.column("id"), sa.column("token_hash"), sa.column("at", sa.DateTime(timezone=True)))
    tokens = sa.table(
        "tokens",
        *map(sa.column, ("id", "hash", "user_id", "label", "lasts")),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("expires_at", sa.DateTime(timezone=True)),
    )
    # The id is made of the hash, and a hash of 256 random bits tells nothing of what it was made of.
    ident = sa.func.substr(users.c.token_hash, 1, 16)
    ends = sa.literal(now + LASTS, sa.DateTime(timezone=True))
    lasts = sa.literal(int(LASTS.total_seconds()), sa.Integer())
    old = sa.select(ident, users.c.token_hash, users.c.id, sa.literal("", sa.String()), lasts, users.c.at, ends)
    bind.execute(sa.insert(tokens).from_select([c.name for c in tokens.c], old))
    invites = sa.table("invites", sa.column("expires_at", sa.DateTime(timezone=True)))
    bind.execute(sa.update(invites).values(expires_at=now + INVITES_LAST))

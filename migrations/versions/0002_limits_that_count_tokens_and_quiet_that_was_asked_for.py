"""Tokens of each run, for the limit of a day, and the quiet that a member asked an agent for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("quiet", sa.Text(), nullable=True))
    # Runs of before this counted none: the limit is about one day, and that day ends.
    op.add_column("runs", sa.Column("tokens", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_runs_room_id_agent_id_at"), "runs", ["room_id", "agent_id", "at"])

"""What an agent learned from people's verdicts, in every version that was ever in force."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("learned", sa.Text(), nullable=True))
    op.create_table(
        "refits",
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_refits_agent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", "version", name=op.f("pk_refits")),
    )
    op.create_index(op.f("ix_runs_message_id"), "runs", ["message_id"])

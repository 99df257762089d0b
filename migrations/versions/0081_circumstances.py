"""Under which circumstances an item holds, as a model put it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0081"
down_revision: str | None = "0080"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("items", sa.Column("circumstance", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("items", "circumstance")

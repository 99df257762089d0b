"""The newest items that a room may hear, by an index alone."""

from collections.abc import Sequence

from alembic import op

revision: str = "0031"
down_revision: str | None = "0070"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "ix_items_at_id_kind_audience_id_public_subject_id"


def upgrade() -> None:
    op.create_index(NAME, "items", ["at", "id", "kind", "audience_id", "public", "subject_id"])


def downgrade() -> None:
    op.drop_index(NAME, "items")

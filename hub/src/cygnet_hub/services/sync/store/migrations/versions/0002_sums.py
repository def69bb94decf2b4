"""Checksums of blocks, with which every read is verified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version of the tables; `cygnet admin scrub` adds the checksums of older extents."""
    op.add_column("extent", sa.Column("sums", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("extent", "sums")

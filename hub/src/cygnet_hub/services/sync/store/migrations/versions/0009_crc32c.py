"""Checksums of blocks are CRC-32C from now on; a service of before must not take them for damage."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version of the tables; those of older extents stay as they are, and are still compared."""


def downgrade() -> None:
    """Go back to the version before: `cygnet admin scrub` computes again what is forgotten here."""
    op.execute("UPDATE extent SET sums = NULL WHERE length(sums) % 4 = 1")

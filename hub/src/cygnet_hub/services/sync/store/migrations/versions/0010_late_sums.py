"""An index of the contents whose checksums are still to be computed; it is empty most of the time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_LACKS_SUMS = sa.text("md5 = ''")


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_index(
        "ix_manifest_unfinished",
        "manifest",
        ["id"],
        sqlite_where=_LACKS_SUMS,
        postgresql_where=_LACKS_SUMS,
    )


def downgrade() -> None:
    """Go back to the version before: it does without the checksums that are missing."""
    op.drop_index("ix_manifest_unfinished", table_name="manifest")

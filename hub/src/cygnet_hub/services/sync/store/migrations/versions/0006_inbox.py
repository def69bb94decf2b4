"""The inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_table(
        "notice",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("read", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("user", "subject", name=op.f("uq_notice_user")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_created"), "notice", ["created"])
    op.create_table(
        "inbox",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("user", name=op.f("uq_inbox_user")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("inbox")
    op.drop_index(op.f("ix_notice_created"), table_name="notice")
    op.drop_table("notice")

"""Logins that a program began and a person finishes in the browser."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_table(
        "login_flow",
        sa.Column("flow_hash", sa.String(length=64), nullable=False),
        sa.Column("poll_hash", sa.String(length=64), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("flow_hash", name=op.f("pk_login_flow")),
        sa.UniqueConstraint("poll_hash", name=op.f("uq_login_flow_poll_hash")),
    )


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_table("login_flow")

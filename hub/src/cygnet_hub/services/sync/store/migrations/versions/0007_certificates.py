"""Certificates of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_table(
        "certificate",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("by_administrator", sa.Boolean(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("used", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("subject", "issuer", name=op.f("uq_certificate_subject")),
    )
    op.create_index(op.f("ix_certificate_user"), "certificate", ["user"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index(op.f("ix_certificate_user"), table_name="certificate")
    op.drop_table("certificate")

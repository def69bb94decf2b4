"""The gallery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_table(
        "gallery",
        sa.Column("id", _ID, nullable=False),
        sa.Column("node", _ID, nullable=False),
        sa.Column("version", _ID, nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("published", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_gallery_node_node"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["version"], ["version.id"], name=op.f("fk_gallery_version_version"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery")),
        sa.UniqueConstraint("node", name=op.f("uq_gallery_node")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_gallery_author"), "gallery", ["author"])
    op.create_index(op.f("ix_gallery_version"), "gallery", ["version"])


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index(op.f("ix_gallery_version"), table_name="gallery")
    op.drop_index(op.f("ix_gallery_author"), table_name="gallery")
    op.drop_table("gallery")

"""Access keys of S3, and what S3 clients say of an object besides its bytes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_table(
        "access_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("temporary", sa.Boolean(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("used", sa.Float(), nullable=True),
        sa.Column("expires", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_key")),
    )
    op.create_index(op.f("ix_access_key_user"), "access_key", ["user"])
    op.create_table(
        "s3_object",
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["version.id"], name=op.f("fk_s3_object_version_version"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_s3_object")),
    )
    op.create_table(
        "s3_folder",
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["node"], ["node.id"], name=op.f("fk_s3_folder_node_node"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_s3_folder")),
    )
    op.add_column("upload_part", sa.Column("meta", sa.Text(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_column("upload_part", "meta")
    op.drop_table("s3_folder")
    op.drop_table("s3_object")
    op.drop_index(op.f("ix_access_key_user"), table_name="access_key")
    op.drop_table("access_key")

"""Groups of people, classes, and what is handed out, collected and given back in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_table(
        "group",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("members_visible", sa.String(length=16), nullable=False),
        sa.Column("joining", sa.String(length=16), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("space", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("in_hub", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("creator", sa.String(length=255), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["space"], ["space.id"], name=op.f("fk_group_space_space")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_group_code_hash")),
        sa.UniqueConstraint("name_key", name=op.f("uq_group_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "handout",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.Float(), nullable=True),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group"], ["group.id"], name=op.f("fk_handout_group_group"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handout")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_handout_group"), "handout", ["group"], unique=False)
    op.create_table(
        "membership",
        sa.Column("group", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group"], ["group.id"], name=op.f("fk_membership_group_group"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group", "user", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_user"), "membership", ["user"], unique=False)
    op.create_table(
        "handout_copy",
        sa.Column("handout", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("due", sa.Float(), nullable=True),
        sa.Column("opened", sa.Float(), nullable=True),
        sa.Column("collected", sa.Float(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handout"], ["handout.id"], name=op.f("fk_handout_copy_handout_handout"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("handout", "user", name=op.f("pk_handout_copy")),
    )
    op.create_index(op.f("ix_handout_copy_node"), "handout_copy", ["node"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handout", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.Float(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("returned", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handout"], ["handout.id"], name=op.f("fk_submission_handout_handout"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_submission_handout"), "submission", ["handout"], unique=False)


def downgrade() -> None:
    """Go back to the version before."""
    op.drop_index(op.f("ix_submission_handout"), table_name="submission")
    op.drop_table("submission")
    op.drop_index(op.f("ix_handout_copy_node"), table_name="handout_copy")
    op.drop_table("handout_copy")
    op.drop_index(op.f("ix_membership_user"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_handout_group"), table_name="handout")
    op.drop_table("handout")
    op.drop_table("group")

"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version of the tables."""
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("home_space", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=True),
        sa.Column("previous_until", sa.Float(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("used", sa.Float(), nullable=True),
        sa.Column("expires", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credential_previous_hash"), ["previous_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_credential_secret_hash"), ["secret_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_credential_user"), ["user"], unique=False)

    op.create_table(
        "extent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extent")),
        sa.UniqueConstraint("key", name=op.f("uq_extent_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "instance",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_instance")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("space", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("op", sa.String(length=16), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("folder", sa.Boolean(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("old_path", sa.Text(), nullable=True),
        sa.Column("old_lineage", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_space_seq", ["space", "seq"], unique=False)

    op.create_table(
        "manifest",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sha1", sa.String(length=40), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("adler32", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "space",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("root", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("quota", sa.BigInteger(), nullable=True),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("blocked_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("meta", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("touched", sa.Float(), nullable=False),
        sa.Column("result_node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("result_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("result_created", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", "user", name=op.f("pk_upload")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_touched"), ["touched"], unique=False)

    op.create_table(
        "manifest_piece",
        sa.Column("manifest", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("extent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["extent"], ["extent.id"], name=op.f("fk_manifest_piece_extent_extent")),
        sa.ForeignKeyConstraint(
            ["manifest"],
            ["manifest.id"],
            name=op.f("fk_manifest_piece_manifest_manifest"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("manifest", "position", name=op.f("pk_manifest_piece")),
    )
    with op.batch_alter_table("manifest_piece", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_manifest_piece_extent"), ["extent"], unique=False)

    op.create_table(
        "node",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("space", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("folder", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime", sa.Float(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("tree_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["node.id"], name=op.f("fk_node_parent_node")),
        sa.ForeignKeyConstraint(["space"], ["space.id"], name=op.f("fk_node_space_space")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
        sa.UniqueConstraint("parent", "name_key", name=op.f("uq_node_parent")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("node", schema=None) as batch_op:
        batch_op.create_index("ix_node_space_name", ["space", "name_key"], unique=False)

    op.create_table(
        "upload_part",
        sa.Column("upload", sa.String(length=255), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("extent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["extent"], ["extent.id"], name=op.f("fk_upload_part_extent_extent")),
        sa.PrimaryKeyConstraint("upload", "user", "name", name=op.f("pk_upload_part")),
    )
    with op.batch_alter_table("upload_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_part_extent"), ["extent"], unique=False)

    op.create_table(
        "favorite",
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["node"], ["node.id"], name=op.f("fk_favorite_node_node"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user", "node", name=op.f("pk_favorite")),
    )
    op.create_table(
        "lock",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("deep", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("owner_xml", sa.Text(), nullable=False),
        sa.Column("timeout", sa.Integer(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_lock_node_node"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_lock")),
    )
    with op.batch_alter_table("lock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lock_node"), ["node"], unique=False)

    op.create_table(
        "prop",
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("xml", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_prop_node_node"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("node", "namespace", "name", name=op.f("pk_prop")),
    )
    op.create_table(
        "share",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("initiator", sa.String(length=255), nullable=False),
        sa.Column("grantee", sa.String(length=255), nullable=False),
        sa.Column("permissions", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("expires", sa.Float(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_share_node_node"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_share_token_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_share_grantee"), ["grantee"], unique=False)
        batch_op.create_index(batch_op.f("ix_share_node"), ["node"], unique=False)
        batch_op.create_index(batch_op.f("ix_share_owner"), ["owner"], unique=False)

    op.create_table(
        "trash",
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("space", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_trash_node_node"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space"], ["space.id"], name=op.f("fk_trash_space_space")),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_trash")),
    )
    with op.batch_alter_table("trash", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trash_deleted"), ["deleted"], unique=False)
        batch_op.create_index(batch_op.f("ix_trash_space"), ["space"], unique=False)

    op.create_table(
        "version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("node", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("manifest", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime", sa.Float(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("author", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["manifest"], ["manifest.id"], name=op.f("fk_version_manifest_manifest")),
        sa.ForeignKeyConstraint(["node"], ["node.id"], name=op.f("fk_version_node_node"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_version_manifest"), ["manifest"], unique=False)
        batch_op.create_index(batch_op.f("ix_version_node"), ["node"], unique=False)

    op.create_table(
        "share_answer",
        sa.Column("share", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mount_name", sa.Text(), nullable=False),
        sa.Column("answered", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["share"], ["share.id"], name=op.f("fk_share_answer_share_share"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("share", "user", name=op.f("pk_share_answer")),
    )
    with op.batch_alter_table("share_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_share_answer_user"), ["user"], unique=False)


def downgrade() -> None:
    """Go back to the version before."""
    with op.batch_alter_table("share_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_share_answer_user"))

    op.drop_table("share_answer")
    with op.batch_alter_table("version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_version_node"))
        batch_op.drop_index(batch_op.f("ix_version_manifest"))

    op.drop_table("version")
    with op.batch_alter_table("trash", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trash_space"))
        batch_op.drop_index(batch_op.f("ix_trash_deleted"))

    op.drop_table("trash")
    with op.batch_alter_table("share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_share_owner"))
        batch_op.drop_index(batch_op.f("ix_share_node"))
        batch_op.drop_index(batch_op.f("ix_share_grantee"))

    op.drop_table("share")
    op.drop_table("prop")
    with op.batch_alter_table("lock", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lock_node"))

    op.drop_table("lock")
    op.drop_table("favorite")
    with op.batch_alter_table("upload_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_part_extent"))

    op.drop_table("upload_part")
    with op.batch_alter_table("node", schema=None) as batch_op:
        batch_op.drop_index("ix_node_space_name")

    op.drop_table("node")
    with op.batch_alter_table("manifest_piece", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_manifest_piece_extent"))

    op.drop_table("manifest_piece")
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_touched"))

    op.drop_table("upload")
    op.drop_table("throttle")
    op.drop_table("space")
    op.drop_table("manifest")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_space_seq")

    op.drop_table("journal")
    op.drop_table("instance")
    op.drop_table("extent")
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credential_user"))
        batch_op.drop_index(batch_op.f("ix_credential_secret_hash"))
        batch_op.drop_index(batch_op.f("ix_credential_previous_hash"))

    op.drop_table("credential")
    op.drop_table("account")

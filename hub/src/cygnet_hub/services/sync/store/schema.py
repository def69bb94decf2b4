"""Every table of the sync service; SQLAlchemy Core, the same for SQLite and PostgreSQL.

The tree is an adjacency list: no paths are stored, so a rename touches one row. Times are seconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# INTEGER and not BIGINT on SQLite: only that makes an alias of the row id, which counts by itself.
Id = BigInteger().with_variant(Integer, "sqlite")

#: One row a fact about this installation: "instance" (part of every etag and oc:id), "fingerprint"
#: (oc:data-fingerprint, changes after a restore from backup), "running:..." (one for each process).
instance = Table(
    "instance",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("display_name", Text, nullable=False, default=""),
    Column("home_space", Id, nullable=False),
    Column("created", Float, nullable=False),
)

#: A tree with one owner, one quota and one sequence of changes.
space = Table(
    "space",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False, default="home"),
    Column("owner", String(255), nullable=False),
    Column("root", Id, nullable=True),
    Column("seq", BigInteger, nullable=False, default=0),
    Column("quota", BigInteger, nullable=True),  # bytes; null: no limit
    # Bytes of every version that can still be had: current, old and in the trash.
    Column("stored", BigInteger, nullable=False, default=0),
    sqlite_autoincrement=True,
)

#: Files and folders. The root of a space, and a node in the trash, have no parent.
node = Table(
    "node",
    metadata,
    Column("id", Id, primary_key=True),
    Column("space", Id, ForeignKey("space.id"), nullable=False),
    Column("parent", Id, ForeignKey("node.id"), nullable=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # NFC of the name: what is compared
    Column("folder", Boolean, nullable=False),
    Column("version", Id, nullable=True),  # the current one; null for folders
    Column("size", BigInteger, nullable=False, default=0),  # of a folder: everything below
    Column("mtime", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("tree_seq", BigInteger, nullable=False),  # the last change of this node or below it
    UniqueConstraint("parent", "name_key"),
    sqlite_autoincrement=True,
)
Index("ix_node_space_name", node.c.space, node.c.name_key)

#: A run of bytes in storage that never changes.
extent = Table(
    "extent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created", Float, nullable=False),
    # CRC-32 of each block of 64 KiB, 4 bytes each, so that a read of any stretch is verified. The last
    # column, because the others are then read without it.
    Column("sums", LargeBinary, nullable=True),
    sqlite_autoincrement=True,
)

#: The contents of file versions: an ordered list of pieces of extents, shared by copies.
manifest = Table(
    "manifest",
    metadata,
    Column("id", Id, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False, default=""),
    Column("sha1", String(40), nullable=False, default=""),
    Column("md5", String(32), nullable=False, default=""),
    Column("adler32", String(8), nullable=False, default=""),
    sqlite_autoincrement=True,
)
#: Those of large contents whose checksums are still to be computed.
_LACKS_SUMS = text("md5 = ''")
Index("ix_manifest_unfinished", manifest.c.id, sqlite_where=_LACKS_SUMS, postgresql_where=_LACKS_SUMS)

manifest_piece = Table(
    "manifest_piece",
    metadata,
    Column("manifest", Id, ForeignKey("manifest.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("extent", Id, ForeignKey("extent.id"), nullable=False, index=True),
    Column("offset", BigInteger, nullable=False, default=0),
    Column("length", BigInteger, nullable=False),
)

#: What a file was or is. The row that node.version names is the current one, the others are its history.
version = Table(
    "version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("node", Id, ForeignKey("node.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("manifest", Id, ForeignKey("manifest.id"), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("author", String(255), nullable=False),
    sqlite_autoincrement=True,
)

#: Deleted nodes: the root of what was deleted and where it had been.
trash = Table(
    "trash",
    metadata,
    Column("node", Id, ForeignKey("node.id", ondelete="CASCADE"), primary_key=True),
    Column("space", Id, ForeignKey("space.id"), nullable=False, index=True),
    Column("parent", Id, nullable=False),
    Column("path", Text, nullable=False),  # in the space, when it was deleted
    Column("deleted", Float, nullable=False, index=True),
    Column("actor", String(255), nullable=False),
)

#: One row a change. `id` orders the changes of all spaces, `seq` those of one.
journal = Table(
    "journal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("space", Id, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("op", String(16), nullable=False),  # put mkdir move delete props share
    Column("node", Id, nullable=False),
    Column("folder", Boolean, nullable=False),
    Column("path", Text, nullable=False),  # in the space, at the time of the change
    Column("lineage", Text, nullable=False),  # ids from the space's root to the node: "/1/5/9/"
    Column("old_path", Text, nullable=True),
    Column("old_lineage", Text, nullable=True),
    Column("actor", String(255), nullable=False),
    Column("credential", Text, nullable=False, default=""),
    Column("created", Float, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_journal_space_seq", journal.c.space, journal.c.seq)

#: Dead properties (RFC 4918 section 4): kept as they came.
prop = Table(
    "prop",
    metadata,
    Column("node", Id, ForeignKey("node.id", ondelete="CASCADE"), primary_key=True),
    Column("namespace", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("xml", Text, nullable=False),  # the whole element
)

lock = Table(
    "lock",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("node", Id, ForeignKey("node.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("exclusive", Boolean, nullable=False),
    Column("deep", Boolean, nullable=False),
    Column("holder", String(255), nullable=False),
    Column("owner_xml", Text, nullable=False, default=""),
    Column("timeout", Integer, nullable=False),
    Column("expires", Float, nullable=False),
)

#: Uploads in parts. A finished one stays for a while so that a repeated last request gets the same answer.
upload = Table(
    "upload",
    metadata,
    Column("id", String(255), primary_key=True),  # chosen by the client for chunks, by us for TUS
    Column("user", String(255), primary_key=True),
    Column("kind", String(8), nullable=False),  # chunks | tus
    Column("target", Text, nullable=False, default=""),
    Column("total", BigInteger, nullable=True),
    Column("meta", Text, nullable=False, default="{}"),
    Column("created", Float, nullable=False),
    Column("touched", Float, nullable=False, index=True),
    Column("result_node", Id, nullable=True),  # set when finished
    Column("result_version", Id, nullable=True),
    Column("result_created", Boolean, nullable=False, default=False),
)

upload_part = Table(
    "upload_part",
    metadata,
    Column("upload", String(255), primary_key=True),
    Column("user", String(255), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("number", BigInteger, nullable=False),  # the leading integer of the name: the order
    Column("extent", Id, ForeignKey("extent.id"), nullable=True, index=True),  # null: no bytes
    Column("size", BigInteger, nullable=False),
    Column("meta", Text, nullable=False, server_default="{}"),  # digests of a part of an S3 upload
)

#: A share of a node with a user, a group, or whoever has the link.
share = Table(
    "share",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(8), nullable=False),  # user | group | link
    Column("node", Id, ForeignKey("node.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("owner", String(255), nullable=False, index=True),  # of the space
    Column("initiator", String(255), nullable=False),  # who shared it
    Column("grantee", String(255), nullable=False, default="", index=True),  # empty for a link
    Column("permissions", Integer, nullable=False),
    Column("token_hash", String(64), nullable=True, unique=True),
    Column("token", Text, nullable=True),  # shown again to the owner only
    Column("password_hash", Text, nullable=True),
    Column("expires", Float, nullable=True),
    Column("label", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("revision", Integer, nullable=False, default=0),  # unlocked sessions end when it changes
    Column("created", Float, nullable=False),
    sqlite_autoincrement=True,
)

#: What one person answered to a share, and under which name it is mounted in their Shares folder.
share_answer = Table(
    "share_answer",
    metadata,
    Column("share", Id, ForeignKey("share.id", ondelete="CASCADE"), primary_key=True),
    Column("user", String(255), primary_key=True, index=True),
    Column("state", String(16), nullable=False),  # pending | accepted | declined
    Column("mount_name", Text, nullable=False, default=""),
    Column("answered", Float, nullable=False),
)

#: App passwords and the credentials of notebook servers; only hashes are stored.
credential = Table(
    "credential",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),  # app-password | server
    Column("user", String(255), nullable=False, index=True),
    Column("secret_hash", String(64), nullable=False, index=True),
    Column("previous_hash", String(64), nullable=True, index=True),
    Column("previous_until", Float, nullable=True),
    Column("label", Text, nullable=False, default=""),
    Column("server", Text, nullable=False, default=""),
    Column("scopes", Text, nullable=False, default=""),  # separated by spaces
    Column("created", Float, nullable=False),
    Column("used", Float, nullable=True),
    Column("expires", Float, nullable=True),
)

#: Access keys of S3. Their secrets are nowhere: each is derived from the id and the instance's key.
access_key = Table(
    "access_key",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user", String(255), nullable=False, index=True),
    Column("label", Text, nullable=False, default=""),
    Column("scopes", Text, nullable=False),  # separated by spaces
    Column("folder", Text, nullable=True),  # path in the user's tree; null: all of it
    Column("source", Text, nullable=False, default=""),  # the credential without which it is worth nothing
    Column("temporary", Boolean, nullable=False, default=False),
    Column("created", Float, nullable=False),
    Column("used", Float, nullable=True),
    Column("expires", Float, nullable=True),
)

#: Whose certificates open whose files. `issuer` is empty where any accepted authority may have issued them.
certificate = Table(
    "certificate",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user", String(255), nullable=False, index=True),
    Column("subject", Text, nullable=False),  # RFC 4514
    Column("issuer", Text, nullable=False, default=""),
    Column("by_administrator", Boolean, nullable=False, default=False),
    Column("created", Float, nullable=False),
    Column("used", Float, nullable=True),
    UniqueConstraint("subject", "issuer"),
)

#: What S3 clients said of a file version besides its bytes; versions from other doors have no row.
s3_object = Table(
    "s3_object",
    metadata,
    Column("version", Id, ForeignKey("version.id", ondelete="CASCADE"), primary_key=True),
    Column("etag", String(64), nullable=False, default=""),  # of a multipart upload; else the MD5 is it
    Column("facts", Text, nullable=False),  # JSON: headers, metadata, checksums, parts, tags
)

#: Folders that are there only because the key of an object goes through them; they vanish with it.
s3_folder = Table(
    "s3_folder",
    metadata,
    Column("node", Id, ForeignKey("node.id", ondelete="CASCADE"), primary_key=True),
)

#: Wrong guesses by where they came from and what they were aimed at.
throttle = Table(
    "throttle",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("since", Float, nullable=False),
    Column("blocked_until", Float, nullable=False, default=0.0),
)

favorite = Table(
    "favorite",
    metadata,
    Column("user", String(255), primary_key=True),
    Column("node", Id, ForeignKey("node.id", ondelete="CASCADE"), primary_key=True),
)

#: Logins that a program began and a person finishes in the browser. `user` is set when they have agreed.
login_flow = Table(
    "login_flow",
    metadata,
    Column("flow_hash", String(64), primary_key=True),
    Column("poll_hash", String(64), nullable=False, unique=True),
    Column("client", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("user", String(255), nullable=True),
)

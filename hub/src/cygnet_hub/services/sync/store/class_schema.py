"""The tables of groups and classes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, String, Table, Text

from .schema import Id, metadata

#: A group of people that was made here. Groups of the hub's own are not in this table.
group = Table(
    "group",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # NFC, case folded: what is compared
    Column("about", Text, nullable=False, default=""),
    Column("visibility", String(16), nullable=False),  # everyone | members
    Column("members_visible", String(16), nullable=False),  # members | managers
    Column("joining", String(16), nullable=False),  # invitation | request | code
    Column("fields", Text, nullable=False, default="[]"),  # JSON: what a request to join must say
    Column("code_hash", String(64), nullable=True, unique=True),
    Column("code", Text, nullable=True),  # sealed; shown to who manages the group
    Column("space", Id, ForeignKey("space.id"), nullable=True),  # of a class
    Column("in_hub", Boolean, nullable=False, default=False),  # whether the hub has it, made by us
    Column("removed", Boolean, nullable=False, default=False),  # kept until the hub has forgotten it too
    Column("creator", String(255), nullable=False),
    Column("created", Float, nullable=False),
    sqlite_autoincrement=True,
)

#: Who is in a group, was invited, or asks to be let in.
membership = Table(
    "membership",
    metadata,
    Column("group", Id, ForeignKey("group.id", ondelete="CASCADE"), primary_key=True),
    Column("user", String(255), primary_key=True, index=True),
    Column("role", String(16), nullable=False),  # member | manager | admin
    Column("state", String(16), nullable=False),  # active | invited | requested
    Column("answers", Text, nullable=False, default="{}"),  # JSON, to the group's fields
    Column("since", Float, nullable=False),
)

#: What a teacher handed out in a class.
handout = Table(
    "handout",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group", Id, ForeignKey("group.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("mode", String(8), nullable=False),  # copy | read
    Column("source", Text, nullable=False),  # where it lay in the teacher's tree
    Column("revision", Integer, nullable=False),
    Column("deadline", Float, nullable=True),
    Column("author", String(255), nullable=False),
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    sqlite_autoincrement=True,
)

#: One student's copy of a handout.
handout_copy = Table(
    "handout_copy",
    metadata,
    Column("handout", Id, ForeignKey("handout.id", ondelete="CASCADE"), primary_key=True),
    Column("user", String(255), primary_key=True),
    Column("node", Id, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("due", Float, nullable=True),  # an extension; null: the deadline of all
    Column("opened", Float, nullable=True),
    Column("collected", Float, nullable=True),  # the deadline at which it was collected
    Column("notes", Text, nullable=False, default="[]"),  # JSON: what the last update did
)

#: What a student had when it was collected or handed in: never changed, and given back with a mark.
submission = Table(
    "submission",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handout", Id, ForeignKey("handout.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user", String(255), nullable=False),
    Column("node", Id, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("files", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("made", Float, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("mark", Text, nullable=False, default=""),
    Column("comment", Text, nullable=False, default=""),
    Column("returned", Float, nullable=True),
    sqlite_autoincrement=True,
)

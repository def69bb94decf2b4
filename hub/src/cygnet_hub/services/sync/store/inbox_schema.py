"""The tables of the inbox."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, String, Table, Text, UniqueConstraint

from .schema import Id, metadata

#: What a person should know; one row a subject, the last that was said about it.
notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("facts", Text, nullable=False, default="{}"),  # JSON
    Column("created", Float, nullable=False, index=True),
    Column("read", Boolean, nullable=False, default=False),
    UniqueConstraint("user", "subject"),
    sqlite_autoincrement=True,
)

#: The last change of each inbox: the row is written anew each time, so that ids tell what happened since.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user", String(255), nullable=False, unique=True),
    sqlite_autoincrement=True,
)

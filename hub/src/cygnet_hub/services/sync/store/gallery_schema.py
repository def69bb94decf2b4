"""The table of the gallery."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, String, Table, Text

from .schema import Id, metadata

#: A notebook that somebody shows to everybody: the version that it had when it was published.
gallery = Table(
    "gallery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("node", Id, ForeignKey("node.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("version", Id, ForeignKey("version.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("author", String(255), nullable=False, index=True),
    Column("group", Text, nullable=False, default=""),
    Column("title", Text, nullable=False),
    Column("about", Text, nullable=False, default=""),
    Column("tags", Text, nullable=False, default="[]"),  # JSON
    Column("words", Text, nullable=False, default=""),  # all that is searched, case folded
    Column("published", Float, nullable=False),
    sqlite_autoincrement=True,
)

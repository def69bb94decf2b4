"""Bring a database's tables to the version that this code expects."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from . import class_schema as class_schema  # its tables are part of the metadata
from . import gallery_schema as gallery_schema
from . import inbox_schema as inbox_schema
from . import schema


class NewerDatabaseError(RuntimeError):
    """The database was written by a newer version of Cygnet."""


def configuration() -> Config:
    """Where alembic finds the steps."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def is_current(connection: Connection) -> bool:
    """Whether the tables are those that this code expects."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


def upgrade(engine: Engine) -> None:
    """Make the tables, or bring them up to date, in one transaction. Blocks.

    Raises:
        NewerDatabaseError: this code is older than the database; nothing was touched.
    """
    config = configuration()
    scripts = ScriptDirectory.from_config(config)
    with engine.connect().execution_options(cygnet_write=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        current = MigrationContext.configure(connection).get_current_revision()
        if current is None and not engine.dialect.has_table(connection, "node"):
            schema.metadata.create_all(connection)  # what the steps together make; a test compares them
            command.stamp(config, "head")
        elif current is not None and current not in {step.revision for step in scripts.walk_revisions()}:
            raise NewerDatabaseError(
                "The database was written by a newer version of Cygnet; use that version."
            )
        elif current != scripts.get_current_head():
            command.upgrade(config, "head")

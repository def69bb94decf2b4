"""The steps of the migrations make the tables that the code expects."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Table, create_engine, inspect, text

from cygnet_hub.services.sync.store.database import Database
from cygnet_hub.services.sync.store.schema import metadata
from cygnet_hub.services.sync.store.upgrade import NewerDatabaseError, configuration


def test_the_steps_together_make_the_tables_of_the_schema(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/steps.db")
    config = configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
        counting = {row.name for row in made if "AUTOINCREMENT" in row.sql}
        assert counting == {name for name, table in metadata.tables.items() if _counts(table)}
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def _counts(table: Table) -> bool:
    """Whether ids of the table are never used again."""
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def test_a_database_is_opened_twice(tmp_path: Path) -> None:
    for _ in range(2):
        Database.open(f"sqlite:///{tmp_path}/a.db").close()


def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    Database.open(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match="newer version"):
        Database.open(url)
    engine.dispose()

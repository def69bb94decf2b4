"""Run by alembic: apply the steps on the connection that `store/upgrade.py` opened."""

from __future__ import annotations

from alembic import context

from cygnet_hub.services.sync.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter most of a table: alembic copies it instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

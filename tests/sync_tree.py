"""Large trees, put into the database without their contents: it is the metadata that is measured."""

from __future__ import annotations

import time

from sqlalchemy import Connection, func, insert, select, update

from cygnet_hub.services.sync.store import spaces
from cygnet_hub.services.sync.store.database import Database
from cygnet_hub.services.sync.store.schema import manifest, node, space, version

SIZE = 1000
_BATCH = 20_000


def fill(database: Database, user: str, folders: dict[str, int], top: str = "") -> None:
    """Add folders to a person's tree, each with so many files that have etags and checksums.

    Args:
        top: name of a new folder that they go to; empty: the root.
    """
    above = database.write_now(lambda c: _add_folder(c, user, top)) if top else None
    for name, count in folders.items():
        folder = database.write_now(lambda c, n=name: _add_folder(c, user, n, above))  # type: ignore[misc]
        for start in range(0, count, _BATCH):
            numbers = range(start, min(start + _BATCH, count))
            database.write_now(lambda c, f=folder, n=numbers: _add_files(c, f, n))  # type: ignore[misc]


def _add_folder(connection: Connection, user: str, name: str, above: int | None = None) -> int:
    home = spaces.open_account(connection, user)
    values = _node(home.id, above or home.root, name) | {"folder": True, "size": 0}
    return int(connection.execute(insert(node).values(values).returning(node.c.id)).scalar_one())


def _node(space_id: int, parent: int, name: str) -> dict[str, object]:
    now = time.time()
    common = {"space": space_id, "parent": parent, "name": name, "name_key": name, "folder": False}
    return common | {"size": SIZE, "mtime": now, "created": now, "tree_seq": 1}


def _add_files(connection: Connection, folder: int, numbers: range) -> None:
    space_id = int(connection.execute(select(node.c.space).where(node.c.id == folder)).scalar_one())
    first_node, first_version, first_manifest = (
        int(connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1
        for table in (node, version, manifest)
    )
    turns = list(enumerate(numbers))
    connection.execute(insert(manifest), [_sums(first_manifest + i, number) for i, number in turns])
    connection.execute(
        insert(node),
        [
            _node(space_id, folder, f"file-{number:07}.txt")
            | {"id": first_node + i, "version": first_version + i}
            for i, number in turns
        ],
    )
    connection.execute(
        insert(version), [_version(first_version + i, first_node + i, first_manifest + i) for i, _ in turns]
    )
    added = SIZE * len(turns)
    root = select(space.c.root).where(space.c.id == space_id).scalar_subquery()
    above = node.c.id.in_([folder]) | (node.c.id == root)
    connection.execute(update(node).where(above).values(size=node.c.size + added))
    connection.execute(update(space).where(space.c.id == space_id).values(stored=space.c.stored + added))


def _sums(identifier: int, number: int) -> dict[str, object]:
    return {"id": identifier, "size": SIZE, "sha256": f"{number:064x}", "sha1": f"{number:040x}",
            "md5": f"{number:032x}", "adler32": f"{number:08x}"}  # fmt: skip


def _version(identifier: int, node_id: int, manifest_id: int) -> dict[str, object]:
    now = time.time()
    return {"id": identifier, "node": node_id, "manifest": manifest_id, "size": SIZE, "mtime": now,
            "created": now, "author": "ada"}  # fmt: skip

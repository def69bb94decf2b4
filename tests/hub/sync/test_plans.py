"""No request looks at all of a large table: what SQLite is asked, it finds by an index."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from cygnet_hub.services.sync.store import journal
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer, sync_server
from tests.sync_tree import fill

#: Tables that grow with what people store and do.
_LARGE = "node|version|manifest|manifest_piece|extent|journal|prop|favorite"
_SCAN = re.compile(rf"SCAN ({_LARGE})\b")
#: All nodes of a space are as many as all nodes.
_WHOLE_SPACE = re.compile(r"SEARCH node USING (COVERING )?INDEX ix_node_space_name \(space=\?\)$")

LOCK = (
    '<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    "<d:locktype><d:write/></d:locktype></d:lockinfo>"
)
LOCKS = '<d:propfind xmlns:d="DAV:"><d:prop><d:lockdiscovery/><d:quota-used-bytes/></d:prop></d:propfind>'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """A service whose tree has something to find."""
    with sync_server(tmp_path_factory.mktemp("plans")) as running:
        Dav(running, "ada").put("/f", "1")
        fill(running.services.database, "ada", {"many": 2000})
        yield running


@pytest.fixture
def asked(server: SyncServer) -> Iterator[set[str]]:
    """Every statement that the database is given, with its values."""
    found: set[str] = set()

    def trace(connection: Any, *_rest: object) -> None:
        connection.set_trace_callback(found.add)

    event.listen(server.services.database.engine, "checkout", trace)
    yield found
    event.remove(server.services.database.engine, "checkout", trace)


def put(dav: Dav) -> None:
    dav.put("/new", "1")
    dav.put("/new", "2")


def look(dav: Dav) -> None:
    dav.list("/", depth="0")
    dav.list("/many")
    dav("PROPFIND", "/many", LOCKS, Depth="1")


def read(dav: Dav) -> None:
    dav.get("/f")


def rename(dav: Dav) -> None:
    dav("MOVE", "/many", Destination=dav.url("/other"))
    dav("MOVE", "/other", Destination=dav.url("/many"))


def remove(dav: Dav) -> None:
    dav("MKCOL", "/old")
    dav("DELETE", "/old")


def lock(dav: Dav) -> None:
    token = dav("LOCK", "/f", LOCK).headers["Lock-Token"]
    dav("UNLOCK", "/f", Lock_Token=token)


def poll(dav: Dav) -> None:
    api = Api(dav.server, "ada")
    cursor = api("GET", "changes")["cursor"]
    api("GET", f"changes?cursor={cursor}&wait=0")


def batch(dav: Dav) -> None:
    api = Api(dav.server, "ada")
    api("GET", "files?path=/many")


@pytest.mark.parametrize("request_", [put, look, read, rename, remove, lock, poll, batch])
def test_what_a_request_asks_is_found_by_an_index(
    server: SyncServer, asked: set[str], request_: Callable[[Dav], None]
) -> None:
    request_(Dav(server, "ada"))
    assert any("node" in text for text in asked)
    assert slow(server.data, asked) == []


async def test_what_the_reader_of_the_journal_asks_is_found_by_an_index(
    server: SyncServer, asked: set[str]
) -> None:
    await server.services.database.read(lambda connection: journal.touched(connection, 7))
    assert any("journal" in text for text in asked)
    assert slow(server.data, asked) == []


def slow(data: Path, asked: set[str]) -> list[tuple[str, str]]:
    """Statements with the steps of their plans that look at everything."""
    with sqlite3.connect(data / "sync.db") as connection:
        connection.create_function("lower", 1, str, deterministic=True)
        return [
            (step, text)
            for text in sorted(asked)
            if text.split()[0] in ("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")
            for _, _, _, step in connection.execute(f"EXPLAIN QUERY PLAN {text}")
            if _SCAN.match(step) or _WHOLE_SPACE.match(step)
        ]

"""A file that was opened a moment ago is opened without a look, and yet nothing old is ever shown."""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from cygnet_hub.services.sync.model.errors import CygnetError
from cygnet_hub.services.sync.model.principal import Principal
from cygnet_hub.services.sync.model.settings import Settings
from cygnet_hub.services.sync.service.services import Services
from cygnet_hub.services.sync.service.tree import Tree
from cygnet_hub.services.sync.store.database import Database
from cygnet_hub.services.sync.store.schema import credential
from tests.hub.sync.api import Api
from tests.hub.sync.dav import Dav
from tests.sync_server import GROUPS, PEOPLE, MemoryDirectory, SyncServer, sync_server

ADA = Principal("user", "ada")
PATHS = ("/a", "/b", "/d/a", "/d/b")
PATH = st.sampled_from(PATHS)
CHANGE = st.one_of(
    st.tuples(st.just("put"), PATH, st.binary(min_size=1, max_size=3)),
    st.tuples(st.just("move"), PATH, PATH),
    st.tuples(st.just("delete"), st.sampled_from([*PATHS, "/d"]), st.none()),
    st.tuples(st.just("make_folder"), st.just("/d"), st.none()),
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SyncServer]:
    with sync_server(tmp_path) as running:
        yield running


@pytest.fixture
def ada(server: SyncServer) -> Dav:
    dav = Dav(server, "ada")
    assert dav.put("/file", "first").status == 201
    for _ in range(2):
        assert dav.get("/file") == b"first"
    return dav


@pytest.fixture
def looks(server: SyncServer, ada: Dav, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows with each look at the tree."""
    found: list[object] = []
    database = server.services.database
    look = database.look

    def counted(run: Any) -> Any:
        found.append(run)
        return look(run)

    monkeypatch.setattr(database, "look", counted)
    return found


def test_a_file_is_looked_up_once(ada: Dav, looks: list[object]) -> None:
    for start in (0, 1, 2):
        answer = ada("GET", "/file", Range=f"bytes={start}-{start}")
        assert (answer.status, answer.body) == (206, b"first"[start : start + 1])
    assert looks == []


def test_what_changes_is_seen_at_once(server: SyncServer, ada: Dav) -> None:
    etag = ada.etag("/file")
    assert ada.put("/file", "second").status == 204
    assert ada.get("/file") == b"second"
    assert ada("GET", "/file").etag != etag
    assert ada("DELETE", "/file").status == 204
    assert ada("GET", "/file").status == 404


def test_what_another_process_changes_is_seen_at_once(
    server: SyncServer, ada: Dav, looks: list[object]
) -> None:
    other = Database.open(server.services.settings.database_url)
    try:
        tree = Tree(other, server.services.disk, server.services.tree.instance)
        asyncio.run(tree.move(ADA, "/file", "/moved"))
    finally:
        other.close()
    assert ada("GET", "/file").status == 404
    assert ada.get("/moved") == b"first"
    assert looks


def test_a_revoked_password_opens_nothing(server: SyncServer, ada: Dav) -> None:
    # As another process does it, in which nothing is remembered of this one.
    server.services.database.write_now(
        lambda connection: connection.execute(delete(credential).where(credential.c.user == "ada"))
    )
    assert ada("GET", "/file").status == 401


def test_a_credential_that_is_over_opens_nothing(server: SyncServer, ada: Dav) -> None:
    credentials, now = server.services.credentials, [1e9]
    credentials._clock = lambda: now[0]

    async def over() -> tuple[object, object]:
        issued = await credentials.add_server("ada", "", 0.5)
        await credentials.principal(issued.secret)
        before = await credentials.lately(issued.secret)
        now[0] += 0.6
        return before, await credentials.lately(issued.secret)

    before, after = asyncio.run_coroutine_threadsafe(over(), server.loop).result(60)
    assert before is not None
    assert after is None


def test_what_others_share_is_looked_up_each_time(server: SyncServer, ada: Dav, looks: list[object]) -> None:
    share = Api(server, "ada").share("/file", "bob")
    Api(server, "bob")("POST", f"shares/{share['id']}/accept")
    bob = Dav(server, "bob")
    for _ in range(3):
        assert bob.get("/Shares/file") == b"first"
    assert len(looks) >= 3


def test_where_nobody_can_say_what_is_in_memory_nothing_is_read_in_the_loop(
    ada: Dav, looks: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: object) -> int:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "preadv", unable)
    for _ in range(3):
        assert ada.get("/file") == b"first"
    assert len(looks) >= 2


@settings(max_examples=25, deadline=None)
@given(st.lists(CHANGE, min_size=1, max_size=12))
def test_whatever_happens_it_is_what_a_look_shows(changes: list[tuple[str, str, Any]]) -> None:
    with tempfile.TemporaryDirectory(prefix="cygnet-recent-") as data:
        services = Services.open(
            Settings.in_folder(Path(data), "http://127.0.0.1/"), MemoryDirectory(PEOPLE, GROUPS)
        )
        try:
            asyncio.run(_compared(services, changes))
        finally:
            services.close()


async def _compared(services: Services, changes: list[tuple[str, str, Any]]) -> None:
    tree = services.tree
    await tree.open_account("ada")
    for kind, path, more in changes:
        try:
            if kind == "put":
                incoming = tree.incoming()
                await incoming.write(more)
                await tree.put(ADA, path, await incoming.finish())
            elif kind == "move":
                await tree.move(ADA, path, more, overwrite=True)
            else:
                await getattr(tree, kind)(ADA, path)
        except CygnetError:
            pass  # a change that is refused may still have to be forgotten
        fresh = Tree(services.database, services.disk, tree.instance)
        for one in PATHS * 2:
            assert await _shown(tree, one) == await _shown(fresh, one)


async def _shown(tree: Tree, path: str) -> object:
    try:
        file = await tree.open(replace(ADA, trail=[]), path)
        return file.node, b"".join([block async for block in file.read()])
    except CygnetError as error:
        return type(error)

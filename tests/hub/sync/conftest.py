"""One running service for each module of tests; each test works in a folder or account of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.sync.api import CLIENTS, Api
from tests.hub.sync.dav import Dav
from tests.sync_server import SyncServer, sync_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncServer]:
    """The service, for all tests of a module."""
    folder: Path = tmp_path_factory.mktemp("sync")
    with sync_server(folder) as running:
        yield running


@pytest.fixture(scope="module")
def ada(server: SyncServer) -> Dav:
    """Ada's files."""
    return Dav(server, "ada")


@pytest.fixture(scope="module")
def teacher(server: SyncServer) -> Api:
    """The JSON API as a teacher calls it."""
    return Api(server, "teacher")


@pytest.fixture(scope="module")
def student(server: SyncServer) -> Api:
    """The JSON API as a student calls it."""
    return Api(server, "student")


@pytest.fixture(scope="module")
def bob(server: SyncServer) -> Api:
    """The JSON API as somebody else calls it."""
    return Api(server, "bob")


@pytest.fixture(scope="module", autouse=True)
def close_clients() -> Iterator[None]:
    """Close what `api.client` opened."""
    yield
    while CLIENTS:
        CLIENTS.pop().close()

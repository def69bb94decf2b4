"""The real sync service, and `cygnet://` on it."""

import itertools

import pytest

from cygnet_fs_bridge.filesystem import CygnetFileSystem
from tests.sync_server import sync_server

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server():
    with sync_server() as running:
        yield running


@pytest.fixture(scope="module")
def fs(server):
    return CygnetFileSystem(
        url=server.url, user="ada", password=server.app_password("ada"), skip_instance_cache=True
    )


@pytest.fixture
def folder(fs):
    """A new folder in ada's tree."""
    path = f"/work-{next(_numbers)}"
    fs.mkdir(path)
    return path
